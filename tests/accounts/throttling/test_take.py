"""Limits hold whoever asks, from however many processes, at the very same moment."""

import datetime as dt
import time
from dataclasses import replace

import pytest

from accounts.foundation.clock import now
from accounts.throttling import jobs, services
from accounts.throttling.models import Allowance
from accounts.throttling.services import Limit, TooMany
from tests.factories.accounts import AllowanceFactory
from tests.threads import at_once

TEN = Limit("test", 10, 60)
pytestmark = pytest.mark.django_db


def allowed(limit: Limit, who: str, times: int) -> int:
    return sum(services.take(limit, who).allowed for _ in range(times))


def another_process() -> None:
    services._held.clear()


@pytest.mark.parametrize("times", [1, 2, 10, 19, 20, 21, 100, 399])
def test_so_many_pass_and_no_more(times):
    assert allowed(replace(TEN, times=times), "a", times + 50) == times


def test_each_caller_and_each_limit_counts_for_itself():
    assert allowed(TEN, "a", 15) == allowed(TEN, "b", 15) == allowed(replace(TEN, name="other"), "a", 15) == 10


def test_several_processes_share_one_count():
    passed = 0
    for _ in range(30):
        another_process()
        passed += services.take(TEN, "a").allowed
    assert passed == 10


def test_several_processes_never_pass_more_of_a_large_limit():
    large, passed = replace(TEN, times=400), 0
    for _ in range(50):
        another_process()
        passed += allowed(large, "a", 12)
    assert 200 <= passed <= 400, "what a process has reserved and not used lapses"


def test_a_large_limit_asks_the_database_once_in_a_while(django_assert_max_num_queries):
    with django_assert_max_num_queries(21):
        assert allowed(replace(TEN, times=1200), "a", 2000) == 1200


def test_the_window_begins_with_the_first_and_ends_by_itself():
    short = Limit("test", 2, 1)
    assert [services.take(short, "a").allowed for _ in range(3)] == [True, True, False]
    refused = services.take(short, "a")
    assert 0 < refused.wait_s <= 1
    time.sleep(refused.wait_s + 0.01)
    assert services.take(short, "a").allowed


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_was_set_anew_locks_nobody_out(days):
    allowed(TEN, "a", 11)
    began = int((now() + dt.timedelta(days=days)).timestamp() * 1000)
    Allowance.objects.update(began_ms=began)
    another_process()
    assert allowed(TEN, "a", 15) == 10


def test_forgiving_begins_anew():
    allowed(TEN, "a", 11)
    with pytest.raises(TooMany) as refused:
        services.demand(TEN, "a")
    assert 0 < refused.value.wait_s <= 60
    services.forgive(TEN, "a")
    services.demand(TEN, "a")


def test_nobody_can_read_who_it_was():
    services.take(TEN, "amelia 10.0.0.1")
    assert "amelia" not in str(Allowance.objects.values().get())


@pytest.mark.django_db(transaction=True)
def test_forty_at_once_are_ten(transactional_db):
    verdicts = at_once(*[lambda: services.take(TEN, "a")] * 40)
    assert sum(verdict.allowed for verdict in verdicts) == 10


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_are_no_more_than_a_large_limit(transactional_db):
    verdicts = at_once(*[lambda: services.take(replace(TEN, times=40), "a")] * 50)
    assert 0 < sum(verdict.allowed for verdict in verdicts) <= 40


def test_windows_that_are_long_over_are_forgotten():
    at = int(now().timestamp() * 1000)
    day = 86_400_000
    for age in (0, day - 60_000, day + 60_000):
        AllowanceFactory(began_ms=at - age)
    assert jobs.forget() == 1
    assert Allowance.objects.count() == 2
