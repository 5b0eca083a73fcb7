"""Handing over: the giver submits, the receiver accepts or returns with reasons."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.team.models import User
from accounts.team.services import must_be_here
from retention.handoffs.checklist import Checklist, checklist
from retention.handoffs.models import Handoff, HandoffItem, ItemReturn
from retention.handoffs.services.holding import NotPossible, recount, take
from retention.handoffs.services.turns import give_turn, tell, work_ended
from retention.handoffs.sides import is_giver, may_accept, may_sign_fit
from retention.work import services as work
from retention.work.alarms import leaders

State = Handoff.State


class Blocked(ValidationError):
    """Something that blocks is not done; `items` names it. Nothing was changed."""

    def __init__(self, names: Sequence[str]) -> None:
        self.items = list(names)
        super().__init__([f"Still missing: {name}." for name in names])


@transaction.atomic
def submit(handoff: Handoff, *, by: Any, at: dt.datetime) -> Handoff:
    """Hands the finished checklist to the receiver; raises Blocked with all that is missing."""
    fresh = take(handoff, State.OPEN, State.RETURNED)
    found = recount(fresh, by=by, at=at)
    _must_lack_nothing(found)
    if by is not None and fresh.receiver_id == by.pk:
        raise NotPossible("You are to receive this; the other side submits it.")
    work_ended(fresh, "submitted", by=by, at=at)
    audit.update(fresh, verb="handoff.submit", by=by, at=at, state=State.SUBMITTED, submitted_at=at, submitted_by=by)
    happened("handoff.submitted", fresh.account, by=by, at=at, subject=fresh, **about(fresh))
    give_turn(fresh, fresh.receiver, "Accept", fresh.version.accept_within, by=by, at=at)
    if found.is_bad_fit and fresh.fit_signed_at is None:
        tell(fresh, leaders(), "Fits badly, wants your signature", besides=by, at=at)
    return fresh


def about(handoff: Handoff) -> dict[str, Any]:
    """What its events say of a handoff."""
    return {"name": handoff.version.template.name, "loops": handoff.loops}


def _must_lack_nothing(found: Checklist) -> None:
    if found.open:
        raise Blocked([line.item.name for line in found.open])


@transaction.atomic
def return_items(
    handoff: Handoff, items: Sequence[tuple[HandoffItem, str, str]], *, by: Any, at: dt.datetime
) -> Handoff:
    """Sends items back to the giver, each with a coded reason and a note; they block until they are mended."""
    fresh = _for_receiver(handoff, by, "return")
    if not items or len({item.pk for item, _, _ in items}) < len(items):
        raise ValidationError({"items": ["Choose what you return: at least one item, each once."]})
    loop = fresh.loops + 1
    for item, reason, note in items:
        if item.version_id != fresh.version_id:
            raise ValidationError({"items": [f"“{item}” is of another checklist."]})
        if reason == ItemReturn.Reason.OTHER and not note.strip():
            raise ValidationError({"note": [f"Say in a sentence what is wrong with “{item}”."]})
        row = ItemReturn(handoff=fresh, item=item, loop=loop, reason=reason, note=note.strip(), at=at, by=by)
        row.full_clean()
        audit.create(row, verb="handoff.return_item", by=by, at=at)
    audit.update(fresh, verb="handoff.return", by=by, at=at, state=State.RETURNED, loops=loop)
    recount(fresh, by=by, at=at)
    work_ended(fresh, "returned", by=by, at=at)
    happened("handoff.returned", fresh.account, by=by, at=at, subject=fresh, items=len(items), **about(fresh))
    give_turn(fresh, fresh.giver, "Mend", fresh.version.complete_within, by=by, at=at)
    return fresh


@transaction.atomic
def accept(handoff: Handoff, *, by: Any, at: dt.datetime) -> Handoff:
    """The receiver takes the customer over. Every promise has been judged, and a bad fit is signed by a leader."""
    fresh = _for_receiver(handoff, by, "accept")
    found = checklist(fresh, at=at)  # what is known of the account may have changed since it was submitted
    _must_lack_nothing(found)
    if open_promises := [one.what for one in found.promises if not one.verdict]:
        raise ValidationError([f"Say whether this promise can be kept: {what}" for what in open_promises])
    if found.is_bad_fit and fresh.fit_signed_at is None:
        raise NotPossible(f"The account fits badly ({found.fit_score} of 100): a leader has to sign it off first.")
    receiver = {"receiver": by} if fresh.receiver is None and by is not None and by.is_staff else {}
    work_ended(fresh, "accepted", by=by, at=at)
    audit.update(
        fresh, verb="handoff.accept", by=by, at=at, state=State.ACCEPTED, accepted_at=at, accepted_by=by, **receiver
    )
    happened("handoff.accepted", fresh.account, by=by, at=at, subject=fresh, **about(fresh))
    tell(fresh, [fresh.giver], "Accepted", besides=by, at=at)
    return fresh


def _for_receiver(handoff: Handoff, by: Any, verb: str) -> Handoff:
    fresh = take(handoff, State.SUBMITTED)
    if by is None:
        return fresh
    if is_giver(fresh, by):
        raise NotPossible(f"You handed this over: somebody else has to {verb} it.")
    if not may_accept(fresh, by):
        raise NotPossible(f"{fresh.receiver} receives this; only they, or who leads their team, {verb} it.")
    return fresh


@transaction.atomic
def sign_fit(handoff: Handoff, *, note: str, by: Any, at: dt.datetime) -> Handoff:
    """A leader takes responsibility for a customer who fits badly, and says why."""
    fresh = take(handoff, State.DRAFT, State.OPEN, State.SUBMITTED, State.RETURNED)
    if by is not None and not may_sign_fit(by):
        raise NotPossible("Only a leader signs off an account that fits badly.")
    if fresh.fit_signed_at is not None:
        raise NotPossible(f"{fresh.fit_signed_by or 'A leader'} signed it off already: {fresh.fit_note}")
    if not checklist(fresh, at=at).is_bad_fit:
        raise NotPossible(f"{fresh.account} does not fit badly: there is nothing to sign off.")
    if not note.strip():
        raise ValidationError({"note": ["Say why we take this customer all the same."]})
    signed = {"fit_signed_by": by, "fit_signed_at": at, "fit_note": note.strip()[:500]}
    audit.update(fresh, verb="handoff.sign_fit", by=by, at=at, **signed)
    happened("handoff.fit_signed", fresh.account, by=by, at=at, subject=fresh, **about(fresh))
    tell(fresh, [fresh.receiver, fresh.giver], "Bad fit signed off", besides=by, at=at)
    return fresh


@transaction.atomic
def cancel(handoff: Handoff, *, reason: str, by: Any, at: dt.datetime) -> Handoff:
    """Calls it off, and tells both sides why."""
    fresh = take(handoff, State.DRAFT, State.OPEN, State.SUBMITTED, State.RETURNED)
    if not reason.strip():
        raise ValidationError({"reason": ["Say why it is called off."]})
    work_ended(fresh, "called_off", by=by, at=at)
    audit.update(
        fresh, verb="handoff.cancel", by=by, at=at, because=reason.strip(), state=State.CANCELLED, cancelled_at=at
    )
    happened("handoff.cancelled", fresh.account, by=by, at=at, subject=fresh, reason=reason.strip(), **about(fresh))
    tell(fresh, [fresh.giver, fresh.receiver], f"Called off ({reason.strip()})", besides=by, at=at)
    return fresh


@transaction.atomic
def hand_to(handoff: Handoff, *, by: Any, at: dt.datetime, **sides: User | None) -> Handoff:
    """Somebody else is the `giver` or the `receiver` from now on; open work goes along."""
    fresh = take(handoff, State.DRAFT, State.OPEN, State.SUBMITTED, State.RETURNED)
    for side, user in sides.items():
        must_be_here(user, field=side)
    both = {"giver": fresh.giver, "receiver": fresh.receiver} | sides
    if both["giver"] is not None and both["giver"] == both["receiver"]:
        raise ValidationError({next(iter(sides)): ["Both sides would be the same person. Choose somebody else."]})
    audit.update(fresh, verb="handoff.hand_to", by=by, at=at, **sides)
    holder = fresh.giver if fresh.is_with_giver else fresh.receiver
    if fresh.work and fresh.work.is_open and fresh.work.assignee != holder:
        work.reassign(fresh.work, to=holder, by=by, at=at)
    return fresh


def wait(handoff: Handoff, *, reason: str, by: Any, at: dt.datetime) -> Handoff:
    """Others have to act first: the internal clock stands still, the promised dates do not."""
    work.wait(_running(handoff), reason=reason, by=by, at=at)
    return handoff


def go_on(handoff: Handoff, *, by: Any, at: dt.datetime) -> Handoff:
    """Nobody is waited for any more: the internal clock goes on."""
    work.go_on(_running(handoff), by=by, at=at)
    return handoff


def _running(handoff: Handoff) -> Any:
    fresh = Handoff.objects.select_related("work__clock").get(pk=handoff.pk)
    if fresh.work is None or not fresh.work.is_open:
        raise NotPossible("No clock runs for this handoff now.")
    return fresh.work
