"""The projection of a batch of accounts, and which part of a profile costs what."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from accounts.facts import projection
from accounts.facts.registry import providers
from accounts.foundation.lanes import lane
from tests.benchmarks.book import AT
from tests.benchmarks.harness import Result, agree, at_most, figure, seconds
from tests.benchmarks.subjects.facts.activity import Used

ROUNDS = 5
DAY = dt.timedelta(days=1)


def of_a_batch(used: Used) -> Iterator[Result]:
    """Projection of a batch of accounts, whole and by parts"""
    ids = list(range(1, projection.BATCH + 1))
    agree("accounts whose profile is new", len(_project(ids, AT)), len(ids))
    agree("accounts that changed without a reason", _project(ids, AT), [])
    moved = [_each(lambda day=day: _project(ids, AT + day * DAY)) for day in range(1, ROUNDS + 1)]
    still = [_each(lambda: _project(ids, AT + ROUNDS * DAY)) for _ in range(ROUNDS)]
    yield _figure("profile, on the next day", moved, 0.6)
    yield _figure("profile, nothing changed", still, 0.4)
    for name, provider in providers.items():
        taken = [_each(lambda parts=provider.parts: parts(ids, AT)) for _ in range(ROUNDS)]
        yield _figure(f"… of it: {name}", taken, 0.2)


def _project(ids: list[int], at: dt.datetime) -> list[int]:
    with lane("facts"):
        return list(projection.project(ids, at=at).changed)


def _each(work: Any) -> float:
    return seconds(work) * 1000 / projection.BATCH


def _figure(name: str, taken: list[float], bound: float) -> Result:
    return figure(f"{name}, an account of {projection.BATCH}", min(taken), "ms", at_most(bound))
