"""Activity: which days each person was active on, and each feature was used. Enough to count exactly, without scans."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from accounts.foundation.clock import utc_day
from accounts.ingestion import ring
from accounts.ingestion.models import AccountActivity, Feature, FeatureActivity, UserActivity
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source

WORDS = ["last_day", "word_0", "word_1", "word_2"]


@dataclass
class Used:
    """What one batch says about use, gathered in memory and written at once."""

    source: Source
    users: dict[tuple[int, int], set[int]] = field(default_factory=lambda: defaultdict(set))
    features: dict[tuple[int, str], set[tuple[int, int]]] = field(default_factory=lambda: defaultdict(set))
    span: dict[int, list[dt.datetime]] = field(default_factory=dict)

    def note(self, account_id: int, user: ProductUser, event: str, at: dt.datetime) -> None:
        """One use of the product by `user` for an account."""
        day = ring.day_number(utc_day(at))
        self.users[account_id, user.pk].add(day)
        self.features[account_id, event].add((user.pk, day))
        first, last = self.span.get(account_id, [at, at])
        self.span[account_id] = [min(first, at), max(last, at)]

    def save(self) -> set[int]:
        """Writes everything; returns the ids of the accounts that were active."""
        _save_users(self.users)
        _save_features(self.features)
        _save_spans(self.span, self.source)
        return set(self.span)


def _merged(row: UserActivity | FeatureActivity | None, days: Iterable[int]) -> ring.Ring:
    days = sorted(days)
    found = ring_of(row) if row else ring.started(days[0])
    for day in days:
        found = ring.marked(found, day)
    return found


def ring_of(row: UserActivity | FeatureActivity) -> ring.Ring:
    """The ring that a row holds."""
    return ring.Ring(row.last_day, ring.from_words(row.word_0, row.word_1, row.word_2))


def _put(row: UserActivity | FeatureActivity, found: ring.Ring) -> None:
    row.last_day = found.last_day
    row.word_0, row.word_1, row.word_2 = ring.to_words(found.bits)


def _save_users(days_of: dict[tuple[int, int], set[int]]) -> None:
    rows = UserActivity.objects.filter(product_user__in={user for _, user in days_of})
    existing = {(row.account_id, row.product_user_id): row for row in rows}
    new = []
    for (account_id, user_id), days in days_of.items():
        row = existing.get((account_id, user_id))
        if row is None:
            row = UserActivity(account_id=account_id, product_user_id=user_id)
            new.append(row)
            _put(row, _merged(None, days))
        else:
            _put(row, _merged(row, days))
    UserActivity.objects.bulk_create(new, batch_size=500)
    changed = [row for key, row in existing.items() if key in days_of]
    UserActivity.objects.bulk_update(changed, WORDS, batch_size=200)


def features_by_event() -> dict[str, int]:
    """Event name → id of the feature it stands for, as the tracking plan says."""
    return {event: feature.pk for feature in Feature.objects.all() for event in feature.events}


def _save_features(uses: dict[tuple[int, str], set[tuple[int, int]]]) -> None:
    mapped = features_by_event()
    by_feature: dict[tuple[int, int], set[tuple[int, int]]] = defaultdict(set)
    for (account_id, event), used in uses.items():
        if event in mapped:
            by_feature[account_id, mapped[event]] |= used
    rows = FeatureActivity.objects.filter(account__in={account_id for account_id, _ in by_feature})
    existing = {(row.account_id, row.feature_id): row for row in rows}
    new = []
    for (account_id, feature_id), used in by_feature.items():
        row = existing.get((account_id, feature_id))
        found = _merged(row, [day for _, day in used])
        if row is None:
            row = FeatureActivity(account_id=account_id, feature_id=feature_id)
            new.append(row)
        _two_latest(row, used)
        _put(row, found)
    FeatureActivity.objects.bulk_create(new, batch_size=500)
    changed = [row for key, row in existing.items() if key in by_feature]
    people = ["latest_user", "second_user", "second_user_day"]
    FeatureActivity.objects.bulk_update(changed, [*WORDS, *people], batch_size=200)


def _two_latest(row: FeatureActivity, used: set[tuple[int, int]]) -> None:
    """Keeps the two people who used it last. A person's last day only moves forward, so two are always enough."""
    last: dict[int, int] = {}
    if row.latest_user:
        last[row.latest_user] = row.last_day
    if row.second_user:
        last[row.second_user] = row.second_user_day or 0
    for user, day in used:
        last[user] = max(day, last.get(user, day))
    first, *others = sorted(last, key=lambda user: (-last[user], user))
    row.latest_user = first
    row.second_user = others[0] if others else None
    row.second_user_day = last[others[0]] if others else None


def _save_spans(spans: dict[int, list[dt.datetime]], source: Source) -> None:
    existing = {row.account_id: row for row in AccountActivity.objects.filter(account__in=spans)}
    for account in Account.objects.filter(pk__in=spans.keys() - existing.keys()):
        first, last = spans[account.pk]
        AccountActivity.objects.create(account=account, source=source, first_event_at=first, last_event_at=last)
        happened("signals.started", account, by=None, at=first, source=source.name)
    for account_id, row in existing.items():
        first, last = spans[account_id]
        row.first_event_at = min(row.first_event_at, first)
        row.last_event_at = max(row.last_event_at, last)
    AccountActivity.objects.bulk_update(existing.values(), ["first_event_at", "last_event_at"], batch_size=500)


@dataclass(frozen=True)
class Usage:
    """How much one account used the product, counted over whole UTC days."""

    source_id: int
    last_event_at: dt.datetime
    active_users: int
    active_users_before: int
    features: int


def usage(account_ids: Sequence[int], *, day: dt.date, window: int = 30) -> dict[int, Usage]:
    """Use in the `window` days up to `day` and in the `window` days before those, for accounts with any signal.

    A window of n days is `day` itself, as far as it has come, and the n whole UTC days before it; the window
    before it is the n whole days before those. Nothing is counted twice.
    """
    today = ring.day_number(day)
    now_from, before_to, before_from = today - window, today - window - 1, today - 2 * window
    users: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in UserActivity.objects.filter(account__in=account_ids):
        found = ring_of(row)
        users[row.account_id][0] += ring.days_between(found, now_from, today) > 0
        users[row.account_id][1] += ring.days_between(found, before_from, before_to) > 0
    features: dict[int, int] = defaultdict(int)
    for used in FeatureActivity.objects.filter(account__in=account_ids):
        features[used.account_id] += _is_regular(used, users[used.account_id][0], now_from, today)
    return {
        span.account_id: Usage(
            source_id=span.source_id,
            last_event_at=span.last_event_at,
            active_users=users[span.account_id][0],
            active_users_before=users[span.account_id][1],
            features=features[span.account_id],
        )
        for span in AccountActivity.objects.filter(account__in=account_ids)
    }


REGULAR_DAYS = 2
MANY_USERS = 10


def _is_regular(row: FeatureActivity, active_users: int, first: int, last: int) -> bool:
    """Used on at least two separate days, and by two people where the account has ten or more active users."""
    if ring.days_between(ring_of(row), first, last) < REGULAR_DAYS:
        return False
    by_two = row.second_user_day is not None and row.second_user_day >= first
    return by_two or active_users < MANY_USERS
