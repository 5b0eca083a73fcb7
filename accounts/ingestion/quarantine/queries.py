"""What waits, grouped by what would release it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Value, Window
from django.db.models.fields import CharField
from django.db.models.functions import RowNumber

from accounts.identity.models import ExternalId
from accounts.ingestion.models import InboxRequest, QuarantinedItem
from accounts.ingestion.quarantine.reading import Reading, read
from accounts.stakeholders.models import ProductUser
from accounts.team.models import User
from accounts.workspace.models import Source

Reason = QuarantinedItem.Reason
NAMED_BY = {Reason.UNKNOWN_ACCOUNT.value: "group_value", Reason.NO_ACCOUNT.value: "user_value"}
"""Reason → the column whose value would have to become known; what waits for other reasons is one group a source."""
SAMPLED = 12
"""Items of a group that are read to learn about its company: the first calls of a client tell most."""


@dataclass(frozen=True)
class Selection:
    """Which waiting items a page shows, or a verb works on. Everything empty: all of them."""

    reason: str = ""
    source: str = ""
    search: str = ""
    chosen: tuple[tuple[int, str], ...] = ()
    """(Source id, value) of groups, where somebody picked some."""
    upto: int | None = None
    """The last item that was there when it was asked for: what comes later waits for the next time."""


@dataclass(frozen=True)
class Group:
    """Items of one source that wait for the same thing."""

    source: Source
    reason: str
    value: str
    count: int
    first_at: dt.datetime
    last_at: dt.datetime
    example_id: int
    example: Reading | None = None
    detail: str = ""

    @property
    def place(self) -> tuple[int, str]:
        """What names the group among those of its reason; groups are worked off in this order."""
        return self.source.pk, self.value

    @property
    def token(self) -> str:
        """The same as text, for forms."""
        return f"{self.source.pk}:{self.value}"


def waiting(user: User, selection: Selection) -> QuerySet[QuarantinedItem]:
    """The items of `selection` that `user` may see. Those whose id is linked meanwhile are on their way already."""
    found: QuerySet[QuarantinedItem] = QuarantinedItem.objects.for_user(user).order_by()
    if selection.reason:
        found = found.filter(reason=selection.reason)
    if selection.source:
        found = found.filter(source__key=selection.source)
    if selection.search:
        text = selection.search.replace("\x00", "")
        found = found.filter(Q(group_value__icontains=text) | Q(user_value__icontains=text))
    if selection.upto is not None:
        found = found.filter(pk__lte=selection.upto)
    if selection.chosen:
        found = found.filter(_among(selection.chosen, NAMED_BY.get(selection.reason)))
    if selection.reason == Reason.UNKNOWN_ACCOUNT:
        found = found.filter(~Exists(_linked()))
    return found


def _among(places: Iterable[tuple[int, str]], column: str | None) -> Q:
    values: dict[int, list[str]] = defaultdict(list)
    for source_id, value in places:
        values[source_id].append(value)
    found = Q(pk=None)
    for source_id, names in values.items():
        found |= Q(source=source_id, **({f"{column}__in": names} if column else {}))
    return found


def _linked() -> QuerySet[Any]:
    return ExternalId.objects.filter(source=OuterRef("source"), value=OuterRef("group_value"))


def on_their_way() -> int:
    """Items that are being counted now: their id is linked, or they are back in the inbox."""
    linked = QuarantinedItem.objects.filter(Exists(_linked()), reason=Reason.UNKNOWN_ACCOUNT)
    return linked.count() + InboxRequest.objects.count()


def last_id(user: User, selection: Selection) -> int:
    """The newest item of `selection`."""
    return waiting(user, selection).aggregate(last=Max("pk"))["last"] or 0


def size(user: User, selection: Selection) -> tuple[int, int]:
    """How many groups, and how many items in them."""
    rows = _grouped(user, selection)
    return rows.count(), waiting(user, selection).count()


def largest(user: User, selection: Selection, *, start: int, end: int) -> list[Group]:
    """Groups from place `start` to place `end`, the largest first, each with an example."""
    rows = _grouped(user, selection).order_by("-count", "source_id", "value")
    return with_examples(_groups(rows[start:end], selection.reason))


def after(user: User, selection: Selection, *, place: tuple[int, str] | None, limit: int) -> list[Group]:
    """The next groups behind `place` in a fixed order: work that is interrupted goes on from there."""
    rows = _grouped(user, selection)
    if place:
        rows = rows.filter(Q(source_id__gt=place[0]) | Q(source_id=place[0], value__gt=place[1]))
    return _groups(rows.order_by("source_id", "value")[:limit], selection.reason)


def _grouped(user: User, selection: Selection) -> Any:
    column = NAMED_BY.get(selection.reason)
    value = F(column) if column else Value("", output_field=CharField())
    return (
        waiting(user, selection)
        .annotate(value=value)
        .values("source_id", "value")
        .annotate(count=Count("pk"), first=Min("received_at"), last=Max("received_at"), newest=Max("pk"))
    )


def _groups(rows: Iterable[dict[str, Any]], reason: str) -> list[Group]:
    found = list(rows)
    sources = Source.objects.in_bulk({row["source_id"] for row in found})
    return [
        Group(
            source=sources[row["source_id"]],
            reason=reason,
            value=row["value"],
            count=row["count"],
            first_at=row["first"],
            last_at=row["last"],
            example_id=row["newest"],
        )
        for row in found
    ]


def with_examples(groups: Sequence[Group]) -> list[Group]:
    """The groups, each with its newest item as people read it."""
    items = QuarantinedItem.objects.in_bulk([group.example_id for group in groups])
    found = []
    for group in groups:
        item = items.get(group.example_id)
        example, detail = (read(item.item, item.kind), item.detail) if item else (None, "")
        found.append(replace(group, example=example, detail=detail))
    return found


def samples(groups: Sequence[Group]) -> dict[tuple[int, str], list[tuple[str, str]]]:
    """Place of a group → (user id, item) of its first items."""
    column = NAMED_BY.get(groups[0].reason) if groups else None
    if column is None:
        return {}
    ranked = (
        QuarantinedItem.objects.filter(_among((group.place for group in groups), column), reason=groups[0].reason)
        .order_by()
        .annotate(nth=Window(RowNumber(), partition_by=[F("source_id"), F(column)], order_by=F("id").asc()))
        .filter(nth__lte=SAMPLED)
    )
    found: dict[tuple[int, str], list[tuple[str, str]]] = defaultdict(list)
    for source_id, group_value, user_value, item in ranked.values_list("source_id", *NAMED_BY.values(), "item"):
        value = group_value if column == "group_value" else user_value
        found[source_id, value].append((user_value, item))
    return found


def named_in_calls(groups: Sequence[Group]) -> dict[tuple[int, str], str]:
    """Place of a user without an account → the account id that their latest `group` call names; it waits itself."""
    users = [group.place for group in groups if group.reason == Reason.NO_ACCOUNT]
    if not users:
        return {}
    is_group = Q(item__contains='"type": "group"') | Q(item__contains='"type":"group"')
    calls = QuarantinedItem.objects.filter(_among(users, "user_value"), is_group, reason=Reason.UNKNOWN_ACCOUNT)
    latest = calls.filter(~Exists(_linked())).order_by().values("source", "user_value").annotate(last=Max("pk"))
    rows = QuarantinedItem.objects.filter(pk__in=[row["last"] for row in latest])
    return {
        (source_id, user): value for source_id, user, value in rows.values_list("source", "user_value", "group_value")
    }


def mails(users: Iterable[tuple[int, str]]) -> dict[tuple[int, str], str]:
    """(Source id, user id there) → the e-mail address that an earlier call told."""
    wanted = set(users)
    rows = ProductUser.objects.filter(
        source__in={source_id for source_id, _ in wanted}, external_id__in={value for _, value in wanted}
    ).exclude(email="")
    return {(source_id, value): email for source_id, value, email in rows.values_list("source", "external_id", "email")}
