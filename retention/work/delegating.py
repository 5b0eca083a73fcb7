"""Giving work to a colleague who may see its account, with a word about it. The clock goes on."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from accounts.foundation.scope import Access, Area, Reach
from accounts.portfolio.models import Account, AccountMember
from accounts.team.models import Grant, User
from accounts.team.queries import colleagues
from retention.work import services, thread
from retention.work.models import WorkItem


@transaction.atomic
def delegate(item: WorkItem, *, to: User, by: Any, at: dt.datetime, note: str = "") -> WorkItem:
    """Hands an open item to `to`; the note stands in its thread. Refused where `to` may not see the account."""
    if item.assignee_id == to.pk:
        raise ValidationError({"to": f"{to} has this already. Choose somebody else."})
    if not to.may_edit(Area.WORK):
        raise ValidationError({"to": f"{to} may not do work ({to.role or 'no role'}). Choose somebody else."})
    if not Account.objects.for_user(to).filter(pk=item.account_id).exists():
        raise ValidationError({"to": f"{to} does not see {item.account}. Choose a colleague on its team."})
    services.reassign(item, to=to, by=by, at=at)
    if note.strip():
        thread.comment(item, text=note, by=by, at=at, is_told=False)
    return item


def able(account: Account, reader: User) -> models.QuerySet[User]:
    """The colleagues of `reader` who may do work of this account: they reach it by their role or are on its team."""
    found = colleagues(reader).filter(Q(is_superuser=True) | _role(Area.WORK, access=Access.EDIT))
    members = AccountMember.objects.filter(account=account)
    here = Q(pk__in=members.values("user")) | Q(
        pk__in=WorkItem.objects.filter(account=account, state=WorkItem.State.OPEN, assignee__isnull=False).values(
            "assignee"
        )
    )
    sees = (
        Q(is_superuser=True)
        | _role(Area.ACCOUNTS, reach=Reach.ALL)
        | _role(Area.ACCOUNTS) & here
        | _role(Area.ACCOUNTS, reach=Reach.TEAM) & Q(team__in=members.exclude(user__team=None).values("user__team"))
    )
    return found.filter(sees)


def _role(area: Area, **grant: Any) -> Q:
    return Q(role__in=Grant.objects.filter(area=area, **grant).values("role"))
