"""What benchmarks are made of: subjects that are prepared once, turns, and results held against a budget."""

import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Work = Callable[[], Any]
FIGURES = 100_000
"""From so many accounts on, figures are wanted; below, that everything runs and nothing drifts."""


class Drift(AssertionError):
    """Something answers differently from what it is held against: then its speed means nothing."""


def agree(what: str, ours: Any, theirs: Any) -> None:
    """Raises Drift unless both answers are the same. Of two lists or sets it tells what only one of them has."""
    if ours == theirs:
        return
    if isinstance(ours, (list, set)) and isinstance(theirs, (list, set)) and set(ours) != set(theirs):
        ours, theirs = sorted(set(ours) - set(theirs)), sorted(set(theirs) - set(ours))
    raise Drift(f"{what}: ours {_short(ours)}, theirs {_short(theirs)}")


def _short(answer: Any) -> str:
    size = f"{len(answer)} such as " if isinstance(answer, list) else ""
    text = repr(answer)
    return size + (text if len(text) < 200 else f"{text[:200]}…")


@dataclass(frozen=True)
class Budget:
    """A bound: `<= 1.2`, `>= 4`."""

    sign: str
    bound: float

    def __str__(self) -> str:
        return f"{self.sign} {self.bound:.3g}"

    def allows(self, figure: float) -> bool:
        """Whether `figure` is within the bound."""
        return figure <= self.bound if self.sign == "<=" else figure >= self.bound


def at_most(bound: float) -> Budget:
    """Bounds from above: a ratio of ours to theirs, or a figure."""
    return Budget("<=", bound)


def at_least(bound: float) -> Budget:
    """Bounds from below: how many times faster ours is than theirs."""
    return Budget(">=", bound)


@dataclass(frozen=True)
class Result:
    """One line of the table. What the budget bounds is the ratio, or the value where there is none."""

    name: str
    value: float
    unit: str
    against: str
    ratio: float | None
    budget: str
    ok: bool


def figure(name: str, value: float, unit: str, budget: Budget) -> Result:
    """A measurement with a bound of its own."""
    return Result(name, value, unit, "", None, f"{budget} {unit}", budget.allows(value))


def failure(name: str, error: Exception) -> Result:
    """Something that could not be measured, or whose measurement would mean nothing."""
    return Result(name, 0, "", f"{type(error).__name__}: {error}"[:200], None, "", False)


def compared(name: str, ours: Sequence[float], theirs: Sequence[float], *, against: str, budget: Budget) -> Result:
    """The seconds of ours to those of theirs, round by round: how many times as long, or how many times faster.

    The median of the rounds' ratios, because a busy moment spoils both halves of one round and no other round.
    """
    ratio = statistics.median(one / other for one, other in zip(ours, theirs, strict=True))
    if budget.sign == ">=":
        ratio = 1 / ratio
    return Result(name, statistics.median(ours), "s", against, ratio, str(budget), budget.allows(ratio))


def nothing() -> None:
    """No preparation."""


@dataclass(frozen=True)
class Side:
    """Something to be timed. `before` and `after` put things into place and do not count."""

    work: Work
    before: Work = nothing
    after: Work = nothing

    def seconds(self) -> float:
        self.before()
        taken = seconds(self.work)
        self.after()
        return taken


def in_turns(*sides: Side, rounds: int) -> list[list[float]]:
    """The seconds of each side, one entry a round. Who begins changes from round to round."""
    taken: list[list[float]] = [[] for _ in sides]
    for round_ in range(rounds):
        for place in range(len(sides)):
            which = (place + round_) % len(sides)
            taken[which].append(sides[which].seconds())
    return taken


def seconds(work: Work) -> float:
    """How long it takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


Benchmark = Callable[[Any], Iterator[Result]]


@dataclass(frozen=True)
class Subject:
    """Benchmarks that share a database. `prepare` fills it for a size and returns what each of them is given.

    What those in `growing` measure must grow in step with the size; only the largest size checks it.
    """

    prepare: Callable[[int], Any]
    benchmarks: Sequence[Benchmark]
    growing: Sequence[Benchmark] = ()


def say(text: str) -> None:
    """Progress, for whoever is waiting."""
    sys.stderr.write(f"  {text}\n")
    sys.stderr.flush()
