"""Where accounts stand with their milestones, on either side of each border, and that it stays so."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.contracts import services as contracts
from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import aging, custom, projection
from accounts.facts.catalogue import Type
from accounts.facts.models import AccountFacts, FactChange
from accounts.facts.services import FactDraft, set_custom
from accounts.facts.services import define as define_fact
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from retention.milestones import services
from retention.milestones.models import AccountMilestone, ValueMilestone
from retention.milestones.queries import spread, stands_of, time_to_value
from retention.milestones.services import MilestoneDraft, RouteDraft, define, draft_of
from tests.factories import accounts

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
LIVE = {"fact": "teams_live", "operator": "greaterThanInclusive", "value": 2}


def settle(at=AT):
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def facts(account, at=AT):
    settle(at)
    row = AccountFacts.objects.get(account=account)
    keys = ("pending", "missed", "not_tracked", "reached")
    return {key: row.custom.get(f"milestones_{key}") for key in keys if row.custom.get(f"milestones_{key}")}


def signed(account, on):
    at = dt.datetime.combine(on, dt.time(9), dt.UTC)
    contracts.sign(
        account,
        arr_minor=4_800_000,
        currency="USD",
        signed_at=at,
        starts_on=on,
        ends_on=on + 364 * DAY,
        by=None,
        at=at,
    )


@pytest.fixture
def only(starter):
    """Nothing but one milestone: two teams live within 60 days, as a fact of the installation says."""
    define_fact(FactDraft("teams_live", "Teams live", "number", "For this test."), by=None, at=AT)
    for row in ValueMilestone.objects.all():
        services._define(draft_retired(row), by=None, at=AT - 40 * DAY)
    routes = [RouteDraft("all", "Everybody", condition=LIVE, days=60)]
    return define(MilestoneDraft("two_teams", "Two teams", routes), by=None, at=AT - 30 * DAY)


def draft_retired(row):
    draft = draft_of(row)
    return MilestoneDraft(draft.key, draft.name, draft.routes, draft.meaning, draft.position, is_active=False)


def tell(account, teams, at):
    set_custom(account, {"teams_live": teams}, source="crm", at=at)
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=at)


def test_nobody_tells_is_not_the_same_as_not_yet(northwind, only):
    signed(northwind, AT.date() - 10 * DAY)
    assert facts(northwind) == {"not_tracked": ["two_teams"]}
    tell(northwind, 1, AT)
    assert facts(northwind) == {"pending": ["two_teams"]}
    tell(northwind, 2, AT)
    assert facts(northwind) == {"reached": ["two_teams"]}


@pytest.mark.parametrize(("days", "status"), [(60, "pending"), (61, "missed")])
def test_is_missed_on_the_day_after_its_deadline(northwind, only, days, status):
    signed(northwind, AT.date() - days * DAY)
    tell(northwind, 1, AT)
    assert facts(northwind) == {status: ["two_teams"]}


def test_is_missed_because_time_passes(northwind, only):
    signed(northwind, AT.date() - 60 * DAY)
    tell(northwind, 1, AT)
    assert facts(northwind) == {"pending": ["two_teams"]}
    assert facts(northwind, AT + DAY) == {"missed": ["two_teams"]}


def test_what_is_reached_stays_reached_and_is_told_of_once(northwind, only):
    signed(northwind, AT.date() - 10 * DAY)
    settle()
    tell(northwind, 2, AT)
    settle()
    tell(northwind, 1, AT + DAY)
    assert facts(northwind, AT + DAY) == {"reached": ["two_teams"]}
    assert AccountMilestone.objects.get().reached_at == AT
    [told] = AccountEvent.objects.filter(kind="milestone.reached")
    assert told.data == {"milestone": "Two teams"}


def test_what_a_new_definition_finds_is_told_to_nobody(northwind, only):
    tell(northwind, 3, AT)
    settle()
    AccountEvent.objects.filter(kind="milestone.reached").delete()
    routes = [RouteDraft("all", "Everybody", condition={**LIVE, "value": 3}, days=60)]
    define(MilestoneDraft("three_teams", "Three teams", routes), by=None, at=AT + DAY)
    assert facts(northwind, AT + DAY)["reached"] == ["three_teams", "two_teams"]
    assert not AccountEvent.objects.filter(kind="milestone.reached").exists()


def test_a_rebuild_finds_no_difference(northwind, only):
    signed(northwind, AT.date() - 10 * DAY)
    tell(northwind, 2, AT)
    settle()
    assert projection.differences(at=AT) == {}
    tell(northwind, 1, AT)
    settle()
    assert projection.differences(at=AT) == {}


def test_the_first_route_that_applies_is_the_account_s_own(northwind, only):
    routes = [
        RouteDraft("ops", "Operations", {"fact": "use_case", "operator": "equal", "value": "operations"}, days=20),
        RouteDraft("all", "Everybody", condition=LIVE, days=60),
    ]
    define(MilestoneDraft("two_teams", "Two teams", routes), by=None, at=AT)
    signed(northwind, AT.date() - 10 * DAY)
    settle()
    [stands] = stands_of(northwind, at=AT)
    assert (stands.route.key, stands.due_on) == ("all", AT.date() + 50 * DAY)
    portfolio.change(northwind, by=None, at=AT, use_case="operations")
    settle()
    [stands] = stands_of(Account.objects.get(pk=northwind.pk), at=AT)  # one that has not read its facts before
    assert (stands.route.key, stands.due_on, stands.status) == ("ops", AT.date() + 10 * DAY, "not_tracked")


def test_by_hand_with_evidence_and_back(northwind, only, amelia):
    row = services.reach(northwind, only, reached_at=AT - DAY, evidence=" Seen in the call. ", by=amelia, at=AT)
    assert facts(northwind) == {"reached": ["two_teams"]}
    assert (row.evidence, row.noted_by) == ("Seen in the call.", amelia)
    with pytest.raises(ValidationError, match="already"):
        services.reach(northwind, only, reached_at=AT, evidence="Again", by=amelia, at=AT)
    services.take_back(row, by=amelia, at=AT)
    assert facts(northwind) == {"not_tracked": ["two_teams"]}


@pytest.mark.parametrize(
    ("values", "field"), [({"evidence": "  "}, "evidence"), ({"reached_at": AT + DAY}, "reached_at")]
)
def test_by_hand_needs_evidence_and_a_moment_that_is_past(northwind, only, values, field):
    with pytest.raises(ValidationError) as refused:
        services.reach(northwind, only, **({"reached_at": AT, "evidence": "Seen"} | values), by=None, at=AT)
    assert list(refused.value.message_dict) == [field]
    assert not AccountMilestone.objects.exists()


@pytest.mark.parametrize(
    ("route", "path"),
    [
        ({"event": "nothing"}, "routes[0].event"),
        ({"event": "first_value", "condition": LIVE}, "routes[0].condition"),
        ({"days": 4000}, "routes[0].days"),
        ({"condition": {"fact": "health_score", "operator": "greaterThan", "value": 3}}, "routes[0].condition"),
        ({"condition": {"fact": "milestones_missed", "operator": "isKnown"}}, "routes[0].condition"),
        ({"applies": {"all": []}}, "routes[0].applies.all"),
    ],
)
def test_a_wrong_route_is_refused_with_its_place(only, route, path):
    with pytest.raises(ValidationError) as refused:
        define(MilestoneDraft("wrong", "Wrong", [RouteDraft("all", "Everybody", **route)]), by=None, at=AT)
    assert list(refused.value.message_dict) == [path]
    assert not ValueMilestone.objects.filter(key="wrong").exists()


def test_defining_the_same_again_changes_nothing(only):
    before = AuditEntry.objects.count()
    define(draft_of(only), by=None, at=AT)
    assert AuditEntry.objects.count() == before


def test_first_value_is_told_by_the_tracking_plan_and_has_a_clock(northwind, starter):
    signed(northwind, AT.date() - 15 * DAY)
    settle()
    row = AccountFacts.objects.get(account=northwind)
    assert (row.first_value_status, row.custom["first_value_time_used_share"]) == ("not_tracked", 0.5)
    assert custom.read(row.custom["first_value_due_on"], Type.DATE) == AT.date() + 15 * DAY
    accounts.MilestoneReachedFactory(
        account=northwind, milestone=services.Milestone.objects.get(key="first_value"), first_at=AT - DAY
    )
    events.mark([northwind.pk], DirtyAccount.Pass.FACTS, at=AT)
    settle()
    row.refresh_from_db()
    assert (row.first_value_status, row.first_value_at) == ("reached", AT - DAY)
    assert "first_value_time_used_share" not in row.custom


def test_time_to_value_counts_the_open_ones_and_those_who_left(olga, starter):
    def won(days_ago, reached=None, pays=True, status="pending"):
        account = accounts.AccountFactory()
        at = AT - days_ago * DAY
        accounts.AccountFactsFactory(
            account=account,
            closed_won_at=at,
            first_value_at=at + reached * DAY if reached is not None else None,
            first_value_status="reached" if reached is not None else status,
            has_paid_contract=pays,
            first_contract_on=at.date(),
            custom={"first_value_due_on": custom.kept((at + 30 * DAY).date(), Type.DATE)},
        )

    for reached in (10, 20):
        won(50, reached)
    won(25)
    won(400, pays=False)
    won(5, status="not_tracked")
    [row], untracked = time_to_value(olga, grouping="", at=AT)
    assert (row.accounts, row.reached, row.open, row.left, untracked) == (4, 2, 1, 1, 1)
    assert row.median_days == 20
    assert (row.in_time, row.due) == (2, 3)


def test_the_book_costs_the_same_queries_however_large(olga, starter):
    def cost(count):
        for _ in range(count):
            accounts.AccountFactsFactory(closed_won_at=AT, custom={"milestones_missed": ["depth"]})
        with CaptureQueriesContext(connection) as queries:
            missed = spread(olga)["depth"]["missed"]
            time_to_value(olga, grouping="ae", at=AT)
        return missed, len(queries)

    cost(1)  # what a process remembers is read once
    few, many = cost(3), cost(30)
    assert (few[0], many[0]) == (4, 34)
    assert few[1] == many[1]


def test_history_keeps_what_was_missed_and_when(northwind, only):
    signed(northwind, AT.date() - 60 * DAY)
    tell(northwind, 1, AT)
    settle()
    settle(AT + DAY)
    last = FactChange.objects.filter(account=northwind, values__has_key="milestones_missed").latest("at")
    assert (last.at, last.values["milestones_missed"]) == (AT + DAY, ["two_teams"])
