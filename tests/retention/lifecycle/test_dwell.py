"""A stage that asks for days is entered and left only after them: a crossing back in between is no transition."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.portfolio import services as portfolio
from retention.lifecycle.models import AccountStage, StageChange
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.lifecycle.test_stages import FEATURES, published, stage

pytestmark = pytest.mark.django_db
ENTER, LEAVE, SPAN = 14 * DAY, 30 * DAY, 5 * DAY


class Dwelling(TestCase):
    @settings(max_examples=15)
    @given(st.lists(st.booleans(), min_size=3, max_size=20))
    def test_only_what_held_for_long_enough_moves(self, course: list[bool]) -> None:
        """Every five days the account uses enough, or too little."""
        published([replace(stage("adopted", FEATURES), enter_after_days=14, leave_after_days=30)])
        account = portfolio.create(name="Adatum", by=None, at=AT)
        know(account, features_used_30d=0)
        evaluate(AT)
        at, since, was, is_in, moves = AT, AT, False, False, 0
        for uses in course:
            at += SPAN
            know(account, features_used_30d=5 if uses else 0)
            evaluate(at)
            since, was = (at if uses is not was else since), uses
            if uses is not is_in and at - since >= (ENTER if uses else LEAVE):
                is_in, moves = uses, moves + 1
            row = AccountStage.objects.select_related("stage").filter(account=account).first()
            assert bool(row and row.stage) is is_in, (course, at)
        assert StageChange.objects.filter(account=account).count() == moves
