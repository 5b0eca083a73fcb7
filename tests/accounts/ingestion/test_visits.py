"""Visits: what somebody did before we knew them is held, and becomes their account's once it is known whose it is."""

import datetime as dt
import random
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion import jobs
from accounts.ingestion.models import QuarantinedItem, SignalEvent, SourceCount, Visit, Visitor
from accounts.portfolio.events import kinds
from accounts.portfolio.models import Account, AccountEvent
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, identify, page, track
from tests.accounts.ingestion.folded import forget, state, usage_of

Deliver = Any
HOUR = dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
ANON = {"anonymousId": "anon-1"}


def attached() -> list[dict[str, Any]]:
    return list(AccountEvent.objects.filter(kind="visits.attached").values_list("data", flat=True))


def test_what_a_visitor_does_is_held_and_no_error(northwind: Account, deliver: Deliver) -> None:
    deliver(page(**ANON, path="/pricing?coupon=x#top"), track(None, "Demo Asked", **ANON))
    held = Visit.objects.order_by("type").values_list("type", "anonymous", "name", "path")
    assert list(held) == [("page", "anon-1", "", "/pricing"), ("track", "anon-1", "Demo Asked", "")]
    assert not QuarantinedItem.objects.exists()
    assert not SignalEvent.objects.exists()


@pytest.mark.parametrize(
    ("item", "path"),
    [
        (page(**ANON), "/pricing"),
        (page(**ANON) | {"properties": {"url": "https://x.example/Docs/a%20b?email=a@b.c"}}, "/Docs/a%20b"),
        (page(**ANON) | {"properties": {}, "context": {"page": {"path": "/trust"}}}, "/trust"),
        (page(**ANON) | {"properties": None}, ""),
        (page(**ANON) | {"properties": [1]}, ""),
        (page(**ANON) | {"properties": {"path": 7, "url": "http://["}}, ""),
        (page(**ANON) | {"properties": {"path": "/" + "p" * 900}}, "/" + "p" * 299),
    ],
)
def test_of_a_page_only_its_path_is_kept(northwind: Account, deliver: Deliver, item: dict[str, Any], path: str) -> None:
    deliver(item)
    assert Visit.objects.get().path == path


@pytest.mark.parametrize(
    "who",
    [identify(**ANON), {"type": "alias", "previousId": "anon-1", "userId": "ada"}, track(**ANON)],
    ids=["identify", "alias", "any call with both"],
)
def test_visits_are_attached_when_the_visitor_is_identified(
    northwind: Account, deliver: Deliver, who: dict[str, Any]
) -> None:
    deliver(page(**ANON), track(None, "Demo Asked", **ANON), page(anonymousId="somebody-else"))
    deliver(group())
    assert Visit.objects.count() == 3
    deliver(who)
    assert list(Visit.objects.values_list("anonymous", flat=True)) == ["somebody-else"]
    theirs = SignalEvent.objects.filter(account=northwind, product_user__external_id="ada")
    assert {("page", ""), ("track", "Demo Asked")} <= set(theirs.values_list("type", "name"))
    assert usage_of(northwind).active_users[30] == 1
    [told] = attached()
    assert told["visits"] == 2


def test_the_timeline_says_what_the_pages_were_about(northwind: Account, deliver: Deliver) -> None:
    deliver(*(page(**ANON, path=path) for path in ("/pricing", "/pricing/teams", "/blog")), group())
    deliver(identify(**ANON))
    told = AccountEvent.objects.get(kind="visits.attached")
    assert told.data["intents"] == ["Pricing"]
    assert kinds["visits.attached"].sentence(told, {}).endswith("(pages: Pricing)")


def test_visits_are_attached_when_the_account_is_known_later(
    product: Source, northwind: Account, deliver: Deliver, pump: Any
) -> None:
    deliver(page(**ANON), identify(**ANON))
    deliver(group(account="acct-99"))
    assert Visit.objects.count() == 1
    identity.link(northwind, source=product, value="acct-99", by=None, at=now())
    pump()
    assert not Visit.objects.exists()
    assert SignalEvent.objects.filter(type="page", account=northwind).count() == 1


def test_all_of_it_may_come_in_one_request(northwind: Account, deliver: Deliver) -> None:
    deliver(page(**ANON), identify(**ANON), group(), page(**ANON, path="/security"))
    assert SignalEvent.objects.filter(type="page", account=northwind).count() == 2
    assert not Visit.objects.exists()
    assert [told["visits"] for told in attached()] == [1]


def test_a_visit_that_comes_late_finds_its_account(northwind: Account, deliver: Deliver) -> None:
    deliver(group(**ANON))
    deliver(page(**ANON, timestamp=(now() - DAY).isoformat()))
    assert SignalEvent.objects.get(type="page").account == northwind
    assert attached() == []


def test_a_page_of_a_user_without_an_account_is_held_too(northwind: Account, deliver: Deliver) -> None:
    deliver(page("ada"))
    assert Visit.objects.get().user_value == "ada"
    assert not QuarantinedItem.objects.exists()
    deliver(group())
    assert SignalEvent.objects.get(type="page").account == northwind


@pytest.mark.parametrize("again", [1, 3])
def test_a_visit_counts_once_however_often_it_comes(northwind: Account, deliver: Deliver, again: int) -> None:
    visits = [page(**ANON, messageId="p"), page(**ANON, messageId="q", path="/security")]
    for _ in range(again):
        deliver(*visits)
    assert Visit.objects.count() == 2
    deliver(group(**ANON, messageId="g"))
    before = state()
    for _ in range(again):
        deliver(*visits, group(**ANON, messageId="g"))
    assert state() == before
    assert not Visit.objects.exists()
    assert [told["visits"] for told in attached()] == [2]


def test_a_visitor_who_signs_in_as_another_user_is_that_user_from_then_on(
    northwind: Account, contoso: Account, deliver: Deliver
) -> None:
    deliver(group(), group("bob", "acct-7"), identify(**ANON, timestamp=(now() - HOUR).isoformat()))
    deliver(identify("bob", **ANON))
    deliver(page(**ANON))
    assert SignalEvent.objects.get(type="page").account == contoso
    assert Visitor.objects.get().product_user.external_id == "bob"


def test_a_churned_account_still_gets_its_signals(northwind: Account, deliver: Deliver) -> None:
    northwind.state = Account.State.CHURNED
    northwind.save()
    deliver(page(**ANON), group(**ANON), track())
    assert SignalEvent.objects.filter(account=northwind).count() == 3
    assert usage_of(northwind).active_users[30] == 1


def test_visits_are_forgotten_after_ninety_days(northwind: Account, deliver: Deliver) -> None:
    deliver(page(**ANON), page(anonymousId="fresh"))
    Visit.objects.filter(anonymous="anon-1").update(received_at=now() - 91 * DAY)
    assert jobs.forget() == 1
    assert Visit.objects.get().anonymous == "fresh"


def test_visits_are_counted_when_they_come_and_not_again_when_they_are_attached(
    northwind: Account, deliver: Deliver
) -> None:
    deliver(page(**ANON))
    deliver(group(**ANON))
    counted = SourceCount.objects.values_list("accepted", "repeated", "quarantined")
    assert [sum(column) for column in zip(*counted, strict=True)] == [2, 0, 0]


def test_how_visits_are_cut_and_mixed_does_not_matter(northwind: Account, contoso: Account, deliver: Deliver) -> None:
    at, rng = now(), random.Random(4)
    items = [group("ada", messageId="ga"), group("bob", "acct-7", messageId="gb")]
    items += [identify(user, anonymousId=f"anon-{user}", messageId=f"i-{user}") for user in ("ada", "bob")]
    for number in range(60):
        path = rng.choice(["/pricing", "/security/soc2", "/about", "/vs/others"])
        user = rng.choice(["ada", "bob"])
        who = rng.choice([{"userId": user}, {"anonymousId": f"anon-{user}"}])
        when = at - dt.timedelta(minutes=rng.randrange(2000))
        items.append({**page(path=path, timestamp=when.isoformat(), messageId=f"p-{number}"), **who})
    worlds = []
    for _ in range(3):
        rng.shuffle(items)
        rest = list(items)
        while rest:
            taken = rng.randint(1, 20)
            deliver(*rest[:taken])
            rest = rest[taken:]
        found = state()
        # An identify call that comes before the group call belongs to no account yet.
        worlds.append(found | {"events": [event for event in found["events"] if event[2] != "identify"]})
        forget()
    assert worlds[0] == worlds[1] == worlds[2]
    assert worlds[0]["visits"] == []
    assert worlds[0]["together"]
