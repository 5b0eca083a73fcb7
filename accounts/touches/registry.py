"""What the timeline tells of touches, reviews, pulses, next steps and surveys."""

import dataclasses
import datetime as dt
from collections.abc import Mapping

from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from accounts.touches.models import BusinessReview, Pulse, SurveyResponse, Touch
from accounts.touches.models.survey import RANGES

Names = Mapping[int, str]
ICON = "forum"
_KINDS, _PURPOSES = dict(Touch.Kind.choices), dict(Touch.Purpose.choices)
_PULSES, _SURVEYS = dict(Pulse.Value.choices), dict(SurveyResponse.Kind.choices)
_REVIEWS, _OUTCOMES = dict(BusinessReview.Kind.choices), dict(BusinessReview.Outcome.choices)


def _what(event: AccountEvent) -> str:
    """A call, a meeting: with its purpose, where that says more."""
    kind, purpose = event.data["kind"], event.data.get("purpose", "")
    name = _KINDS.get(kind, kind)
    if kind == Touch.Kind.EMAIL and event.data.get("direction") == Touch.Direction.INBOUND:
        name = f"{name} from them"
    if purpose == Touch.Purpose.OTHER or (kind == Touch.Kind.NOTE and purpose == Touch.Purpose.CHECK_IN):
        return name
    return f"{name}: {_PURPOSES.get(purpose, purpose).lower()}" if purpose else name


def _review(event: AccountEvent) -> str:
    return _REVIEWS.get(event.data["kind"], "Review")


def _planned(event: AccountEvent, people: Names) -> str:
    return f"{_review(event)} planned for {_day(event.data['for'])}"


def _held(event: AccountEvent, people: Names) -> str:
    outcome = event.data["outcome"]
    return f"{_review(event)} held: {_OUTCOMES.get(outcome, outcome).lower()}"


def _pulse(event: AccountEvent, people: Names) -> str:
    now, before = (_PULSES.get(event.data.get(name, ""), "") for name in ("value", "was"))
    return f"Pulse set to {now} (was {before})" if before and before != now else f"Pulse set to {now}"


def _next_step(event: AccountEvent, people: Names) -> str:
    due = event.data.get("due")
    return f"Next step set, due {_day(due)}" if due else "Next step set"


def _survey(event: AccountEvent) -> str:
    kind = event.data["kind"]
    return f"{_SURVEYS.get(kind, kind)} answer {event.data['score']} of {RANGES.get(kind, (0, 10))[1]}"


def _day(text: str) -> str:
    return f"{dt.date.fromisoformat(text):%d %b %Y}".removeprefix("0")


for _name, _kind in {
    "touch.logged": EventKind(lambda event, people: _what(event), ICON, changes_facts=True),
    "touch.changed": EventKind(lambda event, people: f"{_what(event)} (corrected)", ICON, changes_facts=True),
    "touch.removed": EventKind(lambda event, people: f"{_what(event)} (taken back)", "undo", changes_facts=True),
    "review.planned": EventKind(_planned, "event", changes_facts=True),
    "review.held": EventKind(_held, "event_available", changes_facts=True),
    "review.cancelled": EventKind(
        lambda event, people: f"{_review(event)} cancelled", "event_busy", changes_facts=True
    ),
    "pulse.set": EventKind(_pulse, "favorite", changes_facts=True),
    "pulse.withdrawn": EventKind(lambda event, people: "Pulse taken back", "undo", changes_facts=True),
    "next_step.set": EventKind(_next_step, "next_plan", changes_facts=True),
    "next_step.done": EventKind(lambda event, people: "Next step done", "task_alt", changes_facts=True),
    "next_step.withdrawn": EventKind(lambda event, people: "Next step taken back", "undo", changes_facts=True),
    "survey.answered": EventKind(lambda event, people: _survey(event), "reviews", changes_facts=True),
    "survey.loop_closed": EventKind(lambda event, people: f"Loop closed on {_survey(event)}", "published_with_changes"),
}.items():
    kinds.add(_name, dataclasses.replace(_kind, group=Group.TOUCHES))
