"""Time moves accounts too: they wake when a verdict can change, and not before."""

import datetime as dt
from typing import Any

import pytest

from accounts.events.models import DirtyAccount
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace import services as workspace
from accounts.workspace.models import Workspace
from retention.evaluation import passes
from retention.evaluation.models import Edge, Standing
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import HIGH, LOW, QUIET, SOON, of, watch

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)
MICROSECOND = dt.timedelta(microseconds=1)


@pytest.fixture
def account(db: Any) -> Account:
    workspace.found(company="Anchor Analytics", by=None, at=AT)
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def test_an_account_wakes_at_the_instant_at_which_a_verdict_changes(account: Account) -> None:
    one, seen = watch("play:quiet", QUIET), AT - 3 * DAY + MICROSECOND
    know(account, last_active_at=seen)
    assert of(evaluate(), one) == []
    assert Standing.objects.get(account=account).wake_at == seen + 14 * DAY
    assert of(evaluate(seen + 14 * DAY - MICROSECOND), one) == []
    assert of(evaluate(seen + 14 * DAY), one) == [("entered", "time")]


def test_an_account_wakes_on_the_day_that_begins_where_we_are(account: Account) -> None:
    Workspace.objects.update(time_zone="Pacific/Auckland")
    one, midnight_there = watch("play:soon", SOON), dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
    know(account, contract_end_date=dt.date(2026, 7, 16))
    assert of(evaluate(midnight_there - 2 * SECOND), one) == []
    assert Standing.objects.get(account=account).wake_on == dt.date(2026, 6, 16)
    assert of(evaluate(midnight_there - SECOND), one) == []
    assert of(evaluate(midnight_there), one) == [("entered", "time")]


def test_who_has_nothing_to_wait_for_sleeps(account: Account) -> None:
    watch()
    know(account, active_users_30d=2)
    evaluate()
    standing = Standing.objects.get(account=account)
    assert (standing.wake_at, standing.wake_on) == (None, None)
    assert passes.evaluate_dirty(at=AT + 1000 * DAY) == 0


def test_a_look_for_nothing_does_not_come_again(account: Account) -> None:
    watch("play:quiet", QUIET)
    know(account, last_active_at=AT)
    evaluate()
    account.facts.delete()
    assert passes.evaluate_dirty(at=AT + 14 * DAY) == 1
    assert passes.evaluate_dirty(at=AT + 14 * DAY) == 0


def test_new_data_explains_more_than_the_clock(account: Account) -> None:
    one = watch("play:quiet", QUIET)
    know(account, last_active_at=AT)
    evaluate()
    DirtyAccount.objects.create(account=account, what="verdicts", at=AT + 14 * DAY, cause="data")
    assert of(evaluate(AT + 14 * DAY), one) == [("entered", "data")]


HELD = LOW | {"heldFor": {"days": 7}}


def test_a_comparison_must_have_been_true_for_as_long_as_it_says(account: Account) -> None:
    one = watch("play:held", HELD)
    know(account, active_users_30d=2)
    assert of(evaluate(), one) == []
    assert of(evaluate(AT + 7 * DAY - SECOND), one) == []
    [edge] = [edge for edge in evaluate(AT + 7 * DAY) if edge.watch == one]
    assert (edge.direction, edge.cause) == ("entered", "time")
    assert edge.clauses[0]["heldFor"] == {"days": 7}
    assert edge.clauses[0]["since"] == AT.isoformat()


def test_an_interruption_starts_the_time_anew(account: Account) -> None:
    one = watch("play:held", HELD)
    for day, users in ((0, 2), (5, 8), (6, 1)):
        know(account, active_users_30d=users)
        assert of(evaluate(AT + day * DAY), one) == []
    assert of(evaluate(AT + 12 * DAY), one) == []
    assert of(evaluate(AT + 13 * DAY), one) == [("entered", "time")]


def test_an_outage_does_not_start_it_anew(account: Account) -> None:
    one = watch("play:held", HELD)
    know(account, active_users_30d=2)
    evaluate()
    know(account, active_users_30d=None)
    assert of(evaluate(AT + 3 * DAY), one) == []
    assert of(evaluate(AT + 8 * DAY), one) == [], "nobody knows, so nobody says yes"
    know(account, active_users_30d=1)
    assert of(evaluate(AT + 9 * DAY), one) == [("entered", "data")]


def test_what_is_true_when_a_rule_is_activated_counts_as_held(account: Account) -> None:
    know(account, active_users_30d=2)
    evaluate()
    one = watch("play:held", HELD)
    assert Standing.objects.get(account=account).is_true(one)
    assert of(evaluate(AT + 20 * DAY), one) == []


def test_a_whole_rule_can_be_slow_to_enter_and_to_leave(account: Account) -> None:
    one = watch("play:slow", {"all": [LOW, {"not": HIGH}]}, enter_after_days=14, leave_after_days=30)
    know(account, active_users_30d=2)
    assert of(evaluate(), one) == []
    assert of(evaluate(AT + 14 * DAY), one) == [("entered", "time")]
    know(account, active_users_30d=20)
    assert of(evaluate(AT + 20 * DAY), one) == []
    assert of(evaluate(AT + 49 * DAY), one) == []
    assert of(evaluate(AT + 50 * DAY), one) == [("left", "time")]


def test_a_slow_rule_leaves_at_once_where_it_says_nothing_else(account: Account) -> None:
    one = watch("play:slow", LOW, enter_after_days=14)
    know(account, active_users_30d=2)
    evaluate()
    evaluate(AT + 14 * DAY)
    know(account, active_users_30d=3)
    assert of(evaluate(AT + 15 * DAY), one) == [("left", "data")]


def test_two_thresholds_and_two_times_together(account: Account) -> None:
    one = watch("play:both", LOW, HIGH, enter_after_days=2, leave_after_days=3)
    known = {0: 2, 1: 5, 2: 2, 4: 2, 5: 11, 6: 9, 7: 11, 9: 11, 10: 11}
    seen = []
    for day, users in known.items():
        know(account, active_users_30d=users)
        seen += [(day, *found) for found in of(evaluate(AT + day * DAY), one)]
    assert seen == [(4, "entered", "data"), (10, "left", "data")]


def test_a_held_comparison_inside_a_slow_rule(account: Account) -> None:
    one = watch("play:nested", {"all": [HELD]}, enter_after_days=3)
    know(account, active_users_30d=2)
    evaluate()
    assert of(evaluate(AT + 7 * DAY), one) == []
    assert of(evaluate(AT + 10 * DAY - SECOND), one) == []
    assert of(evaluate(AT + 10 * DAY), one) == [("entered", "time")]


def test_what_nobody_asks_for_any_more_is_forgotten(account: Account) -> None:
    watch("play:held", HELD)
    know(account, active_users_30d=2)
    evaluate()
    assert Standing.objects.get(account=account).since
    watch("play:held", LOW)
    evaluate()
    standing = Standing.objects.get(account=account)
    assert (standing.since, Edge.objects.filter(watch__reader="hold").count()) == ({}, 0)
