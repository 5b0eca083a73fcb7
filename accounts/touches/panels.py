"""Touches on the account page: what keeps us in touch, reviews, survey answers, and the words of the timeline."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from accounts.events.timeline import words
from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.foundation.records import Record
from accounts.portfolio.models import Account
from accounts.portfolio.registry import RAIL, Panel, panels
from accounts.team.models import User
from accounts.touches.models import BusinessReview, NextStep, Pulse, SurveyResponse, TouchText
from accounts.touches.queries import latest_pulse, open_step, touches_of
from accounts.workspace.queries import today

SHOWN = 20


def _keep_in_touch(account: Account, user: User) -> dict[str, Any]:
    at, step = now(), open_step(account)
    planned = BusinessReview.objects.for_user(user).filter(account=account, state=BusinessReview.State.PLANNED)
    return {
        "account": account,
        "touched": touches_of([account.pk], at=at)[account.pk],
        "step": step,
        "step_overdue": bool(step and step.due_on and step.due_on < today(at)),
        "pulse": latest_pulse(account),
        "review": planned.order_by("planned_for").first(),
        "may_edit": user.may_edit(Account.AREA),
    }


def _reviews(account: Account, user: User) -> dict[str, Any]:
    rows = list(BusinessReview.objects.for_user(user).filter(account=account).prefetch_related("stakeholders")[:SHOWN])
    return {"reviews": [(row, [str(person) for person in row.stakeholders.all()]) for row in rows]}


def _surveys(account: Account, user: User) -> dict[str, Any]:
    rows = SurveyResponse.objects.for_user(user).filter(account=account)
    answers = list(rows.select_related("stakeholder", "loop_closed_by")[:SHOWN])
    return {"answers": answers, "may_edit": user.may_edit(Account.AREA)}


panels.add("keep in touch", Panel("Keep in touch", "accounts/panels/keep_in_touch.html", _keep_in_touch, tab=RAIL))
panels.add("reviews", Panel("Business reviews", "accounts/panels/reviews.html", _reviews, tab="people", order=70))
panels.add("surveys", Panel("Survey answers", "accounts/panels/surveys.html", _surveys, tab="people", order=75))


def _said(model: type[Record], field: str) -> Callable[[Collection[int]], Mapping[int, str]]:
    """Row id → what stands in `field`."""

    def read(ids: Collection[int]) -> Mapping[int, str]:
        rows = model.objects.filter(pk__in=among(ids)).exclude(**{field: ""})
        return dict(rows.values_list("pk", field))

    return read


words.add("touch", _said(TouchText, "text"))
words.add("pulse", _said(Pulse, "reason"))
words.add("nextstep", _said(NextStep, "text"))
words.add("businessreview", _said(BusinessReview, "next_step"))
words.add("surveyresponse", _said(SurveyResponse, "comment"))
