"""What Sales works on, as CRM and colleagues tell of it."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.deals.models import Deal
from accounts.deals.queries import open_deals
from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Part, provides
from accounts.foundation.many import among

OPEN = Fact(
    "new_deal_open",
    "New business deal open",
    Type.BOOLEAN,
    "Whether a first deal is being worked on; unknown while nobody has told of any.",
    Group.BOUGHT,
    Use.INTERNAL,
    stands_beside=True,
)


@provides("deals", [OPEN])
def dealt(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """Whether each account has an open deal of new business; accounts of whose deals nobody told are missing."""
    rows = Deal.objects.filter(account__in=among(account_ids), type=Deal.Type.NEW)
    told = set(rows.order_by().values_list("account", flat=True))
    found = open_deals(list(told))
    return {
        account_id: Part({OPEN.key: Deal.Type.NEW in found.get(account_id, {})}, "deals", None) for account_id in told
    }
