"""Rows for the lists of touches: each with everything its list shows."""

from collections.abc import Callable
from typing import Any

from tests.factories import accounts


def a_touch(number: int) -> None:
    touch = accounts.TouchFactory(logged_by=accounts.UserFactory())
    accounts.TouchTextFactory(touch=touch)
    accounts.TouchAttendeeFactory(touch=touch)
    accounts.TouchAttendeeFactory(touch=touch, stakeholder=None, user=accounts.UserFactory())


TOUCHES: dict[str, Callable[[int], Any]] = {
    "touches": a_touch,
    "reviews": lambda number: accounts.ReviewAttendeeFactory(),
    "pulses": lambda number: accounts.PulseFactory(set_by=accounts.UserFactory()),
    "next-steps": lambda number: accounts.NextStepFactory(set_by=accounts.UserFactory()),
    "survey-responses": lambda number: accounts.SurveyResponseFactory(
        source=accounts.SourceFactory(), external_id=f"answer-{number}", loop_closed_by=accounts.UserFactory()
    ),
}
