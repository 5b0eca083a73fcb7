"""The fold, against storing the rows that it prepares."""

from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from accounts.foundation import many
from accounts.ingestion import fold
from accounts.ingestion.models import EventName, InboxRequest, QuarantinedItem, SignalEvent, UserActivity
from accounts.ingestion.settling import EVENT
from tests.benchmarks.book import analyze
from tests.benchmarks.harness import Result, Side, agree, at_most, compared, in_turns, say
from tests.benchmarks.subjects.fold.stream import World, empty, fill_inbox, old_ids, requests

AROUND = 2
KNOWN = {5_000: 50_000, 100_000: 1_000_000, 1_000_000: 10_000_000}
"""Ids that are known already, by the size that was asked for."""


def into_an_empty_table(world: World) -> Iterator[Result]:
    """Fold of some thousand signals, against storing the same rows prepared"""
    bodies = requests(world, seed=1)
    _folded(world, bodies)
    rows = list(SignalEvent.objects.values_list(*EVENT))
    _check(world, rows)
    plain = [_plain(row) for row in rows]
    ours = Side(lambda: _fold_all(), before=lambda: _begin(world, bodies))
    theirs = Side(lambda: _store(plain), before=empty)
    taken = in_turns(ours, theirs, rounds=world.rounds)
    budget = at_most(1.6 if connection.vendor == "postgresql" else 4)
    against = "COPY of the rows" if connection.vendor == "postgresql" else "executemany of the rows"
    yield compared(f"Fold of {world.events:,} signals", *taken, against=against, budget=budget)


def repeats(world: World) -> Iterator[Result]:
    """The same signals once more, against folding them the first time"""
    bodies = requests(world, seed=1)
    again = Side(lambda: _fold_all(), before=lambda: fill_inbox(world, bodies))
    first = Side(lambda: _fold_all(), before=lambda: _begin(world, bodies))
    first.seconds()
    before = _counts()
    taken = in_turns(first, again, rounds=world.rounds)
    agree("what repeats changed", _counts(), before)
    yield compared("Fold of repeats", taken[1], taken[0], against="the first time", budget=at_most(1))


def with_known_ids(world: World) -> Iterator[Result]:
    """Fold where many ids are known, against an empty table"""
    known, bodies = KNOWN[world.size], requests(world, seed=2)
    alone = Side(lambda: _fold_all(), before=lambda: _begin(world, bodies))
    many_known = Side(lambda: _fold_all(), before=lambda: _again(world, bodies))
    around = [alone.seconds() for _ in range(AROUND)]
    empty()
    say(f"{known:,} known ids are written")
    old_ids(world, known)
    analyze()
    taken = [many_known.seconds() for _ in range(2 * AROUND)]
    agree("known ids and new ones", SignalEvent.objects.count(), known + world.events)
    around += [alone.seconds() for _ in range(AROUND)]  # before and after, as they cannot be there and not be there
    empty()
    name = f"Fold with {known:,} known ids"
    yield compared(name, taken, around, against="into an empty table", budget=at_most(1.3))


def _begin(world: World, bodies: list[bytes]) -> None:
    empty()
    fill_inbox(world, bodies)


def _again(world: World, bodies: list[bytes]) -> None:
    SignalEvent.objects.exclude(name="Old").delete()
    UserActivity.objects.all().delete()
    fill_inbox(world, bodies)


def _folded(world: World, bodies: list[bytes]) -> None:
    _begin(world, bodies)
    _fold_all()


def _fold_all() -> None:
    while fold.fold():
        pass


def _store(rows: list[tuple[Any, ...]]) -> None:
    with transaction.atomic():
        many.write(SignalEvent, EVENT, rows)


def _plain(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as the fold writes it."""
    return tuple(value.hex if name == "message" else value for name, value in zip(EVENT, row, strict=True))


def _check(world: World, rows: list[tuple[Any, ...]]) -> None:
    agree("signals", len(rows), world.events)
    agree("what waits", (InboxRequest.objects.count(), QuarantinedItem.objects.count()), (0, 0))
    agree("counted names", EventName.objects.aggregate(total=Sum("count"))["total"], world.events)
    active = {row[6] for row in rows}
    agree("active users", set(UserActivity.objects.values_list("product_user", flat=True)), active)
    agree("users", len(active) > world.users * 0.99, True)


def _counts() -> tuple[int, ...]:
    return SignalEvent.objects.count(), UserActivity.objects.count(), EventName.objects.count()
