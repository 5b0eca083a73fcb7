"""What happened to an account, newest first, as sentences."""

import datetime as dt
from dataclasses import dataclass

from accounts.portfolio.events import kinds
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User

PERSON_FIELDS = ("user", "before")
"""Fields of an event's data that hold the id of a user."""


@dataclass(frozen=True)
class Entry:
    """One line of a timeline."""

    at: dt.datetime
    kind: str
    sentence: str
    icon: str
    actor: str
    event: AccountEvent


def timeline(account: Account, *, user: User, limit: int = 50) -> list[Entry]:
    """The newest `limit` events of `account` that `user` may see."""
    events = AccountEvent.objects.for_user(user).filter(account=account).select_related("actor")
    return told(list(events.order_by("-at", "-id")[:limit]))


def told(events: list[AccountEvent]) -> list[Entry]:
    """One line for each of `events`."""
    people = _people(events)
    return [_entry(event, people) for event in events]


def _people(events: list[AccountEvent]) -> dict[int, str]:
    """The names of all of our people whom these events mention by id, in one query."""
    ids = {event.data[field] for event in events for field in PERSON_FIELDS if event.data.get(field)}
    return {user.pk: str(user) for user in User.objects.filter(pk__in=ids)} if ids else {}


def _entry(event: AccountEvent, people: dict[int, str]) -> Entry:
    kind = kinds[event.kind]
    actor = str(event.actor) if event.actor else ""
    return Entry(event.at, event.kind, kind.sentence(event, people), kind.icon, actor, event)
