"""What we knew of an account, and when."""

import datetime as dt

import pytest

from accounts.facts import history, projection
from accounts.facts.history import known_at, series, trim
from accounts.facts.models import FactChange
from accounts.facts.services import FactDraft, define, set_custom, set_registers
from accounts.keeping.queries import kept
from accounts.portfolio import services as portfolio
from accounts.workspace.models import Source
from tests.accounts.facts.test_projection import AT, DAY, project, used

HOUR = dt.timedelta(hours=1)


def test_a_settled_fact_opens_a_version_at_the_instant_at_which_it_changes(northwind):
    for hours, employees in ((1, 50), (2, 60)):
        at = AT + hours * HOUR
        portfolio.change(northwind, by=None, at=at, employees=employees)
        project(at)
    known = [known_at(northwind, AT + minutes * HOUR / 60).get("employees") for minutes in (60, 90, 119, 120)]
    assert known == [50, 50, 50, 60]


def test_a_moving_fact_has_one_version_a_day_the_last_one(northwind):
    for hours in (0, 1, 2):
        used((f"u{hours}", 0), at=AT + hours * HOUR)
        project(AT + hours * HOUR)
    rows = FactChange.objects.filter(account=northwind, pace="moving")
    assert [row.values["active_users_30d"] for row in rows] == [3]
    used(("late", 0), at=AT + DAY)
    project(AT + DAY)
    assert [point[1] for point in series(northwind, "active_users_30d", since=AT)] == [3, 4]


def test_what_became_unknown_is_not_known_any_more_but_was(northwind):
    used(("ada", 1))
    project()
    silent = AT + 4 * DAY
    project(silent)
    assert known_at(northwind, AT + DAY)["active_users_30d"] == 1
    assert "active_users_30d" not in known_at(northwind, silent)
    assert known_at(northwind, silent)["last_active_at"] == (AT - DAY).isoformat()


def test_the_stage_and_custom_facts_have_a_history_too(northwind):
    project()
    define(FactDraft("seats", "Seats", "number", "Seats in use."), by=None, at=AT)
    for days, stage, seats in ((1, "onboarded", 5), (2, "adopted", 9)):
        set_registers({"stage": {northwind.pk: stage}}, source="lifecycle", at=AT + days * DAY)
        set_custom(northwind, {"seats": seats}, source="warehouse", at=AT + days * DAY)
    assert {key: known_at(northwind, AT + DAY)[key] for key in ("stage", "seats")} == {"stage": "onboarded", "seats": 5}
    assert [value for _, value in series(northwind, "stage", since=AT)] == ["onboarded", "adopted"]


def test_a_projection_that_changes_nothing_leaves_no_history(northwind):
    used(("ada", 1))
    project()
    before = FactChange.objects.count()
    assert before
    used(("ada", 1.001))
    project()
    Source.objects.update(last_delivery_at=AT + HOUR)
    projection.rebuild(at=AT + HOUR)
    assert FactChange.objects.count() == before


@pytest.mark.parametrize("days", [0, 3])
def test_what_is_too_old_is_folded_into_what_was_known_then(northwind, days):
    for day in range(6):
        portfolio.change(
            northwind, by=None, at=AT + day * DAY, employees=day + 1, region=f"R{day}" if day < 2 else "R2"
        )
        project(AT + day * DAY)
    before = {day: known_at(northwind, AT + day * DAY) for day in range(6)}
    horizon = AT + kept("fact_history") + days * DAY + HOUR
    while trim(at=horizon):
        pass
    assert FactChange.objects.filter(account=northwind, at__lt=AT + days * DAY).count() == 0
    for day in range(days + 1, 6):
        assert known_at(northwind, AT + day * DAY) == before[day]
    assert trim(at=horizon) == 0


def test_history_of_ten_accounts_costs_as_many_statements_as_of_one(northwind, django_assert_max_num_queries):
    others = [portfolio.create(name=f"A{number}", by=None, at=AT).pk for number in range(9)]
    for day, ids in enumerate(([northwind.pk], [northwind.pk, *others], [northwind.pk, *others])):
        for hours in range(2):
            values = {"employees": day + hours, "active_users_30d": day}
            with django_assert_max_num_queries(6):
                history.record(dict.fromkeys(ids, values), at=AT + day * DAY + hours * HOUR)
    assert FactChange.objects.filter(pace="moving").count() == 21
