import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Sum

from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import User
from retention.risks.models import AccountRisk, Risk, RiskTierChange, Tier


@dataclass(frozen=True)
class TierSize:
    """How many accounts are in a tier, and what they pay a year."""

    tier: Tier
    accounts: int
    arr_minor: int


def tiers(user: User) -> list[TierSize]:
    """The accounts that `user` may see by tier, the worst first."""
    rows = AccountRisk.objects.for_user(user).filter(account__in=listed().values("pk"))
    found = rows.order_by().values_list("tier").annotate(accounts=Count("pk"), arr=Sum("account__facts__arr_minor"))
    sizes = {tier: (count, arr or 0) for tier, count, arr in found}
    return [TierSize(tier, *sizes.get(tier.value, (0, 0))) for tier in Tier]


@dataclass(frozen=True)
class AtRisk:
    """What the open risks that people raised come to."""

    risks: int
    arr_minor: int
    without_step: int


def at_risk(user: User) -> AtRisk:
    """The open risks that `user` may see."""
    rows = Risk.objects.for_user(user).filter(state=Risk.State.OPEN)
    found = rows.aggregate(risks=Count("pk"), arr=Sum("arr_minor"), steps=Count("next_step_on"))
    return AtRisk(found["risks"], found["arr"] or 0, found["risks"] - found["steps"])


def rating_of(account: Account) -> AccountRisk | None:
    """The renewal risk of one account, with its reasons; None where it was never rated."""
    return AccountRisk.objects.select_related("version").filter(account=account).first()


def rating(account: Account) -> AccountRisk | None:
    """`rating_of`, asked once for a page that shows it in several places."""
    if not hasattr(account, "rating"):
        account.rating = rating_of(account)  # type: ignore[attr-defined]
    return account.rating  # type: ignore[attr-defined]


def changes_of(account: Account, *, limit: int = 10) -> list[RiskTierChange]:
    """The latest changes of tier of one account, newest first."""
    return list(RiskTierChange.objects.filter(account=account)[:limit])


def risks_of(account: Account, user: User) -> list[Risk]:
    """The risks of one account, open ones first."""
    rows: Any = Risk.objects.for_user(user).filter(account=account).select_related("owner")
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-raised_at")[:20])


def is_late(risk: Risk, *, day: dt.date) -> bool:
    """Whether the next step of an open risk should have been done before `day`."""
    return bool(risk.is_open and risk.next_step_on and risk.next_step_on < day)
