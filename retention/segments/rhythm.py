"""When the next touch of an account is due: by the rhythm of the segments that it is in."""

import datetime as dt
from collections.abc import Mapping

from django.db.models import Max

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Values, derives
from retention.segments.models import DimensionVersion, Segment
from retention.segments.queries import current_segments

NEXT_TOUCH = Fact(
    "next_touch_due_at",
    "Next touch due",
    Type.INSTANT,
    "When the rhythm of its segment asks for the next check-in, counted from the last two-way contact.",
    Group.PEOPLE,
    Use.INTERNAL,
)


def _published_at() -> dt.datetime | None:
    """When the latest version of a dimension was published of which any version has, or had, a rhythm."""
    rhythmic = Segment.objects.filter(check_in_days__isnull=False).values("version__dimension")
    versions = DimensionVersion.objects.filter(dimension__in=rhythmic)
    return versions.aggregate(latest=Max("published_at"))["latest"]


@derives("rhythm", [NEXT_TOUCH], changed_at=_published_at)
def next_touches(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """The shortest rhythm of an account's segments after its last two-way contact, or after it was won."""
    days = {(one.version.dimension.key, one.key): one.check_in_days for one in current_segments() if one.check_in_days}
    return {account_id: {NEXT_TOUCH.key: _due(values, days)} for account_id, values in known.items()}


def _due(values: Values, days: Mapping[tuple[str, str], int]) -> dt.datetime | None:
    began = values.get("last_two_way_touch_at") or values.get("closed_won_at")
    own = [count for (dimension, segment), count in days.items() if values.get(dimension) == segment]
    return began + dt.timedelta(days=min(own)) if began and own else None
