"""The get-well plan of a risk: remedies with their days, and a look at it every week."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from retention.risks.models import Risk, RiskRemedy, RiskReview
from retention.risks.services import take_open

MOST_REMEDIES = 50


@transaction.atomic
def add_remedy(risk: Risk, *, text: str, due_on: dt.date, by: Any, at: dt.datetime) -> RiskRemedy:
    """One more thing that the plan wants done by a day."""
    take_open(risk)
    if risk.remedies.count() >= MOST_REMEDIES:
        raise ValidationError({"text": f"A plan holds at most {MOST_REMEDIES} remedies; take some away first."})
    remedy = RiskRemedy(risk=risk, text=text.strip(), due_on=due_on)
    remedy.full_clean()
    return audit.create(remedy, verb="risk.add_remedy", by=by, at=at)


@transaction.atomic
def finish(remedy: RiskRemedy, *, by: Any, at: dt.datetime) -> RiskRemedy:
    """The remedy is done; of one that was done before, nothing changes."""
    take_open(remedy.risk)
    if remedy.done_at is None:
        audit.update(remedy, verb="risk.finish_remedy", by=by, at=at, done_at=at, done_by=by)
    return remedy


@transaction.atomic
def drop(remedy: RiskRemedy, *, by: Any, at: dt.datetime) -> None:
    """Takes a remedy out of the plan."""
    take_open(remedy.risk)
    audit.delete(remedy, verb="risk.remove_remedy", by=by, at=at)


@transaction.atomic
def review(risk: Risk, *, text: str, by: Any, at: dt.datetime) -> RiskReview:
    """Somebody looked at the plan, and says where it stands; the next look is due `review_days` later."""
    if not text.strip():
        raise ValidationError({"text": "Say in a sentence where the plan stands."})
    take_open(risk)
    row = audit.create(RiskReview(risk=risk, at=at, by=by, text=text.strip()), verb="risk.review", by=by, at=at)
    audit.update(risk, verb="risk.note_review", by=by, at=at, reviewed_at=at)
    happened("risk.reviewed", risk.account, by=by, at=at, subject=risk)
    return row


def review_due(risk: Risk) -> dt.datetime:
    """When the plan is to be looked at next."""
    return (risk.reviewed_at or risk.raised_at) + dt.timedelta(days=risk.review_days)
