"""New customers get their CSM by the rule of their segment, as soon as they are customers."""

import datetime as dt

from django.db.models import F

from accounts.deals.models import Deal
from accounts.events.subscriptions import subscribe
from accounts.foundation.lanes import lane
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from accounts.portfolio.queries import holder, listed
from accounts.team.models import User
from retention.segments.models import AccountSegment
from retention.segments.owners import CSM, next_owner

NEW = dt.timedelta(days=60)
"""So long after the first deal was won; who has no CSM later has lost them, and that is for a person to decide."""


@subscribe("deal.won", name="give a new customer their CSM")
@subscribe("segment.changed", name="give a customer of another segment their CSM")
def _react(event: AccountEvent) -> None:
    give_csm(event.account, at=event.recorded_at)


def give_csm(account: Account, *, at: dt.datetime) -> User | None:
    """Gives `account` to whoever its segment's rule names, and returns them.

    None, and nothing done, where it has a CSM, has not become a customer lately, stands in no segment that owns people,
    or where nobody has room.
    """
    won = Deal.objects.filter(account=account, type=Deal.Type.NEW, state=Deal.State.WON, closed_at__gte=at - NEW)
    if not won.exists() or not listed().filter(pk=account.pk).exists():
        return None
    with lane("owners"):  # who gets the next one follows from who has got how many
        if holder(account, CSM):
            return None
        user = _by_rule(account, at=at)
        if user:
            portfolio.assign(account, part=CSM, user=user, by=None, at=at)
    return user


def _by_rule(account: Account, *, at: dt.datetime) -> User | None:
    standing = AccountSegment.objects.filter(account=account).exclude(segment__assign="")
    for row in standing.select_related("segment__version").order_by(F("dimension__key")):
        if user := next_owner(row.segment, at=at):
            return user
    return None
