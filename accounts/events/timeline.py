"""What happened to an account, newest first, as sentences."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.foundation.registry import Registry
from accounts.portfolio.events import kinds, kinds_in
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User

PERSON_FIELDS = ("user", "before")
"""Fields of an event's data that hold the id of a user."""

Words = Callable[[Collection[int]], Mapping[int, str]]
words: Registry[Words] = Registry("words of a timeline")
"""Name of a model → what its rows, by id, say in somebody's own words: the events themselves hold none."""


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: dt.datetime
    kind: str
    sentence: str
    icon: str
    actor: str
    event: AccountEvent
    text: str = ""
    """What somebody wrote about it."""

    @property
    def group(self) -> str:
        return kinds[self.kind].group


def timeline(account: Account, *, user: User, limit: int = 50) -> list[Entry]:
    """The newest `limit` events of `account` that `user` may see."""
    return told(list(events_of(account, user)[:limit]))


def events_of(account: Account, user: User) -> QuerySet[Any]:
    """The events of `account` that `user` may see, newest first."""
    rows = AccountEvent.objects.for_user(user).filter(account=account).select_related("actor")
    return rows.order_by("-at", "-id")


def about(rows: QuerySet[Any], group: str) -> QuerySet[Any]:
    """Those of `rows` that are about one group of kinds."""
    return rows.filter(kind__in=kinds_in(group))


def within(
    rows: QuerySet[Any],
    first: dt.date | None,
    last: dt.date | None,
    zone: dt.tzinfo,
    *,
    field: str = "at",
) -> QuerySet[Any]:
    """Those of `rows` that happened from the day `first` to the day `last`, both included, as days run in `zone`."""
    if first:
        rows = rows.filter(**{f"{field}__gte": dt.datetime.combine(first, dt.time(), zone)})
    if last and last < dt.date.max:
        rows = rows.filter(**{f"{field}__lt": dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone)})
    return rows


def older_than(rows: QuerySet[Any], event: AccountEvent) -> QuerySet[Any]:
    """Those of `rows` that stand below `event`."""
    return rows.filter(Q(at__lt=event.at) | Q(at=event.at, pk__lt=event.pk))


def told(events: list[AccountEvent]) -> list[Entry]:
    """One line for each of `events`."""
    people, texts = _people(events), _texts(events)
    return [_entry(event, people, texts) for event in events]


def _people(events: list[AccountEvent]) -> dict[int, str]:
    """The names of all of our people whom these events mention by id, in one query."""
    ids = {event.data[field] for event in events for field in PERSON_FIELDS if event.data.get(field)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def _texts(events: list[AccountEvent]) -> dict[str, str]:
    """Subject → what was written about it, in one query for each kind of subject."""
    ids: dict[str, set[int]] = defaultdict(set)
    for event in events:
        model = event.subject.partition(":")[0]
        if model in words and event.subject_id:
            ids[model].add(event.subject_id)
    return {f"{model}:{pk}": text for model, found in ids.items() for pk, text in words[model](found).items()}


def _entry(event: AccountEvent, people: dict[int, str], texts: dict[str, str]) -> Entry:
    kind = kinds[event.kind]
    actor = str(event.actor) if event.actor else ""
    sentence = kind.sentence(event, people)
    return Entry(event.at, event.kind, sentence, kind.icon, actor, event, texts.get(event.subject, ""))
