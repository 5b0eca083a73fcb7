"""A claim has one holder; who lost it writes nothing; what cannot be done ends with a person."""

import datetime as dt
import threading
import time

import pytest
from django.db.models.functions import Now

from accounts.events.models import Reaction
from accounts.foundation import claims, holding
from accounts.foundation.models import AuditEntry
from accounts.workspace.models import Source
from tests.factories.accounts import AT, ReactionFactory, SourceFactory, UserFactory
from tests.threads import at_once

SOON = AT + dt.timedelta(days=1)


def again(row: Reaction) -> Reaction:
    return Reaction.objects.get(pk=row.pk)


def run_out(row: Reaction) -> None:
    """Lets the lease on a row end, as time would."""
    Reaction.objects.filter(pk=row.pk).update(lease_until=Now() - dt.timedelta(seconds=1))


@pytest.fixture
def row(db):
    return ReactionFactory()


@pytest.fixture
def carry_out(monkeypatch):
    """Carries out reactions with a function of the test's own."""

    def with_(function, **bounds):
        kind = claims.Work(Reaction, "reaction", function, **bounds)
        monkeypatch.setitem(claims.work._entries, "reactions", kind)
        return lambda at=AT: claims.carry_out("reactions", at=at)

    return with_


def test_one_of_two_claimants_wins(row):
    first, second = again(row), again(row)
    assert claims.claim(first, at=AT)
    assert not claims.claim(second, at=AT)
    assert (again(row).tries, again(row).fence) == (1, 1)


def test_one_of_many_claimants_at_once_wins(transactional_db):
    rows = [again(row) for row in [ReactionFactory()] * 6]
    won = at_once(*(lambda row=row: claims.claim(row, at=AT) for row in rows))
    assert won.count(True) == 1
    assert again(rows[0]).tries == 1


def test_a_claimed_row_is_not_due(row):
    claims.claim(row, at=AT)
    assert not claims.due(Reaction.objects.all(), at=AT).exists()


def test_a_row_is_not_due_before_its_time(row):
    early = AT - dt.timedelta(seconds=1)
    assert not claims.claim(row, at=early)
    assert not claims.due(Reaction.objects.all(), at=early).exists()
    assert claims.due(Reaction.objects.all(), at=AT).exists()


def test_a_lease_runs_by_the_clock_of_the_database_whatever_a_worker_thinks_the_time_is(row):
    claims.claim(row, at=AT, lease=dt.timedelta(minutes=2))
    in_days = AT + dt.timedelta(days=9)
    assert not claims.claim(again(row), at=in_days)
    run_out(row)
    assert claims.claim(again(row), at=AT)
    assert again(row).tries == 2


def test_whoever_lost_the_claim_cannot_conclude(row):
    slow = again(row)
    claims.claim(slow, at=AT)
    run_out(row)
    claims.claim(again(row), at=AT)
    lease = again(row).lease_until
    with pytest.raises(claims.ClaimLost), claims.concluding(slow):
        SourceFactory(key="too-late")
    assert not Source.objects.filter(key="too-late").exists()
    assert (again(row).state, again(row).lease_until) == (Reaction.State.DUE, lease), "the other's claim stands"


def test_whoever_lost_the_claim_cannot_fail_or_postpone_it_either(row):
    slow = again(row)
    claims.claim(slow, at=AT)
    run_out(row)
    claims.claim(again(row), at=AT)
    claims.fail(slow, error="too late", at=AT)
    with pytest.raises(claims.ClaimLost):
        claims.postpone(slow, until=SOON)
    assert (again(row).error, again(row).next_attempt_at) == ("", row.next_attempt_at)
    assert again(row).lease_until is not None


def test_concluding_ends_it_for_good(row):
    claims.claim(row, at=AT)
    claims.fail(row, error="once", at=AT)
    row = again(row)
    claims.claim(row, at=SOON)
    with claims.concluding(row):
        pass
    assert (again(row).state, again(row).error, again(row).lease_until) == (Reaction.State.DONE, "", None)
    assert not claims.claim(again(row), at=SOON)
    with pytest.raises(claims.ClaimLost), claims.concluding(row):
        pass


def test_what_was_postponed_comes_back_at_its_time_and_no_try_is_spent(row):
    claims.claim(row, at=AT)
    claims.postpone(row, until=SOON)
    assert (again(row).tries, again(row).lease_until) == (0, None)
    assert not claims.claim(again(row), at=AT)
    assert claims.claim(again(row), at=SOON)


def test_failures_wait_longer_each_time_and_then_a_person_decides(row):
    at, waited = AT, []
    for _ in range(claims.TRIES):
        row = again(row)
        assert claims.claim(row, at=at)
        claims.fail(row, error="refused", at=at)
        waited.append((again(row).next_attempt_at - at) / dt.timedelta(minutes=1))
        at = again(row).next_attempt_at
    for wait, least in zip(waited, [1, 2, 4, 8, 16, 32, 64, 128], strict=True):
        assert least <= wait <= least * 1.1
    dead = again(row)
    assert (dead.state, dead.error, dead.tries) == (Reaction.State.DEAD, "refused", claims.TRIES)
    assert not claims.claim(dead, at=at + dt.timedelta(days=30))


def test_a_long_error_is_cut(row):
    claims.claim(row, at=AT)
    claims.fail(row, error="x" * 10_000, at=AT)
    assert len(again(row).error) == 2000


def test_what_cannot_heal_is_given_up_at_once(row, carry_out):
    def refuse(row, at):
        raise claims.Permanent("The address does not exist.")

    assert carry_out(refuse)() == 1
    assert (again(row).state, again(row).tries) == (Reaction.State.DEAD, 1)
    assert "The address does not exist." in again(row).error


def test_a_row_that_ends_its_workers_is_given_up_after_as_many_tries(row, carry_out):
    """The worker dies in the midst of it each time, so nobody is left to say that it failed."""
    told = []
    run = carry_out(lambda row, at: pytest.fail("carried out once more"), gave_up=lambda row, at: told.append(row.pk))
    for _ in range(claims.TRIES):
        assert claims.claim(again(row), at=AT)
        run_out(row)
    run()
    assert again(row).state == Reaction.State.DEAD
    assert "ended in the midst of it, 8 times" in again(row).error
    assert told == [row.pk]


def test_work_without_end_is_stopped_and_tried_again(row, carry_out):
    def for_ever(row, at):
        while True:
            pass

    carry_out(for_ever, limit=dt.timedelta(milliseconds=50))()
    assert again(row).state == Reaction.State.DUE
    assert "TookTooLong" in again(row).error


def test_a_lease_is_renewed_for_as_long_as_the_work_goes_on(transactional_db, monkeypatch):
    monkeypatch.setattr(holding, "BEAT", 0.02)
    row, lease = ReactionFactory(), dt.timedelta(seconds=1)
    claims.claim(row, at=AT, lease=lease)
    stolen = []
    with holding.held(row, lease=lease):
        until = time.monotonic() + 2 * lease.total_seconds()
        while time.monotonic() < until:
            stolen.append(claims.claim(again(row), at=AT))
            time.sleep(0.05)
    assert not any(stolen)
    wait = threading.Event()
    wait.wait(1.2 * lease.total_seconds())
    assert claims.claim(again(row), at=AT), "nobody holds it any more"


def test_a_person_lets_it_be_tried_again_or_discards_it(row):
    user = UserFactory()
    with pytest.raises(claims.NotGivenUp):
        claims.retry(row, by=user, at=AT)
    for verb in (claims.retry, claims.discard):
        Reaction.objects.update(state=Reaction.State.DEAD, tries=8)
        verb(row, by=user, at=SOON)
    assert again(row).state == Reaction.State.DISCARDED
    with pytest.raises(claims.NotGivenUp):
        claims.retry(row, by=user, at=SOON)
    trail = AuditEntry.objects.filter(object_type="reaction").order_by("id").values_list("verb", "actor_id")
    assert list(trail) == [("reaction.retry", user.pk), ("reaction.discard", user.pk)]


def test_a_row_that_is_tried_again_starts_from_its_first_try(row):
    Reaction.objects.update(state=Reaction.State.DEAD, tries=8, next_attempt_at=SOON + dt.timedelta(days=9))
    claims.retry(row, by=UserFactory(), at=SOON)
    assert claims.claim(again(row), at=SOON)
    assert again(row).tries == 1
