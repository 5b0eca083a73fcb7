import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from rest_framework.exceptions import ValidationError

from accounts.events.subscriptions import subscribe
from accounts.foundation.lanes import lane
from accounts.foundation.many import among_texts
from accounts.identity.queries import accounts_called
from accounts.ingestion import signals, tally
from accounts.ingestion.bulk.items import BulkItem, Known, accounts, kinds, known
from accounts.ingestion.bulk.reading import Unreadable
from accounts.ingestion.models import QuarantinedItem
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User
from accounts.workspace.models import Source
from accounts.workspace.services import note_delivery

AT_ONCE = 500
Reason = QuarantinedItem.Reason
Problems = list[dict[str, str]]


@dataclass
class Item:
    """One item on its way: where it stood, what was read of it, and what it became."""

    place: int
    told: Any
    values: dict[str, Any] = field(default_factory=dict)
    account: Account | None = None
    draft: Any = None
    problems: Problems = field(default_factory=list)

    @property
    def waits(self) -> bool:
        """Whether nothing is wrong with it but that nobody knows its account."""
        return not self.problems and self.account is None

    @property
    def account_id(self) -> str:
        """What the source calls its account; empty where the item names it by key."""
        return str(self.values.get("account_id", ""))


@dataclass
class Taken:
    """What became of the items of one request."""

    stored: int = 0
    unchanged: int = 0
    quarantined: list[Item] = field(default_factory=list)
    refused: list[Item] = field(default_factory=list)


def take(kind: type[BulkItem], told: Sequence[Any], *, source: Source, by: User, at: dt.datetime) -> Taken:
    """Stores what can be stored of these items, in one transaction; says what waits, and what is wrong with the rest.

    Items of accounts that nobody knows wait in quarantine, and are taken by themselves when the id is linked.
    """
    with lane(_lane(source)):
        items = _read(kind, told, source=source, by=by, at=at)
        _take_what_waited(kind, items, source=source)
        ready, waiting = [one for one in items if one.draft], [one for one in items if one.waits]
        refused = [one for one in items if one.problems]
        stored = kind.store([one.draft for one in ready], source=source, by=by, at=at) if ready else 0
        fresh = _hold(kind, waiting, source=source, at=at)
        if ready or waiting:
            note_delivery(source, at=at)
        usable = len(told) - len(refused)
        _count(source, came=usable, stored=stored, waiting=fresh, at=at)
    unchanged = usable - stored - len(waiting)
    return Taken(stored, unchanged, waiting, refused)


def _lane(source: Source) -> str:
    """Whoever lets an item wait, and whoever learns its account, come one after the other: no item is forgotten."""
    return f"bulk items of {source.key}"


def _count(source: Source, *, came: int, stored: int, waiting: int, at: dt.datetime) -> None:
    if came:
        tally.count_items(source, came=[at] * came, accepted=[at] * stored, quarantined=[at] * waiting)


def _read(kind: type[BulkItem], told: Sequence[Any], *, source: Source, by: User | None, at: dt.datetime) -> list[Item]:
    """The items, each with its draft, its problems, or without both where it waits. Of equal ones the last is kept."""
    last = {_name(one): Item(place, one) for place, one in enumerate(told)}
    items = sorted(last.values(), key=lambda item: item.place)
    found = known([item.told for item in items], user=by)
    for item in items:
        _check(kind, item, found)
    _find_accounts(items, source=source, by=by)
    hidden = _hidden(kind, items, source=source, by=by)
    for item in items:
        _make_draft(kind, item, hidden, at=at)
    return items


def _name(told: Any) -> str:
    return json.dumps(told, sort_keys=True, default=repr)


def _check(kind: type[BulkItem], item: Item, found: Known) -> None:
    if isinstance(item.told, Unreadable):
        item.problems = [{"field": "", "message": item.told.message}]
        return
    reader = kind(data=item.told, context={"known": found})
    if reader.is_valid():
        item.values = dict(reader.validated_data)
        item.account = item.values.pop("account", None)
    else:
        item.problems = list(_flat(reader.errors))


def _flat(detail: Any, path: str = "") -> Iterable[dict[str, str]]:
    """Every message with the path of its field, as problem details have them."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name in ("non_field_errors", "__all__")
            yield from _flat(inner, path if whole else f"{path}.{name}" if path else str(name))
    elif isinstance(detail, list):
        for inner in detail:
            yield from _flat(inner, path)
    else:
        yield {"field": path, "message": str(detail)}


def _find_accounts(items: Sequence[Item], *, source: Source, by: User | None) -> None:
    """Finds the accounts that items name as the source does."""
    named = [item for item in items if item.account_id]
    called = accounts_called({item.account_id for item in named}, source=source) if named else {}
    rows = accounts(called.values(), user=by)
    for item in named:
        if item.account_id in called:
            item.account = rows.get(called[item.account_id])
            if item.account is None:
                message = f"{source} calls an account so that is not yours to see."
                item.problems = [{"field": "account_id", "message": message}]


def _hidden(kind: type[BulkItem], items: Sequence[Item], *, source: Source, by: User | None) -> set[str]:
    """Names of rows that the source told of before, of accounts that the caller does not see."""
    if kind.MODEL is None or by is None or by.reach(kind.MODEL.AREA) == "all":
        return set()
    names = {str(item.values["external_id"]) for item in items if not item.problems}
    if not names:
        return set()
    known_rows: Any = kind.MODEL.objects
    rows = known_rows.filter(source=source, external_id__in=among_texts(names))
    return {*rows.values_list("external_id", flat=True)} - {*rows.for_user(by).values_list("external_id", flat=True)}


def _make_draft(kind: type[BulkItem], item: Item, hidden: set[str], *, at: dt.datetime) -> None:
    if item.problems:
        return
    if item.values.get("external_id") in hidden:
        message = "The source told of this for an account that is not yours to see."
        item.problems = [{"field": "external_id", "message": message}]
        return
    values = {name: value for name, value in item.values.items() if name != "account_id"}
    try:
        draft = kind().draft(item.account or Account(), values, at=at)
    except ValidationError as refused:
        item.problems = list(_flat(refused.detail))
    except Invalid as refused:
        item.problems = list(_flat(getattr(refused, "message_dict", None) or refused.messages))
    else:
        item.draft = draft if item.account else None


def _hold(kind: type[BulkItem], items: Sequence[Item], *, source: Source, at: dt.datetime) -> int:
    """Lets items wait; returns how many did not wait already. What comes again is the newest word, so it goes last."""
    rows = {str(row.message): row for row in (_waiting(kind, item, source, at) for item in items)}
    if not rows:
        return 0
    before = QuarantinedItem.objects.filter(source=source, message__in=list(rows))
    known_since = dict(before.values_list("message", "received_at"))
    before.delete()
    for message, received_at in known_since.items():
        rows[message.hex].received_at = received_at  # it counts in the hour in which it first came
    QuarantinedItem.objects.bulk_create(rows.values(), batch_size=AT_ONCE)
    return len(rows) - len(known_since)


def _waiting(kind: type[BulkItem], item: Item, source: Source, at: dt.datetime) -> QuarantinedItem:
    return QuarantinedItem(
        source=source,
        kind=kind.KIND,
        message=signals.digest(f"{kind.KIND}:{_name(item.told)}".encode()),
        reason=Reason.UNKNOWN_ACCOUNT,
        group_value=item.account_id,
        item=json.dumps(item.told),
        received_at=at,
    )


def _take_what_waited(kind: type[BulkItem], items: Sequence[Item], *, source: Source) -> None:
    """What came before the account was known is older than what comes now, so it is stored first."""
    linked = {item.account_id for item in items if item.account_id and item.account}
    if linked:
        rows = QuarantinedItem.objects.filter(source=source, kind=kind.KIND, reason=Reason.UNKNOWN_ACCOUNT)
        retake(list(rows.filter(group_value__in=among_texts(linked)).order_by("id")))


def retake(rows: Sequence[QuarantinedItem]) -> int:
    """Takes items that waited, as if they had come when they were received; returns how many no longer wait.

    One that cannot be stored stays, with the reason.
    """
    groups: dict[tuple[int, str], list[QuarantinedItem]] = {}
    for row in rows:
        groups.setdefault((row.source_id, row.kind), []).append(row)
    by_kind = {kind.KIND: kind for kind in kinds.values()}
    sources = Source.objects.in_bulk({source_id for source_id, _ in groups}) if groups else {}
    return sum(_retake(by_kind[name], found, source=sources[pk]) for (pk, name), found in groups.items())


def _retake(kind: type[BulkItem], rows: Sequence[QuarantinedItem], *, source: Source) -> int:
    at = max(row.received_at for row in rows)
    with lane(_lane(source)):
        waiting = {row.pk: row for row in rows}
        still = QuarantinedItem.objects.filter(pk__in=list(waiting)).order_by("id")
        rows = [waiting[pk] for pk in still.values_list("pk", flat=True)]
        items = _read(kind, [json.loads(row.item) for row in rows], source=source, by=None, at=at)
        ready = [item for item in items if item.draft]
        if ready:
            kind.store([item.draft for item in ready], source=source, by=None, at=at)
        done = [rows[item.place] for item in ready]
        tally.uncount_quarantined(done)
        received = [row.received_at for row in done]
        tally.count_items(source, came=received, accepted=received, quarantined=[])
        QuarantinedItem.objects.filter(pk__in=[row.pk for row in done]).delete()
        for item in items:
            if item.problems:
                _keep(rows[item.place], item.problems)
    return len(done)


def _keep(row: QuarantinedItem, problems: Problems) -> None:
    row.reason = Reason.REFUSED
    row.detail = " ".join(f"{one['field']}: {one['message']}" for one in problems)[:300]
    QuarantinedItem.objects.filter(pk=row.pk).update(reason=row.reason, detail=row.detail)


@subscribe("identity.linked", name="take bulk items of the new id")
def take_linked(event: AccountEvent) -> None:
    """What waited for this account id is stored now."""
    rows = QuarantinedItem.objects.filter(
        source__key=event.data["source"], group_value=event.data["value"], reason=Reason.UNKNOWN_ACCOUNT
    ).exclude(kind=QuarantinedItem.Kind.SIGNAL)
    last = 0
    while found := list(rows.filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        last = found[-1].pk
        retake(found)
