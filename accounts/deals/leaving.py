"""What becomes of somebody's deals when they leave: those that are open need somebody who sells them."""

from accounts.deals import services
from accounts.deals.models import CLOSED_STATES, Deal
from accounts.foundation.scope import Area
from accounts.team.leaving import Belonging, belongings

belongings.add(
    "deals",
    Belonging(
        "open deals",
        lambda user, at: Deal.objects.filter(owner=user).exclude(state__in=CLOSED_STATES).order_by("pk"),
        lambda deal, heir, by, at: services.change(deal, owner=heir, by=by, at=at),
        area=Area.ACCOUNTS,
        nobody="Nobody sells them for now",
    ),
)
