"""Activity: which days each person was active on, and each feature was used. Enough to count exactly, without scans."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.foundation import many
from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.ingestion import ring
from accounts.ingestion.daily import Daily, added
from accounts.ingestion.models import AccountActivity, FeatureActivity, IntentActivity, UserActivity
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from accounts.workspace.models import Source

EPOCH = ring.EPOCH.toordinal()

RING = ("last_day", "word_0", "word_1", "word_2")
PEOPLE = ("latest_user", "second_user", "second_user_day")
Uses = dict[tuple[int, int], set[tuple[int, int]]]
Further = dict[int, dict[int, int]]
"""Account id → day → users who had not been seen on it before."""


@dataclass
class Used:
    """What one batch says about use, gathered in memory and written at once."""

    source: Source
    features: dict[str, int]
    users: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    uses: Uses = field(default_factory=lambda: defaultdict(set))
    span: dict[int, tuple[dt.datetime, dt.datetime]] = field(default_factory=dict)

    def note(self, account_id: int, user_id: int, event: str, at: dt.datetime) -> None:
        """One use of the product by a user for an account."""
        day = at.toordinal() - EPOCH
        self.users[account_id, user_id].add(day)
        if feature_id := self.features.get(event):
            self.uses[account_id, feature_id].add((user_id, day))
        first, last = self.span.get(account_id) or (at, at)
        if at <= first:
            self.span[account_id] = (at, last)
        elif at > last:
            self.span[account_id] = (first, at)

    def store(self) -> set[int]:
        """Writes everything; returns the ids of the accounts that were active."""
        further = _save_users(self.users)
        store_features(self.uses)
        _save_spans(self.span, further, self.source)
        return set(self.span)


def merged(found: ring.Ring | None, days: Iterable[int]) -> ring.Ring:
    """A ring with `days` added, begun where there is none."""
    days = sorted(days)
    found = found or ring.started(days[-1])
    for day in days:
        found = ring.marked(found, day)
    return found


def words(found: ring.Ring) -> tuple[int, int, int, int]:
    """A ring as its four columns."""
    return found.last_day, *ring.to_words(found.bits)


def ring_in(last_day: int, *stored: int) -> ring.Ring:
    """The inverse of `words`."""
    return ring.Ring(last_day, ring.from_words(*stored))


def ring_of(row: UserActivity | FeatureActivity | IntentActivity) -> ring.Ring:
    """The ring that a row holds."""
    return ring_in(row.last_day, row.word_0, row.word_1, row.word_2)


def _save_users(days_of: dict[tuple[int, int], set[int]]) -> Further:
    """Writes the rings of users; returns how many users were seen for the first time on each day."""
    further: Further = defaultdict(lambda: defaultdict(int))
    rows = UserActivity.objects.filter(product_user__in=among({user for _, user in days_of}))
    changed, known = [], set()
    for pk, account_id, user_id, *stored in rows.values_list("pk", "account_id", "product_user_id", *RING):
        if days := days_of.get((account_id, user_id)):
            known.add((account_id, user_id))
            before = ring_in(*stored)
            if (after := merged(before, days)) != before:
                changed.append((pk, *words(after)))
            for day in days:
                further[account_id][day] += not ring.holds(before, day)
    unknown = {key: days for key, days in days_of.items() if key not in known}
    for (account_id, _), days in unknown.items():
        for day in days:
            further[account_id][day] += 1
    new = [(*key, *words(merged(None, days))) for key, days in unknown.items()]
    many.write(UserActivity, ("account_id", "product_user_id", *RING), new)
    many.change(UserActivity, RING, changed)
    return further


def store_features(uses: Uses) -> None:
    """Writes the days on which accounts used features. What is known already changes nothing."""
    accounts = {account_id for account_id, _ in uses}
    rows = FeatureActivity.objects.filter(account__in=among(accounts))
    changed, known = [], set()
    for pk, account_id, feature_id, *stored in rows.values_list("pk", "account_id", "feature_id", *RING, *PEOPLE):
        if used := uses.get((account_id, feature_id)):
            known.add((account_id, feature_id))
            if (after := _with_uses(stored, used)) != tuple(stored):
                changed.append((pk, *after))
    new = [(*key, *_with_uses(None, used)) for key, used in uses.items() if key not in known]
    many.write(FeatureActivity, ("account_id", "feature_id", *RING, *PEOPLE), new)
    many.change(FeatureActivity, (*RING, *PEOPLE), changed)


def _with_uses(stored: Sequence[Any] | None, used: set[tuple[int, int]]) -> tuple[Any, ...]:
    """The columns of a feature's row after `used`, a set of (user, day)."""
    before = ring_in(*stored[:4]) if stored else None
    latest = (stored[4], stored[0], *stored[5:]) if stored else None
    return *words(merged(before, {day for _, day in used})), *two_latest(latest, used)


def two_latest(before: tuple[Any, ...] | None, used: set[tuple[int, int]]) -> tuple[int, int | None, int | None]:
    """The two people who used it last. A person's last day only moves forward, so two are always enough."""
    last: dict[int, int] = {}
    if before:
        latest, latest_day, second, second_day = before
        last[latest] = latest_day
        if second:
            last[second] = second_day or 0
    for user, day in used:
        last[user] = max(day, last.get(user, day))
    first, *others = sorted(last, key=lambda user: (-last[user], user))
    return (first, others[0], last[others[0]]) if others else (first, None, None)


SPAN = ("first_event_at", "last_event_at", "daily_until", "daily")


def _save_spans(spans: dict[int, tuple[dt.datetime, dt.datetime]], further: Further, source: Source) -> None:
    rows = AccountActivity.objects.filter(account__in=among(spans))
    changed, known = [], set()
    for pk, first, last, until, counts in rows.values_list("pk", *SPAN):
        known.add(pk)
        before = None if until is None else Daily(until, counts)
        daily = added(before, further[pk])
        span = (min(first, spans[pk][0]), max(last, spans[pk][1]))
        if span != (first, last) or daily != before:
            changed.append((pk, *span, daily.last_day, daily.counts))
    many.change(AccountActivity, SPAN, changed)
    new = Account.objects.filter(pk__in=among(spans.keys() - known))
    started = [Happening(account, data={"source": source.name}, at=spans[account.pk][0]) for account in new]
    many.write(
        AccountActivity, ("account_id", "source_id", *SPAN), [_begun(one, source, spans, further) for one in new]
    )
    happened_to_many("signals.started", started, by=None, at=now())


def _begun(
    account: Account, source: Source, spans: dict[int, tuple[dt.datetime, dt.datetime]], further: Further
) -> tuple[Any, ...]:
    daily = added(None, further[account.pk])
    return account.pk, source.pk, *spans[account.pk], daily.last_day, json.dumps(daily.counts)


def recount(account_ids: Iterable[int]) -> None:
    """Counts the users of each day again from their rings."""
    users: Further = defaultdict(lambda: defaultdict(int))
    rows = UserActivity.objects.filter(account__in=among(account_ids))
    for account_id, *stored in rows.values_list("account_id", *RING).iterator():
        for day in ring.days_of(ring_in(*stored)):
            users[account_id][day] += 1
    counted = [(account_id, added(None, of_days)) for account_id, of_days in users.items()]
    changed = [(account_id, daily.last_day, daily.counts) for account_id, daily in counted]
    many.change(AccountActivity, ("daily_until", "daily"), changed)
