"""Intent: which pages people of an account look at, on which days, and which of them in one session."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet

from accounts.foundation import many
from accounts.foundation.many import among, among_texts
from accounts.ingestion import ring
from accounts.ingestion.activity import RING, merged, ring_in, words
from accounts.ingestion.mapping import Mapping
from accounts.ingestion.models import AccountIntents, IntentActivity, PageSession
from accounts.ingestion.signals import PAGES, Signal
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods

IDLE = dt.timedelta(minutes=30)
"""A longer pause between two pages ends a session."""
TOGETHER = ("pricing", "security")
"""Keys of the intents that say more when they are seen in one session."""
Visitor = tuple[int, str]


class Stay(NamedTuple):
    """A session or a part of one: from when to when, and when each intent was last seen in it."""

    start: dt.datetime
    end: dt.datetime
    intents: dict[str, dt.datetime]


@dataclass
class Seen:
    """The pages that one batch says were seen, gathered in memory and written at once."""

    mapping: Mapping
    instants: dict[tuple[int, int], set[dt.datetime]] = field(default_factory=lambda: defaultdict(set))
    stays: dict[Visitor, list[Stay]] = field(default_factory=lambda: defaultdict(list))

    def note(self, account_id: int, visitor: str, signal: Signal) -> None:
        """One signal of an account; anything but a page leaves no trace."""
        if signal.type not in PAGES:
            return
        at = signal.happened_at
        intents = self.mapping.intents_of(signal.path) if signal.path else []
        for intent in intents:
            self.instants[account_id, intent.id].add(at)
        if visitor:
            self.stays[account_id, visitor].append(Stay(at, at, {intent.key: at for intent in intents}))

    def store(self) -> set[int]:
        """Writes everything; returns the ids of the accounts that showed an intent."""
        _save_activity(self.instants)
        _save_together(_save_sessions(self.stays))
        return {account_id for account_id, _ in self.instants}


def _save_activity(seen: dict[tuple[int, int], set[dt.datetime]]) -> None:
    if not seen:
        return
    rows = IntentActivity.objects.filter(account__in=among({account_id for account_id, _ in seen}))
    changed, known = [], set()
    columns = ("first_at", "last_at", *RING)
    for pk, account_id, intent_id, first, last, *stored in rows.values_list("pk", "account", "intent", *columns):
        if instants := seen.get((account_id, intent_id)):
            known.add((account_id, intent_id))
            changed.append((pk, *_activity({first, last, *instants}, ring_in(*stored))))
    new = [(*key, *_activity(instants, None)) for key, instants in seen.items() if key not in known]
    many.write(IntentActivity, ("account_id", "intent_id", *columns), new)
    many.change(IntentActivity, columns, changed)


def _activity(instants: set[dt.datetime], before: ring.Ring | None) -> tuple[Any, ...]:
    days = {ring.day_number(at.date()) for at in instants}
    return min(instants), max(instants), *words(merged(before, days))


def _save_sessions(stays: dict[Visitor, list[Stay]]) -> dict[int, dt.datetime]:
    """Joins what was seen with the sessions it touches; returns when accounts saw the telling pages together."""
    if not stays:
        return {}
    new: list[PageSession] = []
    together: dict[int, dt.datetime] = {}
    touched = _sessions_near(stays)
    for (account_id, visitor), seen in stays.items():
        for stay in joined([*seen, *(stay for _, stay in touched.get((account_id, visitor), []))]):
            new.append(_row(account_id, visitor, stay))
            if all(key in stay.intents for key in TOGETHER):
                at = max(stay.intents[key] for key in TOGETHER)
                together[account_id] = max(at, together.get(account_id, at))
    replaced = [pk for found in touched.values() for pk, _ in found]
    PageSession.objects.filter(pk__in=among(replaced)).delete()
    PageSession.objects.bulk_create(new, batch_size=500)
    return together


def _sessions_near(stays: dict[Visitor, list[Stay]]) -> dict[Visitor, list[tuple[int, Stay]]]:
    """The stored sessions that what was seen may belong to."""
    instants = [stay.start for seen in stays.values() for stay in seen]
    rows = PageSession.objects.filter(
        account__in=among({account_id for account_id, _ in stays}),
        visitor__in=among_texts({visitor for _, visitor in stays}),
        ended_at__gte=min(instants) - IDLE,
        started_at__lte=max(instants) + IDLE,
    )
    found: dict[Visitor, list[tuple[int, Stay]]] = defaultdict(list)
    for row in rows:
        if (row.account_id, row.visitor) in stays:
            intents = {key: dt.datetime.fromisoformat(at) for key, at in row.intents.items()}
            found[row.account_id, row.visitor].append((row.pk, Stay(row.started_at, row.ended_at, intents)))
    return found


def _row(account_id: int, visitor: str, stay: Stay) -> PageSession:
    intents = {key: at.isoformat() for key, at in stay.intents.items()}
    return PageSession(
        account_id=account_id, visitor=visitor, started_at=stay.start, ended_at=stay.end, intents=intents
    )


def joined(stays: Iterable[Stay]) -> list[Stay]:
    """Stays as whole sessions. However they were cut and in whatever order they come, the sessions are the same."""
    whole: list[Stay] = []
    for stay in sorted(stays, key=lambda stay: stay.start):
        if whole and stay.start - whole[-1].end <= IDLE:
            stay = _union(whole.pop(), stay)
        whole.append(stay)
    return whole


def _union(one: Stay, other: Stay) -> Stay:
    keys = one.intents.keys() | other.intents.keys()
    last = {key: max(stay.intents[key] for stay in (one, other) if key in stay.intents) for key in keys}
    return Stay(one.start, max(one.end, other.end), last)


def _save_together(found: dict[int, dt.datetime]) -> None:
    rows = AccountIntents.objects.filter(pk__in=among(found)) if found else AccountIntents.objects.none()
    known = dict(rows.values_list("pk", "pricing_and_security_at"))
    many.write(
        AccountIntents, ("account_id", "pricing_and_security_at"), [one for one in found.items() if one[0] not in known]
    )
    many.change(
        AccountIntents, ("pricing_and_security_at",), [(pk, found[pk]) for pk, at in known.items() if found[pk] > at]
    )


def sessions_of_old(*, at: dt.datetime) -> QuerySet[PageSession]:
    """Sessions whose time is over; what they told is kept with the account."""
    return past("page_sessions", at=at)


periods.add(
    "page_sessions",
    Period(
        "Page sessions",
        "Which pages one person saw together. What they told of the account stays with it.",
        days=90,
        smallest=1,
        largest=400,
        why="Signals older than 400 days are not taken, so there are no older sessions.",
        older=lambda before: PageSession.objects.filter(ended_at__lt=before),
    ),
)
