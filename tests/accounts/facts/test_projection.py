"""Facts: what follows from activity and contracts, what is unknown, and that all of it can be made again."""

import datetime as dt
import json
import random
from typing import Any

import pytest

from accounts.contracts import services as contracts
from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.facts.services import set_registers
from accounts.identity import services as identity
from accounts.ingestion import services as ingestion
from accounts.ingestion.fold import fold
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace.models import Source, Workspace
from retention.milestones.models import ValueMilestone

DAY = dt.timedelta(days=1)
AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
Use = tuple[str, float] | tuple[str, float, str]


def used(*uses: Use, group: str = "acct-42", at: dt.datetime = AT) -> None:
    """Each use is a user, how many days before `at`, and the event; folded as delivered at `at`."""
    items: list[dict[str, Any]] = []
    for user, days, *event in uses:
        items.append(
            {
                "type": "track",
                "userId": user,
                "context": {"groupId": group},
                "event": event[0] if event else "Report Viewed",
                "timestamp": (at - days * DAY).isoformat(),
                "messageId": f"{user} {days} {event}",
            }
        )
    body = json.dumps({"batch": items}).encode()
    ingestion.accept(body, call="batch", source=Source.objects.get(key="product"), at=at)
    while fold():
        pass


def project(at: dt.datetime = AT) -> None:
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def facts_of(account: Account, at: dt.datetime = AT) -> AccountFacts:
    project(at)
    return AccountFacts.objects.get(account=account)


def people(count: int, days: float, *events: str, prefix: str = "p") -> list[Use]:
    return [(f"{prefix}{number}", days, *events) for number in range(count)]  # type: ignore[misc]


def test_before_the_first_event_use_is_unknown(northwind: Account) -> None:
    row = facts_of(northwind)
    assert (row.active_users_30d, row.features_used_30d, row.last_active_at) == (None, None, None)


def test_after_the_first_event_silence_is_zero(northwind: Account) -> None:
    used(("ada", 45))
    row = facts_of(northwind)
    assert (row.active_users_30d, row.features_used_30d) == (0, 0)
    assert row.last_active_at == AT - 45 * DAY


def test_the_change_is_unknown_while_few_people_were_there_before(northwind: Account) -> None:
    used(*people(4, 40))
    assert facts_of(northwind).active_users_change_30d is None
    used(("p4", 41))
    assert facts_of(northwind).active_users_change_30d == -1.0
    used(*people(6, 3))
    assert facts_of(northwind).active_users_change_30d == pytest.approx(0.2)


def test_when_the_source_is_silent_for_everybody_its_counts_are_unknown_and_come_back(northwind: Account) -> None:
    used(*people(6, 40), ("ada", 1))
    assert facts_of(northwind).active_users_30d == 1
    later = AT + 3 * DAY + dt.timedelta(minutes=1)
    row = facts_of(northwind, later)
    assert (row.active_users_30d, row.active_users_change_30d, row.features_used_30d) == (None, None, None)
    assert row.last_active_at == AT - DAY

    another = portfolio.create(name="Contoso", by=None, at=later)
    identity.link(another, source=Source.objects.get(key="product"), value="acct-7", by=None, at=later)
    used(("zoe", 0), group="acct-7", at=later)
    row = facts_of(northwind, later)
    assert row.active_users_30d == 1
    assert row.active_users_change_30d == pytest.approx(1 / 6 - 1)


def test_a_source_that_falls_silent_is_noticed_on_the_same_day(northwind: Account) -> None:
    used(("ada", 1))
    Source.objects.update(stale_after_hours=2)
    assert facts_of(northwind, AT + dt.timedelta(hours=1)).active_users_30d == 1
    assert facts_of(northwind, AT + dt.timedelta(hours=3)).active_users_30d is None


def test_a_source_that_speaks_again_before_all_know_that_it_was_silent_is_told_to_all(northwind: Account) -> None:
    used(("ada", 1))
    project()
    later = AT + 4 * DAY
    events.mark([northwind.pk], DirtyAccount.Pass.FACTS, at=later)
    projection.project_dirty(at=later)
    assert AccountFacts.objects.get(account=northwind).active_users_30d is None
    used(("zoe", 0), group="nobody-knows", at=later)
    assert facts_of(northwind, later).active_users_30d == 1
    assert projection.differences(at=later) == {}


def test_windows_move_with_the_day(northwind: Account) -> None:
    used(*people(5, 35), ("ada", 0), ("bob", 20))
    assert facts_of(northwind).active_users_30d == 2
    for days, active, before in ((10, 2, 5), (11, 1, 6), (30, 1, 1), (31, 0, 2)):
        at = AT + days * DAY
        Source.objects.update(last_delivery_at=at)
        row = facts_of(northwind, at)
        assert row.active_users_30d == active
        expected = active / before - 1 if before >= 5 else None
        assert row.active_users_change_30d == (pytest.approx(expected) if expected is not None else None)


def test_a_day_that_passes_asks_for_verdicts_only_where_a_fact_changed(northwind: Account) -> None:
    ValueMilestone.objects.update(is_active=False)  # the clock of a pending milestone moves every day
    _sign(northwind, arr=12_000, starts=(AT + DAY).date())
    project()
    DirtyAccount.objects.all().delete()
    assert aging.project_aged(at=AT + DAY) == 1
    assert aging.project_aged(at=AT + DAY) == 0
    mark = DirtyAccount.objects.get(account=northwind)
    assert (mark.what, mark.cause) == (DirtyAccount.Pass.VERDICTS, "time")
    mark.delete()
    assert aging.project_aged(at=AT + 2 * DAY) == 1
    assert not DirtyAccount.objects.exists()


def test_the_day_of_contracts_begins_where_we_are(northwind: Account) -> None:
    Workspace.objects.update(time_zone="Pacific/Auckland")  # 15 June at noon UTC is midnight there
    project(AT - dt.timedelta(hours=1))
    _sign(northwind, arr=12_000, starts=dt.date(2026, 6, 16))
    assert facts_of(northwind, AT - dt.timedelta(minutes=1)).arr_minor == 0
    assert facts_of(northwind, AT).arr_minor == 1_200_000


@pytest.mark.parametrize(
    ("uses", "regular"),
    [
        ([("ada", 1)], 0),
        ([("ada", 1), ("ada", 1.01)], 0),
        ([("ada", 1), ("ada", 2)], 1),
        ([("ada", 1), ("bob", 2)], 1),
        ([("ada", 1), ("ada", 2), ("ada", 3, "Alert Created"), ("ada", 4, "Alert Acknowledged")], 2),
        ([("ada", 1, "Nothing Mapped"), ("ada", 2, "Nothing Mapped")], 0),
        ([("ada", 30), ("ada", 31)], 0),
        ([*people(10, 5, "Unmapped"), ("p0", 1), ("p0", 2)], 0),
        ([*people(10, 5, "Unmapped"), ("p0", 1), ("p1", 2)], 1),
        ([*people(10, 5, "Unmapped"), ("p0", 1), ("p0", 2), ("p1", 31)], 0),
        ([*people(9, 5, "Unmapped"), ("p0", 1), ("p0", 2)], 1),
    ],
)
def test_a_feature_is_in_use_on_two_days_and_by_two_people_where_many_are_active(
    northwind: Account, uses: list[Use], regular: int
) -> None:
    used(*uses)
    assert facts_of(northwind).features_used_30d == regular


def _sign(account: Account, *, arr: int, starts: dt.date, days: int = 365, **options: Any) -> Any:
    at = dt.datetime.combine(starts, dt.time(9), dt.UTC) - 10 * DAY
    return contracts.sign(
        account,
        arr_minor=arr * 100,
        currency="USD",
        signed_at=at,
        starts_on=starts,
        ends_on=starts + days * DAY,
        by=None,
        at=at,
        **options,
    )


def test_contracts_say_what_is_recurring_until_when_and_since_when(northwind: Account) -> None:
    assert facts_of(northwind).arr_minor is None
    first = _sign(northwind, arr=48_000, starts=dt.date(2025, 9, 1))
    grown = _sign(northwind, arr=60_000, starts=dt.date(2026, 3, 1), replaces=first)
    row = facts_of(northwind)
    assert row.arr_minor == 6_000_000
    assert row.contract_end_date == grown.ends_on
    assert row.closed_won_at == first.signed_at


def test_what_starts_later_does_not_recur_yet(northwind: Account) -> None:
    _sign(northwind, arr=48_000, starts=dt.date(2026, 7, 1))
    assert facts_of(northwind).arr_minor == 0
    assert facts_of(northwind, dt.datetime(2026, 7, 1, tzinfo=dt.UTC)).arr_minor == 4_800_000


def test_after_notice_it_recurs_until_the_contract_ends(northwind: Account) -> None:
    contract = _sign(northwind, arr=48_000, starts=dt.date(2025, 9, 1), days=300)
    contracts.cancel(contract, by=None, at=AT)
    assert facts_of(northwind).arr_minor == 4_800_000
    end = dt.datetime.combine(contract.ends_on, dt.time(), dt.UTC)
    assert facts_of(northwind, end + DAY).arr_minor == 0


def test_the_stage_survives_a_projection(northwind: Account) -> None:
    project()
    set_registers({"stage": {northwind.pk: "adopted"}}, source="lifecycle", at=AT)
    used(("ada", 1))
    row = facts_of(northwind)
    assert row.stage == "adopted"
    assert row.provenance["stage"][0] == "lifecycle"
    assert row.provenance["usage"][0] == "product"


def test_only_what_changed_asks_for_verdicts(northwind: Account) -> None:
    used(("ada", 1))
    project()
    DirtyAccount.objects.all().delete()
    used(("ada", 1.001))
    project()
    assert not DirtyAccount.objects.filter(what=DirtyAccount.Pass.VERDICTS).exists()


@pytest.mark.parametrize("seed", range(3))
def test_what_was_projected_step_by_step_is_what_a_rebuild_makes(northwind: Account, seed: int) -> None:
    rng, at = random.Random(seed), AT - 20 * DAY
    _sign(northwind, arr=48_000, starts=dt.date(2026, 5, 20))
    events = ["Report Viewed", "Alert Created", "Item Shared"]
    for _ in range(15):
        at += rng.random() * 2 * DAY
        used(*((f"u{rng.randrange(15)}", rng.random() * 100, rng.choice(events)) for _ in range(20)), at=at)
        project(at)
    assert projection.differences(at=at) == {}
    assert projection.rebuild(at=at) == 0


def test_a_rebuild_puts_right_what_is_wrong_and_says_so(northwind: Account) -> None:
    used(("ada", 1))
    project()
    DirtyAccount.objects.all().delete()
    AccountFacts.objects.update(active_users_30d=99, arr_minor=1)
    assert projection.differences(at=AT) == {northwind.pk: ["active_users_30d", "arr"]}
    assert projection.rebuild(at=AT) == 1
    assert projection.differences(at=AT) == {}
    assert DirtyAccount.objects.get().cause == "correction"


def test_projecting_ten_accounts_costs_as_many_queries_as_a_hundred(
    product: Source, django_assert_max_num_queries: Any
) -> None:
    def made(count: int) -> None:
        for number in range(count):
            account = portfolio.create(name=f"Account {number}", by=None, at=AT)
            identity.link(account, source=product, value=f"{account.key}", by=None, at=AT)
            used(("ada", 1), group=account.key)

    made(1)
    projection.project_dirty(at=AT)  # from here on the process remembers what it asks only once
    made(10)
    with django_assert_max_num_queries(75) as few:
        projection.project_dirty(at=AT)
    made(100)
    with django_assert_max_num_queries(len(few) + 4):
        projection.project_dirty(at=AT)
