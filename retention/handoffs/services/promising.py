"""The register of promises: what was promised before the deal was won, and whether it can be kept."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from retention.handoffs.models import Handoff, HandoffItem, Promise
from retention.handoffs.services.holding import NotPossible, recount, take, take_for_giver
from retention.handoffs.sides import may_accept


@transaction.atomic
def promise(handoff: Handoff, *, by: Any, at: dt.datetime, **values: Any) -> Promise:
    """Writes down one promise: `what`, `to_whom`, `promised_by`, `due_on`, `evidence`."""
    fresh = take_for_giver(handoff)
    row = Promise(handoff=fresh, created_at=at, **values)
    row.full_clean()
    audit.create(row, verb="promise.make", by=by, at=at)
    for said in fresh.answers.filter(item__evidence=HandoffItem.Evidence.PROMISES, flag=True):
        unsaid = {"flag": None, "revision": said.revision + 1, "changed_at": at, "changed_by": by}
        audit.update(said, verb="handoff.answer", by=by, at=at, **unsaid)
    recount(fresh, by=by, at=at)
    return row


@transaction.atomic
def change_promise(one: Promise, *, by: Any, at: dt.datetime, **values: Any) -> Promise:
    """Puts a promise right; what was said about keeping it has to be said anew."""
    take_for_giver(one.handoff)
    fresh = Promise.objects.select_for_update().get(pk=one.pk)
    for name, value in values.items():
        setattr(one, name, value)
    one.full_clean()
    unsaid = {"verdict": "", "note": "", "judged_at": None, "judged_by": None}
    audit.update(fresh, verb="promise.change", by=by, at=at, **values, **unsaid)
    return fresh


@transaction.atomic
def take_back(one: Promise, *, by: Any, at: dt.datetime) -> None:
    """Strikes a promise that was not made."""
    fresh = take_for_giver(one.handoff)
    audit.delete(one, verb="promise.take_back", by=by, at=at)
    recount(fresh, by=by, at=at)


@transaction.atomic
def judge(one: Promise, *, verdict: str, by: Any, at: dt.datetime, note: str = "") -> Promise:
    """The receiver says whether a promise can be kept, needs the product, or cannot be kept (then `note` says why)."""
    handoff = take(one.handoff, Handoff.State.SUBMITTED, Handoff.State.ACCEPTED)
    if by is not None and not may_accept(handoff, by):
        raise NotPossible("Whether a promise can be kept is for the receiving side to say.")
    if verdict not in Promise.Verdict.values:
        raise ValidationError({"verdict": [f"Choose one of {', '.join(Promise.Verdict.values)}."]})
    if verdict != Promise.Verdict.CAN_KEEP and not note.strip():
        raise ValidationError({"note": ["Say in a sentence what stands in the way."]})
    fresh = Promise.objects.select_for_update().get(pk=one.pk)
    said = {"verdict": verdict, "note": note.strip()[:500], "judged_at": at, "judged_by": by}
    audit.update(fresh, verb="promise.judge", by=by, at=at, **said)
    happened("handoff.promise_judged", handoff.account, by=by, at=at, subject=handoff, verdict=verdict)
    return fresh
