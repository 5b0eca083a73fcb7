"""A lane holds one at a time; on both databases whoever comes second waits."""

import time

import pytest
from django.db import transaction

from accounts.foundation.lanes import lane
from accounts.foundation.models import Bell
from tests.factories.accounts import BellFactory
from tests.threads import at_once


def test_threads_pass_one_after_the_other(transactional_db):
    told: list[str] = []

    def pass_through() -> None:
        with lane("fold"):
            told.append("in")
            time.sleep(0.03)
            told.append("out")

    at_once(*[pass_through] * 4)
    assert told == ["in", "out"] * 4


def test_whoever_comes_second_sees_what_the_first_committed(transactional_db):
    BellFactory(name="count", rung_at=None)
    seen: list[bool] = []

    def turn_over() -> None:
        with lane("fold"):
            seen.append(Bell.objects.filter(name="first").exists())
            time.sleep(0.03)
            if not seen[-1]:
                Bell.objects.create(name="first")

    at_once(*[turn_over] * 4)
    assert seen == [False, True, True, True]


def test_an_error_leaves_the_lane_free_and_nothing_behind(transactional_db):
    with pytest.raises(ZeroDivisionError):
        break_down()
    assert not Bell.objects.exists()
    assert at_once(passable) == [True]


def break_down() -> None:
    with lane("fold"):
        Bell.objects.create(name="half done")
        raise ZeroDivisionError


def passable() -> bool:
    with lane("fold"):
        return True


def test_a_lane_may_be_entered_inside_a_transaction_and_inside_itself(transactional_db):
    with transaction.atomic(), lane("fold"), lane("fold"):
        Bell.objects.create(name="inside")
    assert Bell.objects.filter(name="inside").exists()
