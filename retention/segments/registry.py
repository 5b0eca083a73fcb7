"""What segments tell other rooms: the facts that follow from dimensions, and the event of a move."""

from collections.abc import Iterator, Mapping

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import definitions
from accounts.portfolio.events import EventKind, kinds
from accounts.portfolio.models import AccountEvent
from retention.segments.models import Dimension


@definitions.register("dimensions")
def facts_of_dimensions() -> Iterator[Fact]:
    """One fact for each dimension: the key of the segment in which an account is."""
    for dimension in Dimension.objects.all():
        yield Fact(
            dimension.key,
            dimension.name,
            Type.TEXT,
            dimension.meaning or f"The segment of the account by {dimension.name.lower()}.",
            Group.LIFECYCLE,
            Use.INTERNAL,
            stands_beside=True,
        )


def _changed(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"{event.data['dimension']} changed from {event.data['from']} to {event.data['to']}"


kinds.add("segment.changed", EventKind(_changed, "category"))
