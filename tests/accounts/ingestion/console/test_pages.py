"""The console of whoever integrates and operates: sources, quarantine, tracking plan."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.ingestion.models import EventName, Feature, Milestone, QuarantinedItem
from accounts.portfolio.models import Account
from accounts.team import keys
from accounts.team.models import ApiKey, User
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, track
from tests.cast import person, send

Deliver = Any
QUARANTINE = "/admin/accounts/quarantineditem/"
SOURCES = "/admin/accounts/source/"
PLAN = "/admin/accounts/feature/"
KEY = re.compile(r'<code id="write-key">(hf_[^<]+)</code>')


def page_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def console(olga: User) -> Client:
    return page_of(olga)


def text(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content
    return response.content.decode()


def test_a_source_and_its_key_are_one_form_and_the_key_works_at_once(console: Client, client: Client) -> None:
    made = console.post(f"{SOURCES}add/", {"name": "Web app", "kind": "product", "stale_after_hours": "24"})
    shown = text(made)
    key = KEY.findall(shown)[0]
    assert "Waiting for the first signal" in shown
    assert shown.count(key) == 5, "the key itself and one example per client"
    assert 'analytics.host = "http://testserver"' in shown
    send(client, key, [track(messageId="m")])
    source = Source.objects.get(name="Web app")
    assert source.stale_after_hours == 24
    again = text(console.get(f"{SOURCES}{source.pk}/change/"))
    assert key not in again
    assert "YOUR_WRITE_KEY" in again


def test_counts_follow_what_is_delivered(console: Client, product: Source, deliver: Deliver, northwind: Any) -> None:
    deliver(group(), track(messageId="a"), track("x", context={"groupId": "who"}, messageId="b"))
    deliver(track(messageId="a"))
    shown = re.sub(r"\s+", " ", text(console.get(f"{SOURCES}{product.pk}/live/")))
    for figure in ("Accepted</dt><dd>2", "Repeated</dt><dd>1", "1 linked", "1 id unknown", "Live", "Report Viewed"):
        assert figure in shown, figure
    assert "Northwind Traders" in shown


def test_latest_signals_are_those_of_accounts_that_one_sees(
    product: Source, deliver: Deliver, northwind: Account, east: Any
) -> None:
    deliver(group(), track(messageId="a"))
    blind = person("blind", role="operator", group=None)
    blind.role.grants.filter(area="accounts").update(reach="own")
    shown = text(page_of(blind).get(f"{SOURCES}{product.pk}/live/"))
    assert "Northwind Traders" not in shown
    assert "1 linked" in shown


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "required"),
        ({"name": "product"}, "There is a source called product"),
        ({"kind": "magic"}, "valid choice"),
        ({"stale_after_hours": "0"}, "greater than or equal"),
        ({"stale_after_hours": "soon"}, "whole number"),
        ({"name": "x" * 101}, "at most 100"),
    ],
)
def test_a_wrong_source_is_refused_beside_the_field(console: Client, product: Source, change: Any, says: str) -> None:
    form = {"name": "Web app", "kind": "product", "stale_after_hours": "24"} | change
    assert says in text(console.post(f"{SOURCES}add/", form), 400)
    assert Source.objects.count() == 1
    assert not ApiKey.objects.exists()


def test_a_new_key_may_end_the_earlier_ones_and_is_made_once(console: Client, product: Source, ingest_key: str) -> None:
    old = ApiKey.objects.get()
    form = {"only": "1", "newest": str(old.pk)}
    key = KEY.findall(text(console.post(f"{SOURCES}{product.pk}/key/", form)))[0]
    assert keys.identify(ingest_key, at=now()) is None
    assert keys.identify(key, at=now()) is not None
    assert console.post(f"{SOURCES}{product.pk}/key/", form).status_code == 302, "the same form, sent again"
    assert ApiKey.objects.count() == 2
    newest = ApiKey.objects.get(revoked_at=None)
    console.post(f"{SOURCES}{product.pk}/revoke/", {"key": newest.pk})
    assert keys.identify(key, at=now()) is None
    assert AuditEntry.objects.filter(verb="apikey.revoke").count() == 2


def test_a_source_is_edited_and_its_key_stays(console: Client, product: Source) -> None:
    form = {"name": "Our product", "kind": "product", "stale_after_hours": "12"}
    assert console.post(f"{SOURCES}{product.pk}/edit/", form).status_code == 302
    product.refresh_from_db()
    assert (product.key, product.name, product.stale_after_hours) == ("product", "Our product", 12)
    assert AuditEntry.objects.get(verb="source.change").before == {"name": "Product", "stale_after_hours": 72}


def test_the_quarantine_counts_groups_and_signals(console: Client, deliver: Deliver) -> None:
    deliver(*(track(f"u{n}", context={"groupId": f"acct-{n % 3}"}, messageId=f"m{n}") for n in range(7)))
    shown = text(console.get(QUARANTINE))
    assert re.search(r"3 unknown accounts <span[^>]*>\(7 items\)", shown)
    assert "track “Report Viewed” by u6" in shown
    assert "acct-2" in text(console.get(f"{QUARANTINE}?q=acct-2"))
    assert "Nothing waits that fits this filter" in text(console.get(f"{QUARANTINE}?q=zzz"))
    assert "Nothing waits that fits this filter" in text(console.get(f"{QUARANTINE}?source=crm"))


def test_a_group_is_created_with_what_its_calls_tell(console: Client, deliver: Deliver, pump: Any) -> None:
    deliver(group("u", "acct-1", traits={"name": "Acme", "employees": "250"}), track("u", messageId="t"))
    token = f"{Source.objects.get().pk}:acct-1"
    page = text(console.get(f"{QUARANTINE}group/?reason=unknown_account&group={token}"))
    assert 'value="Acme"' in page
    form = {"reason": "unknown_account", "group": token, "name": "Acme Ltd", "employees": "250"}
    assert console.post(f"{QUARANTINE}group/", form).status_code == 302
    pump()
    assert Account.objects.get().employees == 250
    assert not QuarantinedItem.objects.exists()


def test_a_group_is_matched_to_an_account_that_was_searched(
    console: Client, deliver: Deliver, northwind: Account, pump: Any
) -> None:
    deliver(track("u", context={"groupId": "acct-1"}))
    assert "Match to Northwind Traders" in text(console.get(f"{QUARANTINE}accounts/?account_search=north"))
    form = {"reason": "unknown_account", "group": f"{Source.objects.get().pk}:acct-1", "account": northwind.pk}
    assert console.post(f"{QUARANTINE}group/", form).status_code == 302
    pump()
    assert not QuarantinedItem.objects.exists()
    assert console.get(f"{QUARANTINE}group/?reason=unknown_account&group={form['group']}").status_code == 404


def test_all_are_planned_then_done_piece_by_piece(console: Client, deliver: Deliver, pump: Any) -> None:
    deliver(*(track(f"u{n}", context={"groupId": f"acct-{n:02}"}, messageId=f"m{n}") for n in range(25)))
    chosen = {"verb": "settle", "reason": "unknown_account"}
    plan = text(console.post(f"{QUARANTINE}plan/", chosen))
    assert "Create 25 accounts" in plan
    assert not Account.objects.exists()
    form = chosen | dict(re.findall(r'name="(upto|whole)" value="(\d+)"', plan))
    first = text(console.post(f"{QUARANTINE}work/", form, headers={"HX-Request": "true"}))
    assert "20 of 25" in first
    following = dict(re.findall(r'name="(\w+)" value="([^"]*)"', first))
    last = text(console.post(f"{QUARANTINE}work/", following, headers={"HX-Request": "true"}))
    assert "25 accounts created" in last
    pump()
    assert Account.objects.count() == 25
    assert not QuarantinedItem.objects.exists()


def test_choosing_none_plans_nothing(console: Client, deliver: Deliver) -> None:
    deliver(track("u", context={"groupId": "acct-1"}))
    plan = text(console.post(f"{QUARANTINE}plan/", {"verb": "settle", "reason": "unknown_account", "only": "chosen"}))
    assert "Nothing is left to do" in plan


def test_discarding_asks_why_and_offers_the_download(console: Client, deliver: Deliver) -> None:
    deliver({"type": "track"})
    chosen = {"verb": "discard", "reason": "malformed"}
    assert "Download them first" in text(console.post(f"{QUARANTINE}plan/", chosen))
    lines = b"".join(console.get(f"{QUARANTINE}download/?reason=malformed").streaming_content)  # type: ignore[attr-defined]
    assert lines == b'{"type": "track"}\n'
    assert "Say in a sentence" in text(console.post(f"{QUARANTINE}work/", chosen), 400)
    assert "1 item discarded" in text(console.post(f"{QUARANTINE}work/", chosen | {"because": "A test."}))
    assert not QuarantinedItem.objects.exists()


def test_an_item_reads_as_a_sentence_and_as_it_came(console: Client, deliver: Deliver) -> None:
    deliver(track("u", context={"groupId": "acct-1"}), {"type": "track", "userId": "<b>x</b>"}, "\ud83d")
    for item in QuarantinedItem.objects.all():
        shown = text(console.get(f"{QUARANTINE}{item.pk}/change/"))
        assert "As it came" in shown
        assert "<b>x" not in shown
    assert console.post(f"{QUARANTINE}{item.pk}/replay/").status_code == 302


@pytest.mark.parametrize(
    "query", ["?page=x", "?page=99", "?reason=why", "?q=%00", "?source=%00x", "?group=1:2", "?upto=-"]
)
def test_an_odd_address_of_the_quarantine_is_no_error(console: Client, deliver: Deliver, query: str) -> None:
    deliver(track("u", context={"groupId": "acct-1"}))
    assert console.get(QUARANTINE + query).status_code == 200
    assert console.get(PLAN + query).status_code == 200


def test_who_may_not_change_signals_reads_at_most(deliver: Deliver, amelia: User, product: Source) -> None:
    deliver(track("u", context={"groupId": "acct-1"}))
    client = page_of(amelia)
    assert client.get(QUARANTINE).status_code == 403
    assert client.get(f"{QUARANTINE}left/").status_code == 403
    assert client.get(f"{QUARANTINE}download/?reason=malformed").status_code == 403
    assert client.get(f"{SOURCES}{product.pk}/live/").status_code == 404
    for path in (f"{QUARANTINE}plan/", f"{QUARANTINE}work/", f"{SOURCES}{product.pk}/key/", f"{PLAN}map/"):
        assert client.post(path, {"verb": "settle", "reason": "unknown_account"}).status_code == 404, path
    assert not Account.objects.exists()


@pytest.mark.parametrize("path", [QUARANTINE, SOURCES, PLAN])
def test_ten_or_forty_rows_cost_the_same_queries(console: Client, deliver: Deliver, path: str) -> None:
    counts = []
    for start, end in ((0, 10), (10, 40)):
        for number in range(start, end):
            Source.objects.create(key=f"s{number}", name=f"S{number}")
        calls = [track(f"u{n}", f"Event {n}", context={"groupId": f"acct-{n}"}, messageId=f"m{n}") for n in range(end)]
        deliver(*calls, *(group(f"v{n}", "acct-42", messageId=f"g{n}") for n in range(end)))
        console.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert console.get(path).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 30


def test_an_unmapped_name_is_mapped_in_one_step(console: Client, northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Odd Thing", messageId="a"), track(event="Other Thing", messageId="b"))
    assert "Odd Thing" in text(console.get(PLAN))
    form = {"name": "Odd Thing", "to": "feature:reports"}
    assert "is a use of Reports" in text(console.post(f"{PLAN}map/", form, headers={"HX-Request": "true"}))
    assert "Odd Thing" in Feature.objects.get(key="reports").events
    console.post(f"{PLAN}map/", {"name": "Other Thing", "to": "ignore"})
    assert EventName.objects.get(name="Other Thing").is_ignored
    shown = text(console.get(PLAN))
    assert "0 names that mean nothing yet" in shown
    console.post(f"{PLAN}notice/", {"name": "Other Thing"})
    assert "1 name that means nothing yet" in text(console.get(PLAN))


@pytest.mark.parametrize("to", ["", "feature:none", "feature:\x00", "milestone:none", "new:huge", "new:", "x" * 500])
def test_a_name_is_not_mapped_to_what_does_not_exist(
    console: Client, deliver: Deliver, northwind: Any, to: str
) -> None:
    deliver(group(), track(event="Odd Thing"))
    answer = text(console.post(f"{PLAN}map/", {"name": "Odd Thing", "to": to}, headers={"HX-Request": "true"}))
    assert 'role="alert"' in answer
    assert "Odd Thing" in text(console.get(PLAN))


def test_entries_of_the_plan_are_added_changed_and_removed(console: Client) -> None:
    form = {"name": "Boards", "tier": "advanced", "events": "Board Opened\n\n Board Shared \nBoard Opened"}
    assert console.post(f"{PLAN}feature/new/", form).status_code == 302
    boards = Feature.objects.get(key="boards")
    assert boards.events == ["Board Opened", "Board Shared"]
    taken = text(console.post(f"{PLAN}feature/new/", form | {"name": "More boards"}), 400)
    assert "Board Opened is a use of Boards already" in taken
    assert console.post(f"{PLAN}feature/{boards.pk}/", form | {"tier": "core"}).status_code == 302
    assert console.post(f"{PLAN}milestone/new/", {"name": "Live", "events": "Went Live"}).status_code == 302
    assert "begins with /" in text(console.post(f"{PLAN}intent/new/", {"name": "Prices", "paths": "pricing"}), 400)
    assert console.post(f"{PLAN}feature/{boards.pk}/remove/").status_code == 302
    assert not Feature.objects.filter(key="boards").exists()
    verbs = set(AuditEntry.objects.values_list("verb", flat=True))
    assert {"feature.define", "feature.change", "feature.remove", "milestone.define"} <= verbs


def test_a_milestone_that_was_reached_is_not_removed(console: Client, northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Campaign Launched"))
    reached = Milestone.objects.get(key="first_value")
    response = console.post(f"{PLAN}milestone/{reached.pk}/remove/", follow=True)
    assert "stays in their history" in text(response)
    assert Milestone.objects.filter(key="first_value").exists()
