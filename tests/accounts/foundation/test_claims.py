"""A claim has one holder; who lost it writes nothing."""

import datetime as dt

import pytest

from accounts.events.models import Reaction
from accounts.foundation import claims
from tests.factories.accounts import AT, ReactionFactory
from tests.threads import at_once

LEASE = dt.timedelta(minutes=2)
LATER = AT + LEASE


def again(row: Reaction) -> Reaction:
    return Reaction.objects.get(pk=row.pk)


@pytest.fixture
def row(db):
    return ReactionFactory()


def test_one_of_two_claimants_wins(row):
    first, second = again(row), again(row)
    assert claims.claim(first, at=AT, lease=LEASE)
    assert not claims.claim(second, at=AT, lease=LEASE)
    assert (again(row).tries, again(row).fence) == (1, 1)


def test_one_of_many_claimants_at_once_wins(transactional_db):
    rows = [again(row) for row in [ReactionFactory()] * 6]
    won = at_once(*(lambda row=row: claims.claim(row, at=AT, lease=LEASE) for row in rows))
    assert won.count(True) == 1
    assert again(rows[0]).tries == 1


def test_a_claimed_row_is_not_due(row):
    claims.claim(row, at=AT, lease=LEASE)
    assert not claims.due(Reaction.objects.all(), at=AT).exists()


def test_a_row_is_not_due_before_its_time(row):
    early = AT - dt.timedelta(seconds=1)
    assert not claims.claim(row, at=early, lease=LEASE)
    assert not claims.due(Reaction.objects.all(), at=early).exists()
    assert claims.due(Reaction.objects.all(), at=AT).exists()


def test_when_the_lease_has_run_out_another_may_claim(row):
    claims.claim(row, at=AT, lease=LEASE)
    assert not claims.claim(again(row), at=LATER - dt.timedelta(seconds=1), lease=LEASE)
    assert claims.claim(again(row), at=LATER, lease=LEASE)
    assert again(row).tries == 2


def test_whoever_lost_the_claim_cannot_finish(row):
    slow = again(row)
    claims.claim(slow, at=AT, lease=LEASE)
    claims.claim(again(row), at=LATER, lease=LEASE)
    assert not claims.finish(slow)
    assert again(row).state == Reaction.State.DUE
    assert again(row).lease_until == LATER + LEASE, "the other's lease stands"


def test_whoever_lost_the_claim_cannot_fail_it_either(row):
    slow = again(row)
    claims.claim(slow, at=AT, lease=LEASE)
    claims.claim(again(row), at=LATER, lease=LEASE)
    claims.fail(slow, error="too late", at=LATER)
    assert again(row).error == ""
    assert again(row).lease_until == LATER + LEASE


def test_finishing_ends_it_for_good(row):
    claims.claim(row, at=AT, lease=LEASE)
    claims.fail(row, error="once", at=AT)
    row = again(row)
    claims.claim(row, at=LATER, lease=LEASE)
    assert claims.finish(row)
    assert (again(row).state, again(row).error, again(row).lease_until) == (Reaction.State.DONE, "", None)
    assert not claims.claim(again(row), at=LATER + LEASE, lease=LEASE)
    assert not claims.finish(row), "a second time changes nothing"


def test_failures_wait_longer_each_time_and_then_a_person_decides(row):
    at, waited = AT, []
    for _ in range(claims.TRIES):
        row = again(row)
        assert claims.claim(row, at=at, lease=LEASE)
        claims.fail(row, error="refused", at=at)
        waited.append((again(row).next_attempt_at - at).total_seconds() / 60)
        at = again(row).next_attempt_at
    assert waited == [1, 2, 4, 8, 16, 32, 64, 128]
    dead = again(row)
    assert (dead.state, dead.error, dead.tries) == (Reaction.State.DEAD, "refused", claims.TRIES)
    assert not claims.claim(dead, at=at + dt.timedelta(days=30), lease=LEASE)


def test_a_long_error_is_cut(row):
    claims.claim(row, at=AT, lease=LEASE)
    claims.fail(row, error="x" * 10_000, at=AT)
    assert len(again(row).error) == 2000
