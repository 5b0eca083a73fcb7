import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import BusinessReview, ReviewAttendee, Touch
from accounts.touches.services.steps import set_next_step
from accounts.touches.services.touch import log, must_belong

PURPOSES = {
    BusinessReview.Kind.BUSINESS: Touch.Purpose.BUSINESS_REVIEW,
    BusinessReview.Kind.EXECUTIVE: Touch.Purpose.EXECUTIVE_CALL,
}
"""Kind of review → the purpose of the touch that holding it logs."""


@transaction.atomic
def plan_review(
    account: Account,
    *,
    planned_for: dt.datetime,
    by: Any,
    at: dt.datetime,
    kind: str = BusinessReview.Kind.BUSINESS,
    stakeholders: Iterable[Stakeholder] = (),
) -> BusinessReview:
    """A review of the business with `account`, still to be held."""
    people = list(stakeholders)
    must_belong(people, account)
    review = BusinessReview(account=account, kind=kind, planned_for=planned_for, planned_by=by)
    review.full_clean()
    audit.create(review, verb="review.plan", by=by, at=at)
    _invite(review, people)
    day = planned_for.date().isoformat()
    planned: dict[str, Any] = {"kind": kind, "for": day}
    happened("review.planned", account, by=by, at=at, subject=review, **planned)
    return review


@transaction.atomic
def hold_review(
    review: BusinessReview,
    *,
    outcome: str,
    by: Any,
    at: dt.datetime,
    held_at: dt.datetime | None = None,
    text: str = "",
    minutes: int | None = None,
    stakeholders: Iterable[Stakeholder] | None = None,
    next_step: str = "",
    due_on: dt.date | None = None,
) -> BusinessReview:
    """Notes that `review` was held: logs the touch it was, and sets the next step that was agreed."""
    _must_be_planned(review)
    people = list(review.stakeholders.all() if stakeholders is None else stakeholders)
    must_belong(people, review.account)
    review.state, review.outcome, review.held_at = BusinessReview.State.HELD, outcome, held_at or at
    review.next_step = next_step.strip()
    review.full_clean()
    touch = log(
        review.account,
        kind=Touch.Kind.MEETING,
        purpose=PURPOSES[BusinessReview.Kind(review.kind)],
        happened_at=review.held_at,
        stakeholders=people,
        text=text,
        minutes=minutes,
        by=by,
        at=at,
    )
    fresh = BusinessReview.objects.get(pk=review.pk)
    values = {name: getattr(review, name) for name in ("state", "outcome", "held_at", "next_step")}
    audit.update(fresh, verb="review.hold", by=by, at=at, touch=touch, **values)
    _invite(fresh, people)
    if fresh.next_step:
        set_next_step(fresh.account, text=fresh.next_step, due_on=due_on, by=by, at=at)
    held: dict[str, Any] = {"kind": fresh.kind, "outcome": outcome}
    happened("review.held", fresh.account, by=by, at=review.held_at, subject=fresh, **held)
    return fresh


@transaction.atomic
def cancel_review(review: BusinessReview, *, by: Any, at: dt.datetime) -> BusinessReview:
    """Notes that `review` will not be held."""
    _must_be_planned(review)
    audit.update(review, verb="review.cancel", by=by, at=at, state=BusinessReview.State.CANCELLED)
    happened("review.cancelled", review.account, by=by, at=at, subject=review, kind=review.kind)
    return review


def _must_be_planned(review: BusinessReview) -> None:
    """Two people may close a review at once: whoever comes second reads what the first one did."""
    review.refresh_from_db(from_queryset=BusinessReview.objects.select_for_update())
    if review.state != BusinessReview.State.PLANNED:
        raise ValidationError(f"This review is {review.get_state_display().lower()} already.")


def _invite(review: BusinessReview, people: Collection[Stakeholder]) -> None:
    """Makes `people` the review's attendees, and nobody else."""
    ReviewAttendee.objects.filter(review=review).delete()
    unique = {person.pk: person for person in people}.values()
    ReviewAttendee.objects.bulk_create(ReviewAttendee(review=review, stakeholder=person) for person in unique)
