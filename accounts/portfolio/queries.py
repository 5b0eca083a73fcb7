from typing import Any

from django.db import models

from accounts.foundation.scope import Owner, Reach, among, define_ownership
from accounts.portfolio.models import Account, AccountMember, SavedFilter
from accounts.team.models import User

LISTED = models.Q(archived_at=None, merged_into=None)


@define_ownership
def account_ids_within(user: Owner, reach: str) -> models.QuerySet[Any]:
    """The ids of the accounts whose team `user` is on, or somebody of the user's team is.

    What somebody owns is their stand-in's as well while they are away.
    """
    mine = among("user", user)
    if reach == Reach.TEAM and user.team_id:
        mine |= models.Q(user__team=user.team_id)
    return AccountMember.objects.filter(mine).values("account")


def holder(account: Account, part: str) -> User | None:
    """Who has `part` on `account`; None where it is vacant or its holder has left."""
    member = account.members.filter(part=part, user__is_active=True).select_related("user").first()
    return member.user if member else None


def listed() -> models.QuerySet[Account]:
    """Accounts that people work with: neither archived nor merged away."""
    return Account.objects.filter(LISTED)


def saved_filters(user: User, page: str) -> models.QuerySet[SavedFilter]:
    """The filters above a page: the user's own, and those shared with everybody."""
    rows = SavedFilter.objects.filter(page=page).select_related("user")
    return rows.filter(models.Q(user=user) | models.Q(is_shared=True))
