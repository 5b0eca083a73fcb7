"""A customer gets another CSM, say: what runs goes along, and the one before tells the next what they know."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.deals.models import Deal
from accounts.foundation.lanes import lane
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.handoffs.models import Handoff, HandoffTemplate, HandoffVersion
from retention.handoffs.services.handing import cancel, hand_to
from retention.handoffs.services.starting import begin_row

OVER = (Handoff.State.ACCEPTED, Handoff.State.CANCELLED)


@transaction.atomic
def succeed(
    account: Account, *, part: str, before: User, user: User, key: str, by: Any, at: dt.datetime
) -> Handoff | None:
    """What an account's new holder of `part` finds: `before` stands on no side any more, and hands over to `user`.

    The checklist is the one that starts on such a change; None where there is none, where the customer has only just
    been won (their first handoff goes to `user` instead), or has not been won yet.
    """
    with lane(f"handoff {key}"):
        running = list(
            Handoff.objects.filter(account=account).exclude(state__in=OVER).select_related("version__template")
        )
        of_change = [one for one in running if one.version.template.starts_on_change_of == part]
        is_arriving = _take_sides([one for one in running if one not in of_change], part, before, user, by=by, at=at)
        version = _version(part)
        if version is None or is_arriving or not _is_customer(account):
            return None
        if of_change:
            return _again(of_change[0], user, by=by, at=at)
        if found := Handoff.objects.filter(key=key).first():
            return found
        giver = _who_knows(before, user)
        return begin_row(Handoff(account=account, version=version, key=key, giver=giver, receiver=user), by=by, at=at)


def _take_sides(running: list[Handoff], part: str, before: User, user: User, *, by: Any, at: dt.datetime) -> bool:
    """`user` stands where `before` stood; returns whether the customer was on the way to that part just now."""
    is_arriving = False
    for handoff in running:
        for side in ("giver", "receiver"):
            if getattr(handoff.version, side) == part and getattr(handoff, f"{side}_id") == before.pk:
                is_arriving |= side == "receiver"
                try:
                    hand_to(handoff, by=by, at=at, **{side: user})
                except ValidationError:
                    continue  # they are the other side already
    return is_arriving


def _version(part: str) -> HandoffVersion | None:
    template = HandoffTemplate.objects.filter(starts_on_change_of=part).first()
    return template.latest if template else None


def _is_customer(account: Account) -> bool:
    """Whether there is anything to hand over: they bought something, or came to us by a handoff."""
    won = Deal.objects.filter(account=account, state=Deal.State.WON)
    taken = Handoff.objects.filter(account=account, state=Handoff.State.ACCEPTED)
    return won.exists() or account.contracts.exists() or taken.exists()


def _again(handoff: Handoff, user: User, *, by: Any, at: dt.datetime) -> Handoff:
    """The customer goes on to somebody else before it was handed over; or back to who knows it."""
    if handoff.giver_id == user.pk:
        return cancel(handoff, reason=f"the customer goes back to {user}", by=by, at=at)
    return hand_to(handoff, by=by, at=at, receiver=user)


def _who_knows(before: User, user: User) -> User | None:
    """Who hands over: the one before, or who leads their team where they have left; None where that is nobody else."""
    manager = before.team.manager if before.team else None
    known = before if before.is_active else manager
    return known if known and known.is_active and known != user else None
