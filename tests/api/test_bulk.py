"""Many items at once: good ones are stored, bad ones named, those of unknown accounts wait until the id is linked."""

import datetime as dt
import gzip
import json
import random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events import services as events
from accounts.facts.models import AccountFacts
from accounts.facts.services import FactDraft, define
from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion.models import QuarantinedItem, SourceCount
from accounts.portfolio import services as portfolio
from accounts.workspace import services as workspace
from tests.api.bulk import KINDS, MODELS, item, rows, send
from tests.api.conftest import problems
from tests.factories.accounts import AT, AccountFactory, StakeholderFactory

SLACK = {"sqlite": 45, "postgresql": 8}
"""Statements more for 500 rows than for one: SQLite takes fewer values a statement."""


@pytest.fixture(autouse=True)
def helpdesk(northwind):
    source = workspace.connect_source(key="helpdesk", kind="support", by=None, at=AT)
    identity.link(northwind, source=source, value="acct-42", by=None, at=now())
    for key, kind in (("power_users", "number"), ("plan_score", "number"), ("tier_name", "text")):
        define(FactDraft(key, key.replace("_", " "), kind, "For the tests."), by=None, at=now())
    return source


@pytest.mark.parametrize("kind", KINDS)
def test_items_are_stored_once_however_often_they_come(api, kind, helpdesk):
    assert send(api, kind, item(kind)) == {"stored": 1, "unchanged": 0, "quarantined": [], "refused": []}
    before = rows(kind)
    assert send(api, kind, item(kind), item(kind)) == {"stored": 0, "unchanged": 2, "quarantined": [], "refused": []}
    assert rows(kind) == before
    counted = SourceCount.objects.get(source=helpdesk)
    assert (counted.accepted, counted.repeated, counted.quarantined) == (1, 2, 0)
    helpdesk.refresh_from_db()
    assert helpdesk.last_delivery_at > now() - dt.timedelta(minutes=1)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded"])
def test_a_request_without_a_body_is_refused(api, kind, content_type):
    path = f"/api/v1/{kind}/bulk/"
    response = api.client.generic("POST", path, b"", content_type=content_type, headers=api.headers)
    problems(response, 400)
    assert response.json()["code"] == "parse_error"


@pytest.mark.parametrize("kind", KINDS)
def test_an_item_may_name_its_account_by_our_key(api, kind, northwind):
    assert send(api, kind, item(kind, account="northwind-traders"))["stored"] == 1
    if kind != "facts":
        assert MODELS[kind].objects.get().account == northwind


@pytest.mark.parametrize("kind", KINDS)
def test_bad_items_are_named_and_cost_the_others_nothing(api, kind):
    nobody = item(kind, 2, account="nobody")
    twice = {**item(kind, 3), "account": "northwind-traders"}
    odd = {**item(kind, 4), "colour": "red"}
    answer = send(api, kind, "no item", item(kind), nobody, twice, odd, 7, None)
    assert (answer["stored"], answer["unchanged"]) == (1, 0)
    found = {one["index"]: [error["field"] for error in one["errors"]] for one in answer["refused"]}
    assert found == {0: [""], 2: ["account"], 3: ["account"], 4: ["colour"], 5: [""], 6: [""]}


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("tickets", {"severity": 9}, "severity"),
        ("tickets", {"updated_at": "2026-01-14T09:00:00Z"}, "updated_at"),
        ("tickets", {"requester": 2**62}, "requester"),
        ("invoices", {"currency": "JPY"}, "currency"),
        ("invoices", {"due_on": "2025-01-01"}, "due_on"),
        ("invoices", {"contract": "none"}, "contract"),
        ("touches", {"happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
        ("touches", {"happened_at": "1001-01-01T00:00:00Z"}, "happened_at"),
        ("touches", {"kind": "note", "is_two_way": True}, "is_two_way"),
        ("touches", {"stakeholders": [2**62]}, "stakeholders.0"),
        ("survey-responses", {"kind": "csat", "score": 10}, "score"),
        ("facts", {"values": {"power_users": "many"}}, "values.power_users"),
        ("facts", {"values": {"unheard_of": 1}}, "values.unheard_of"),
        ("facts", {"values": {}}, "values"),
    ],
)
@pytest.mark.parametrize("account_id", ["acct-42", "acct-99"])
def test_what_cannot_be_is_refused_with_its_field(api, kind, values, field, account_id):
    answer = send(api, kind, item(kind, 1, account_id=account_id, **values))
    assert [error["field"] for error in answer["refused"][0]["errors"]] == [field]
    assert not QuarantinedItem.objects.exists()


def test_somebody_of_another_account_is_no_requester(api):
    stranger = StakeholderFactory(account=AccountFactory())
    answer = send(api, "tickets", item("tickets", requester=stranger.pk))
    assert answer["refused"][0]["errors"][0]["field"] == "requester"


@pytest.mark.parametrize("kind", KINDS)
def test_items_of_an_unknown_account_wait_and_are_stored_when_its_id_is_linked(api, kind, helpdesk):
    answer = send(api, kind, item(kind, 1, account_id="acct-99"), item(kind, 2))
    assert answer["quarantined"] == [{"index": 0, "account_id": "acct-99"}]
    assert answer["stored"] == 1
    assert send(api, kind, item(kind, 1, account_id="acct-99"))["quarantined"]
    waiting = QuarantinedItem.objects.get()
    assert (waiting.group_value, waiting.reason) == ("acct-99", "unknown_account")
    assert waiting.kind != "signal"

    contoso = portfolio.create(name="Contoso", by=None, at=now())
    identity.link(contoso, source=helpdesk, value="acct-99", by=None, at=now())
    while events.react(at=now()):
        pass
    assert not QuarantinedItem.objects.exists()
    if kind == "facts":
        assert AccountFacts.objects.get(account=contoso).custom["power_users"] == 12
    else:
        assert MODELS[kind].objects.get(account=contoso).external_id == "n-1"
    counted = SourceCount.objects.get(source=helpdesk)
    assert (counted.accepted, counted.repeated, counted.quarantined) == (2, 1, 0)


def test_what_waited_is_older_than_what_comes_now(api, helpdesk):
    send(api, "invoices", item("invoices", account_id="acct-99", number="first"))
    contoso = portfolio.create(name="Contoso", by=None, at=now())
    identity.link(contoso, source=helpdesk, value="acct-99", by=None, at=now())
    send(api, "invoices", item("invoices", account_id="acct-99", number="second"))
    while events.react(at=now()):
        pass
    assert MODELS["invoices"].objects.get().number == "second"


def test_a_waiting_item_that_cannot_be_stored_stays_with_its_reason(api, helpdesk, northwind):
    person = StakeholderFactory(account=northwind)
    send(api, "tickets", item("tickets", account_id="acct-99", requester=person.pk))
    contoso = portfolio.create(name="Contoso", by=None, at=now())
    identity.link(contoso, source=helpdesk, value="acct-99", by=None, at=now())
    while events.react(at=now()):
        pass
    waiting = QuarantinedItem.objects.get()
    assert (waiting.reason, waiting.detail) == ("refused", "requester: This is no stakeholder of the account.")


@pytest.mark.parametrize("kind", KINDS)
def test_any_order_and_repetition_ends_in_the_same_rows(api, kind):
    """Updates of one ticket too: their own clock orders them. Other kinds say one thing once."""
    items = [item(kind, number) for number in range(1, 8)]
    if kind == "facts":
        items = [item(kind, values={key: value}) for key, value in (("power_users", 1), ("tier_name", "Gold"))]
    if kind == "tickets":
        states = ["open", "solved", "pending", "solved", "closed"]
        times = [f"2026-01-{16 + day}T09:00:00Z" for day in range(len(states))]
        items += [item(kind, 1, state=state, updated_at=at) for state, at in zip(states, times, strict=True)]
    send(api, kind, *items)
    expected = rows(kind)
    chance = random.Random(7)  # noqa: S311
    for _ in range(12):
        if kind == "facts":
            AccountFacts.objects.all().delete()
        else:
            MODELS[kind].objects.all().delete()
        told = items + chance.choices(items, k=6)
        chance.shuffle(told)
        cut = chance.randrange(1, len(told))
        send(api, kind, *told[:cut])
        send(api, kind, *told[cut:])
        assert rows(kind) == expected


@pytest.mark.parametrize("kind", KINDS)
def test_five_hundred_items_cost_a_few_statements_more_than_one(api, kind, helpdesk):
    others = [portfolio.create(name=f"Company {number}", by=None, at=now()) for number in range(10)]
    for number, account in enumerate(others):
        identity.link(account, source=helpdesk, value=f"c-{number}", by=None, at=now())
    send(api, kind, item(kind, 10_000))
    counts = []
    for size, start in ((1, 1), (500, 1_000)):
        items = [
            item(kind, start + number, account_id=f"c-{number % 10}", **_apart(kind, start + number))
            for number in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert send(api, kind, *items)["refused"] == []
        counts.append(len(queries))
    assert counts[1] - counts[0] <= SLACK[connection.vendor], counts


def _apart(kind, number):
    return {"values": {"power_users": number}} if kind == "facts" else {}


def test_whoever_sees_no_account_stores_nothing_for_it(as_user, carla):
    answer = send(as_user(carla), "tickets", item("tickets"), item("tickets", 2, account="northwind-traders"))
    assert answer["stored"] == 0
    assert [one["errors"][0]["field"] for one in answer["refused"]] == ["account_id", "account"]


def test_a_row_of_an_account_out_of_sight_is_not_taken_over(api, as_user, carla):
    send(api, "tickets", item("tickets"))
    mine = AccountFactory()
    portfolio.assign(mine, part="csm", user=carla, by=None, at=now())
    answer = send(as_user(carla), "tickets", item("tickets", account=mine.key))
    assert answer["refused"][0]["errors"][0]["field"] == "external_id"


@pytest.mark.parametrize("kind", KINDS)
def test_only_keys_that_may_write_get_in(with_key, anonymous, kind):
    body = {"source": "helpdesk", "items": [item(kind)]}
    assert with_key("read").post(f"{kind}/bulk/", body).status_code == 403
    assert anonymous.post(f"{kind}/bulk/", body).status_code in (401, 403)
    assert with_key("read").get(f"{kind}/bulk/").status_code in (403, 405)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"source": "helpdesk"}, 400),
        ({"items": []}, 400),
        ({"source": "nobody", "items": []}, 400),
        ({"source": "helpdesk", "items": [], "more": 1}, 400),
        ({"source": "helpdesk", "items": {}}, 400),
        ([], 400),
        ("no json", 400),
        (b"\xff", 400),
        ('{"source": "helpdesk", "items": [', 400),
        ({"source": "helpdesk", "items": [0] * 1001}, 400),
        ({"source": "helpdesk", "items": ["x" * (4 * 2**20)]}, 413),
    ],
)
def test_a_body_in_which_nothing_can_be_read_is_refused(api, body, status):
    problems_of = api.post("tickets/bulk/", body)
    assert problems_of.status_code == status, problems_of.content
    assert problems_of.headers["Content-Type"] == "application/problem+json"


def test_the_answer_says_which_sources_there_are(api):
    assert "helpdesk" in problems(api.post("tickets/bulk/", {"source": "nobody", "items": []}))["source"]


def test_an_empty_request_is_answered(api):
    assert send(api, "tickets") == {"stored": 0, "unchanged": 0, "quarantined": [], "refused": []}


@pytest.mark.parametrize(
    "odd",
    [
        '{"external_id": ' + "9" * 100_000 + "}",
        '{"severity": 1e999}',
        '{"severity": NaN}',
        "[" * 50_000 + "]" * 50_000,
        '{"external_id": "\\u0000", "account_id": "\\u0000"}',
        '{"external_id": "\\ud83d", "account_id": "acct-42"}',
        '{"opened_at": "0000-00-00T99:99:99Z", "account_id": "acct-42"}',
        '{"opened_at": "9999-12-31T23:59:59-23:59", "account_id": "acct-42"}',
        "1" * 100_000,
        '"' + "x" * 200_000 + '"',
    ],
)
def test_an_odd_item_costs_the_others_nothing(api, odd):
    body = f'{{"source": "helpdesk", "items": [{odd}, {json.dumps(item("tickets"))}]}}'
    if "NaN" in odd:
        assert api.post("tickets/bulk/", body).status_code == 400
        return
    response = api.post("tickets/bulk/", body)
    assert response.status_code == 200, response.content[:300]
    assert (response.json()["stored"], [one["index"] for one in response.json()["refused"]]) == (1, [0])


def test_tickets_may_come_packed(api):
    body = gzip.compress(json.dumps({"source": "helpdesk", "items": [item("tickets")]}).encode())
    assert api.send("POST", "tickets/bulk/", body).json()["stored"] == 1
