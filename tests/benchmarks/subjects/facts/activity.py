"""A book whose accounts used a product for months: a few hundred patterns of use, repeated over all accounts.

The signals behind the patterns are stored too, for the accounts that show each of them first.
"""

import datetime as dt
import json
import random
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from accounts.ingestion import ring
from accounts.ingestion.activity import RING, merged, two_latest, words
from accounts.ingestion.daily import added
from accounts.ingestion.models import AccountActivity, Feature, FeatureActivity, SignalEvent, UserActivity
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source, Workspace
from tests.benchmarks import book
from tests.benchmarks.book import AT, analyze, insert

PATTERNS = 500
MOST_USERS = 150
"""One account in a thousand is as large as this; half of them have four users or fewer."""
DAYS = 120
FEATURES = 14
TODAY = ring.day_number(AT.date())
ROLES, TEAMS = ["", "admin", "analyst", "viewer"], ["", "ops", "sales", "finance", "support"]
Use = tuple[int, int, int]
"""User, day and feature, each by number."""


@dataclass(frozen=True)
class Pattern:
    """How the people of one account use the product: their traits, and who used what on which day."""

    users: list[tuple[str, str]]
    uses: set[Use]


@dataclass(frozen=True)
class Used:
    """What the benchmarks are given: how many accounts there are, how they use it, and whose signals are stored."""

    size: int
    patterns: list[Pattern]
    with_signals: list[int]


def prepare(size: int) -> Used:
    """Accounts, their users and what the fold would have kept of them."""
    Workspace.objects.create(company="Benchmark")
    insert(Account, ["id", "key", "name", "root_id", "created_at"], (book.account(n) for n in range(1, size + 1)))
    source = Source.objects.create(key="product", name="Product", last_delivery_at=AT)
    tiers = [Feature.Tier.CORE, Feature.Tier.ADVANCED]
    for number in range(1, FEATURES + 1):
        Feature.objects.create(
            id=number, key=f"f{number}", name=f"F {number}", tier=tiers[number % 2], events=[name(number)]
        )
    dice = random.Random(size)
    patterns = [_pattern(dice) for _ in range(PATTERNS)]
    _write(patterns, size, source)
    insert(SignalEvent, SIGNAL, _signals(patterns, source))
    analyze()
    return Used(size, patterns, list(range(1, PATTERNS + 1)))


def name(feature: int) -> str:
    """The event that says a feature was used."""
    return f"Thing {feature} Done"


def _pattern(dice: random.Random) -> Pattern:
    count = min(MOST_USERS, 1 + int(dice.lognormvariate(1.2, 1.1)))
    has_traits, uses = dice.random() < 0.7, set()
    for user in range(count):
        last, share = TODAY - int(dice.expovariate(1 / 20)), dice.random() ** 2
        mine = dice.sample(range(1, FEATURES + 1), dice.randint(1, 6))
        days = {last, *(day for day in range(TODAY - DAYS, last) if dice.random() < share)}
        uses |= {(user, day, dice.choice(mine)) for day in days}
    traits = [(dice.choice(ROLES), dice.choice(TEAMS)) if has_traits else ("", "") for _ in range(count)]
    return Pattern(traits, uses)


def _write(patterns: list[Pattern], size: int, source: Source) -> None:
    first, accounts = 1, []
    for account in range(1, size + 1):
        pattern = patterns[(account - 1) % PATTERNS]
        accounts.append((account, first, pattern))
        first += len(pattern.users)
    made = {id(pattern): Rows(pattern) for pattern in patterns}
    users = ["id", "source_id", "external_id", "account_id", "role", "team", "first_seen_at"]
    began = AT - dt.timedelta(days=DAYS + 1)
    insert(
        ProductUser,
        users,
        (
            (first + place, source.pk, f"u{first + place}", account, role, team, began)
            for account, first, pattern in accounts
            for place, (role, team) in enumerate(pattern.users)
        ),
    )
    insert(
        UserActivity,
        ["account_id", "product_user_id", *RING],
        ((account, first + user, *ring_) for account, first, one in accounts for user, ring_ in made[id(one)].users),
    )
    insert(
        FeatureActivity,
        ["account_id", "feature_id", *RING, "latest_user", "second_user", "second_user_day"],
        (
            (account, feature, *ring_, first + latest, None if second is None else first + second, day)
            for account, first, one in accounts
            for feature, ring_, latest, second, day in made[id(one)].features
        ),
    )
    insert(
        AccountActivity,
        ["account_id", "source_id", "first_event_at", "last_event_at", "daily", "daily_until"],
        ((account, source.pk, began, made[id(one)].last, *made[id(one)].daily) for account, _, one in accounts),
    )


class Rows:
    """What the fold keeps of one pattern, with users by number."""

    def __init__(self, pattern: Pattern) -> None:
        days_of, uses_of = defaultdict(set), defaultdict(set)
        for user, day, feature in pattern.uses:
            days_of[user].add(day)
            uses_of[feature].add((user + 1, day))  # a user's number is no id, and 0 would be nobody
        self.users = [(user, words(merged(None, days))) for user, days in sorted(days_of.items())]
        self.features = [self._feature(feature, uses) for feature, uses in sorted(uses_of.items())]
        daily = added(None, Counter(day for days in days_of.values() for day in days))
        self.daily = json.dumps(daily.counts), daily.last_day
        self.last = AT - dt.timedelta(days=TODAY - daily.last_day, hours=1)

    @staticmethod
    def _feature(feature: int, uses: set[tuple[int, int]]) -> tuple[Any, ...]:
        latest, second, second_day = two_latest(None, uses)
        days = words(merged(None, {day for _, day in uses}))
        return feature, days, latest - 1, None if second is None else second - 1, second_day


SIGNAL = ["day", "source_id", "message", "type", "name", "account_id", "product_user_id", "at"]


def _signals(patterns: list[Pattern], source: Source) -> Iterator[tuple[Any, ...]]:
    dice, first = random.Random(1), 1
    for account, pattern in enumerate(patterns, start=1):
        for user, day, feature in sorted(pattern.uses):
            at = AT - dt.timedelta(days=TODAY - day, hours=1)
            message = uuid.UUID(int=dice.getrandbits(128), version=4).hex
            yield at.date(), source.pk, message, "track", name(feature), account, first + user, at
        first += len(pattern.users)
