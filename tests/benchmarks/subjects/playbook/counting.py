"""How long whoever builds a condition waits for the number of accounts."""

from collections.abc import Iterator
from typing import Any

from retention.builder.effect import effect
from retention.lifecycle.models import Stage
from retention.segments.queries import current_segments
from tests.benchmarks import book
from tests.benchmarks.harness import Drift, Result, at_most, figure, say, seconds
from tests.benchmarks.subjects.evaluation.conditions import conditions
from tests.benchmarks.subjects.playbook.installed import Installed

ROUNDS = 3
PERCENTILE = 0.95


def live(installed: Installed) -> Iterator[Result]:
    """The count with its examples, of fifty random conditions and of all that the playbook itself asks."""
    asked = [*conditions(), *_of_the_playbook()]
    taken = sorted(seconds(lambda one=one: _counted(one, installed)) for _ in range(ROUNDS) for one in asked)
    say(f"live count: {len(asked)} conditions, median {taken[len(taken) // 2]:.3f} s, longest {taken[-1]:.3f} s")
    yield figure("live count, 95th percentile", taken[int(len(taken) * PERCENTILE)], "s", at_most(0.3))


def _of_the_playbook() -> list[Any]:
    segments = current_segments().filter(condition__isnull=False).values_list("condition", flat=True)
    return [*segments, *Stage.objects.values_list("enter", flat=True)]


def _counted(condition: Any, installed: Installed) -> None:
    found = effect(condition, user=installed.operator, at=book.AT).counted
    if found.is_whole and found.looked_at != installed.size:
        raise Drift(f"{found.looked_at} accounts were looked at, not {installed.size}")
