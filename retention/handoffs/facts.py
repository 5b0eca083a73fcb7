"""What handoffs make known of an account: where the latest one stands, how ready it is, when one was accepted."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.registry import Part, provides
from accounts.foundation.many import among
from retention.handoffs.models import Handoff

HANDOFFS = "handoffs"


def _fact(key: str, label: str, kind: Type, meaning: str, **more: Any) -> Fact:
    return Fact(key, label, kind, meaning, Group.LIFECYCLE, Use.INTERNAL, stands_beside=True, **more)


FACTS = [
    _fact(
        "handoff_status",
        "Handoff",
        Type.TEXT,
        "Where the latest handoff stands: draft, open, submitted, returned, accepted or cancelled.",
    ),
    _fact(
        "handoff_readiness",
        "Handoff readiness",
        Type.NUMBER,
        "Per cent of what blocks the latest handoff that is done.",
        unit="%",
        pace=Pace.MOVING,
    ),
    _fact("handoff_accepted_at", "Handoff accepted", Type.INSTANT, "When a handoff was last accepted."),
    _fact("handoff_loops", "Handoff returns", Type.NUMBER, "How often the latest handoff was returned.", unit="times"),
]


@provides(HANDOFFS, FACTS)
def handoffs(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """Facts of the latest handoff of each account, in one query."""
    rows = Handoff.objects.filter(account__in=among(account_ids)).order_by("created_at", "pk")
    accepted: dict[int, dt.datetime | None] = {}
    for row in rows:
        moments = [one for one in (accepted.get(row.account_id), row.accepted_at) if one]
        accepted[row.account_id] = max(moments, default=None)
    found: dict[int, Part] = {}
    for row in rows:
        values = {
            "handoff_status": row.state,
            "handoff_readiness": row.readiness,
            "handoff_accepted_at": accepted[row.account_id],
            "handoff_loops": row.loops,
        }
        moved = [row.accepted_at, row.submitted_at, row.started_at, row.created_at]
        found[row.account_id] = Part(values, HANDOFFS, next(one for one in moved if one))
    return found
