"""New customers get their CSM by the rule of their segment, as soon as they are customers."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

from django.db import models
from django.db.models import F

from accounts.deals.models import Deal
from accounts.events.subscriptions import subscribe
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.portfolio.queries import holder, listed
from accounts.team.models import User
from retention.segments.foreseeing import foreseen
from retention.segments.models import AccountSegment, Segment
from retention.segments.owners import CSM, next_owner

NEW = dt.timedelta(days=60)
"""So long after the first deal was won; who has no CSM later has lost them, and that is for a person to decide."""


@subscribe("deal.won", name="give a new customer their CSM")
@subscribe("segment.changed", name="give a customer of another segment their CSM")
def _react(event: AccountEvent) -> None:
    give_csm(event.account, at=event.recorded_at)


def give_csm(account: Account, *, at: dt.datetime) -> User | None:
    """Gives `account` to whoever its segment's rule names, and returns them.

    Where it stands in none that owns people, because its contract is not accepted or has not begun, the segment counts
    where it will stand then. None, and nothing done, where it has a CSM, has not become a customer lately, or where
    nobody has room.
    """
    won = Deal.objects.filter(account=account, type=Deal.Type.NEW, state=Deal.State.WON, closed_at__gte=at - NEW)
    deal = won.order_by("closed_at", "pk").last()
    if deal is None or not listed().filter(pk=account.pk).exists():
        return None
    with lane("owners"):  # who gets the next one follows from who has got how many
        if holder(account, CSM):
            return None
        user = _by_rule(deal, at=at)
        if user:
            portfolio.assign(account, part=CSM, user=user, by=None, at=at)
    return user


def _by_rule(deal: Deal, *, at: dt.datetime) -> User | None:
    if standing := _owning().filter(account=deal.account_id).select_related("segment__version"):
        segments = [row.segment for row in standing.order_by(F("dimension__key"))]
        return next((user for one in segments if (user := next_owner(one, at=at))), None)
    ahead = foreseen([deal, *_arriving(deal, at=at)], at=at)
    for segment in ahead.pop(deal.account_id):
        if segment.assign and (user := next_owner(segment, at=at, arriving=_owners(ahead, segment))):
            return user
    return None


def _owning() -> models.QuerySet[AccountSegment]:
    return AccountSegment.objects.exclude(segment__assign="")


def _arriving(deal: Deal, *, at: dt.datetime) -> list[Deal]:
    """The first deals of others whose contract does not run yet either: they fill up who looks after them already."""
    won = Deal.objects.filter(type=Deal.Type.NEW, state=Deal.State.WON, closed_at__gte=at - NEW)
    return list(won.exclude(account=deal.account_id).exclude(account__in=_owning().values("account")))


def _owners(ahead: Mapping[int, Sequence[Segment]], segment: Segment) -> Counter[int]:
    """Id of a CSM → how many customers of theirs are on their way into `segment`."""
    coming = [pk for pk, found in ahead.items() if segment in found]
    return Counter(
        AccountMember.objects.filter(account__in=among(coming), part=CSM).order_by().values_list("user", flat=True)
    )
