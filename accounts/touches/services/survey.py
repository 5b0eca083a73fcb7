import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import SurveyResponse
from accounts.touches.models.survey import RANGES
from accounts.touches.services.touch import must_belong


@transaction.atomic
def record_survey(
    account: Account,
    *,
    kind: str,
    score: int,
    by: Any,
    at: dt.datetime,
    stakeholder: Stakeholder | None = None,
    received_at: dt.datetime | None = None,
    **values: Any,
) -> SurveyResponse:
    """An answer to a survey; `values` are further fields of SurveyResponse."""
    must_belong([stakeholder] if stakeholder else [], account)
    response = SurveyResponse(
        account=account,
        kind=kind,
        score=score,
        stakeholder=stakeholder,
        received_at=received_at or at,
        recorded_at=at,
        **values,
    )
    must_fit(kind, score)
    must_be_over(response.received_at, at=at)
    response.full_clean()
    audit.create(response, verb="survey.record", by=by, at=at)
    happened("survey.answered", account, by=by, at=response.received_at, subject=response, **told(response))
    return response


@transaction.atomic
def close_loop(response: SurveyResponse, *, by: Any, at: dt.datetime) -> SurveyResponse:
    """Notes that somebody got back to whoever answered."""
    response.refresh_from_db(from_queryset=SurveyResponse.objects.select_for_update())
    if response.loop_closed_at:
        raise ValidationError("The loop on this answer is closed already.")
    audit.update(response, verb="survey.close_loop", by=by, at=at, loop_closed_at=at, loop_closed_by=by)
    happened("survey.loop_closed", response.account, by=by, at=at, subject=response, **told(response))
    return response


def told(response: SurveyResponse) -> dict[str, Any]:
    """What the ledger keeps of an answer: no words."""
    return {"kind": response.kind, "score": response.score}


def must_fit(kind: str, score: int) -> None:
    """Refuses a score that surveys of this kind do not know."""
    lowest, highest = RANGES.get(kind, (0, 10))
    if not lowest <= score <= highest:
        name = dict(SurveyResponse.Kind.choices).get(kind, kind)
        raise ValidationError({"score": f"{name} goes from {lowest} to {highest}; {score} is outside."})


def must_be_over(received_at: dt.datetime, *, at: dt.datetime) -> None:
    if received_at > at:
        raise ValidationError({"received_at": "This is still to come; give the instant at which the answer came."})
