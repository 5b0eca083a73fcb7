"""What the activity tables say of accounts, against counting the signals, and against a column store that has them."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from accounts.facts.projection import BATCH
from accounts.foundation.many import among
from accounts.ingestion import ring
from accounts.ingestion.models import Feature, SignalEvent
from accounts.ingestion.usage import MANY_USERS, WINDOW, Usage, usage
from accounts.stakeholders.models import ProductUser
from tests.benchmarks.book import AT
from tests.benchmarks.harness import Result, Side, agree, at_most, compared, in_turns, say
from tests.benchmarks.subjects.facts import columnar
from tests.benchmarks.subjects.facts.activity import TODAY, Used

ROUNDS = 3
LARGEST = 100_000
Told = tuple[Any, ...]
"""Active users of 7, 30 and 90 days, those before and lost, core and advanced features, roles, teams, users by day."""


def against_raw_signals(used: Used) -> Iterator[Result]:
    """Facts of use, against plain counting over every signal of some hundred accounts"""
    kept: list[dict[int, Told]] = []
    ours = Side(lambda: kept.append(_told(usage(used.with_signals, at=AT))))
    theirs = Side(lambda: kept.append(_counted(used.with_signals)))
    taken = in_turns(ours, theirs, rounds=ROUNDS)
    for found in kept[1:]:
        agree("facts of use, by account", sorted(found.items(), key=str), sorted(kept[0].items(), key=str))
    yield compared("facts of use, from activity", *taken, against="counting the signals", budget=at_most(0.1))


def over_the_book(used: Used) -> Iterator[Result]:
    """Facts of use of all accounts in batches, against a column store that asks the raw signals"""
    if used.size > LARGEST:
        say(f"the raw signals of more than {LARGEST:,} accounts are not put into a column store")
        return
    ids = range(1, used.size + 1)
    batches = [ids[first : first + BATCH] for first in range(0, used.size, BATCH)]
    with columnar.store(used.patterns, used.size) as signals:
        say("comparing every account")
        theirs_found = {row[0]: _row(row) for row in columnar.facts(signals)}
        ours_found: dict[int, Told] = {}
        for some in batches:
            ours_found |= _told(usage(some, at=AT))
        agree("accounts", len(ours_found), used.size)
        agree("facts of use, by account", sorted(ours_found.items(), key=str), sorted(theirs_found.items(), key=str))
        ours = Side(lambda: [usage(some, at=AT) for some in batches])
        taken = in_turns(ours, Side(lambda: columnar.facts(signals)), rounds=ROUNDS)
    name = f"facts of use, {used.size:,} accounts"
    yield compared(name, *taken, against="DuckDB, from raw signals", budget=at_most(1.4))


def _told(found: dict[int, Usage]) -> dict[int, Told]:
    return {
        account: (
            *one.active_users.values(),
            one.active_users_before,
            one.users_lost,
            one.features.get(Feature.Tier.CORE, 0),
            one.features.get(Feature.Tier.ADVANCED, 0),
            one.roles,
            one.teams,
            tuple(one.daily.between(TODAY - 2 * WINDOW, TODAY)),
        )
        for account, one in found.items()
    }


def _counted(ids: list[int]) -> dict[int, Told]:
    """The same from the signals themselves, by sets of what is different."""
    signals: dict[int, list[tuple[int, int, str]]] = defaultdict(list)
    rows = SignalEvent.objects.filter(account__in=among(ids), type="track").order_by()
    for account, user, day, name in rows.values_list("account_id", "product_user_id", "day", "name"):
        signals[account].append((user, ring.day_number(day), name))
    traits = {pk: (role, team) for pk, role, team in ProductUser.objects.values_list("pk", "role", "team")}
    tiers = {event: tier for events, tier in Feature.objects.values_list("events", "tier") for event in events}
    return {account: _of_one(found, traits, tiers) for account, found in signals.items()}


def _of_one(found: list[tuple[int, int, str]], traits: dict[int, tuple[str, str]], tiers: dict[str, str]) -> Told:
    def since(days: int) -> set[int]:
        return {user for user, day, _ in found if day >= TODAY - days}

    active, everybody = since(WINDOW), {user for user, _, _ in found}
    before = {user for user, day, _ in found if TODAY - 2 * WINDOW <= day < TODAY - WINDOW}
    features = {"core": 0, "advanced": 0}
    for name in {name for _, _, name in found}:
        uses = [(user, day) for user, day, other in found if other == name and day >= TODAY - WINDOW]
        is_regular = len({day for _, day in uses}) >= 2
        features[tiers[name]] += is_regular and (len(active) < MANY_USERS or len({user for user, _ in uses}) >= 2)
    different = [
        len({traits[user][place] for user in active} - {""}) if any(traits[user][place] for user in everybody) else None
        for place in (0, 1)
    ]
    by_day: dict[int, set[int]] = defaultdict(set)
    for user, day, _ in found:
        by_day[day].add(user)
    daily = tuple(len(by_day[day]) for day in range(TODAY - 2 * WINDOW, TODAY + 1))
    lost = len(before - active)
    return (
        len(since(7)),
        len(active),
        len(since(90)),
        len(before),
        lost,
        features["core"],
        features["advanced"],
        *different,
        daily,
    )


def _row(row: tuple[Any, ...]) -> Told:
    *values, days, people = row[1:]
    by_day = dict(zip(days or (), people or (), strict=True))
    return *values, tuple(by_day.get(day, 0) for day in range(TODAY - 2 * WINDOW, TODAY + 1))
