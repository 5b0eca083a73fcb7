"""Passes while the whole starter playbook is in force: segments and stages that read each other, and their moves."""

from collections.abc import Iterator
from dataclasses import replace

from retention.lifecycle.models import StageChange
from retention.segments.models import SegmentChange
from tests.benchmarks import watching
from tests.benchmarks.harness import Drift, Result, at_most, figure, say
from tests.benchmarks.subjects.evaluation import passes
from tests.benchmarks.subjects.playbook.installed import Installed

LONGEST = at_most(0.25)


def with_writes(installed: Installed) -> Iterator[Result]:
    """A full pass against its scans, an incremental one against the full pass: the budgets of fifty plain rules."""
    before = SegmentChange.objects.count() + StageChange.objects.count()
    for result in passes.with_writes(installed):
        yield replace(result, name=f"{result.name}, starter playbook")
    moved = SegmentChange.objects.count() + StageChange.objects.count() - before
    if not moved and installed.always_turns:
        raise Drift("nobody moved, so what moving costs was not measured")
    say(f"{len(installed.plan.rules)} rules in {len(installed.plan.strata)} strata; {moved} moves")


def longest_transactions(installed: Installed) -> Iterator[Result]:
    """The longest write transaction of a pass that moves accounts."""
    installed.change()
    with watching.writes() as taken:
        installed.settle()
    yield figure("longest transaction, pass with starter playbook", max(taken), "s", LONGEST)
