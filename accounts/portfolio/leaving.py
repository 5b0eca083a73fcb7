"""What becomes of somebody's parts on accounts when they leave."""

import datetime as dt
from typing import Any

from accounts.foundation.scope import Area
from accounts.portfolio import services
from accounts.portfolio.models import AccountMember
from accounts.team.leaving import Belonging, belongings
from accounts.team.models import User


def _hand_over(member: AccountMember, heir: User | None, by: Any, at: dt.datetime) -> None:
    services.assign(member.account, part=member.part, user=heir, by=by, at=at)


belongings.add(
    "accounts",
    Belonging(
        "parts on accounts",
        lambda user, at: AccountMember.objects.filter(user=user).select_related("account").order_by("pk"),
        _hand_over,
        area=Area.ACCOUNTS,
        nobody="Nobody: the parts are vacant",
    ),
)
