"""The alarm: what comes due in seconds is done then, and does not wait for the minute's tick."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models.functions import Now
from django_q.brokers import get_broker
from django_q.signing import SignedPackage

from accounts.events.models import Reaction
from accounts.foundation import claims
from accounts.foundation.clock import now
from accounts.foundation.waiting import SOONEST, next_due
from config import alarm, pipeline
from tests.factories.accounts import BellFactory, ReactionFactory

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _off() -> Iterator[None]:
    alarm.set_to(None)
    yield
    alarm.set_to(None)


@pytest.mark.parametrize(
    ("waits", "expected"),
    [
        ([], None),
        ([{"due_in": 7}, {"due_in": 30}], 7),
        ([{"due_in": -5, "leased_for": 20}, {"due_in": 30}], 20),
        ([{"due_in": -5, "leased_for": 0.1}], 1),
        ([{"due_in": 0.1}], 1),
        ([{"due_in": -5}], None),
        ([{"due_in": 7, "state": "dead"}, {"due_in": 9, "state": "done"}], None),
    ],
    ids=["nothing", "the first", "a lease that ends", "not every moment", "nor sooner", "due already", "over"],
)
def test_knows_when_the_next_row_comes_due(waits: list[dict[str, Any]], expected: float | None) -> None:
    at = now()
    for one in waits:
        lease = at + one["leased_for"] * SECOND if "leased_for" in one else None
        due_at = at + one["due_in"] * SECOND
        ReactionFactory(next_attempt_at=due_at, lease_until=lease, state=one.get("state", "due"))
    assert next_due(at) == (None if expected is None else at + expected * SECOND)
    assert SOONEST == SECOND


def test_asks_all_kinds_of_claimed_work_in_one_statement(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        next_due(now())


def test_a_pump_that_puts_something_off_sets_the_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "backoff", lambda tries: 5 * SECOND)
    reaction = ReactionFactory(subscriber="nobody by this name", next_attempt_at=now())
    pipeline.run()
    reaction.refresh_from_db()
    assert reaction.tries == 1
    assert not alarm.goes_off(), "not before its time"
    later = (now() + 6 * SECOND).timestamp()
    monkeypatch.setattr(time, "time", lambda: later)
    assert alarm.goes_off()
    assert not alarm.goes_off(), "it says so once"


def test_a_beat_sets_an_alarm_that_was_lost_with_its_worker() -> None:
    BellFactory(name="pump", answered_at=now())
    ReactionFactory(next_attempt_at=now() + SECOND / 2)
    pipeline.beat()
    assert Reaction.objects.get().tries == 0
    assert not alarm.goes_off()
    time.sleep(1.2)
    assert alarm.goes_off()


def test_the_alarm_calls_through_the_bell(django_capture_on_commit_callbacks: Any, settings: Any) -> None:
    """Many workers know the same instant; the bell calls one of them."""
    found = get_broker()
    found.next_beat = time.monotonic() + 600
    alarm.set_to(now() - SECOND)
    [(number, package)] = found.dequeue()
    assert number is None
    assert SignedPackage.loads(package)["func"] == settings.ALARM_TARGET == "config.pipeline.wake"
    with django_capture_on_commit_callbacks() as rung:
        pipeline.wake()
    assert len(rung) == 1


def test_a_lease_by_another_clock_does_not_keep_anybody_awake() -> None:
    """The leases run by the clock of the database: one that has run out by ours alone is asked for again soon."""
    reaction = ReactionFactory(next_attempt_at=now() - SECOND)
    Reaction.objects.filter(pk=reaction.pk).update(lease_until=Now())
    at = now() + 60 * SECOND
    assert next_due(at) == at + SOONEST
