"""Passes with their writes: what a whole one costs beyond its scans, and what one over a few changes does."""

from collections.abc import Iterator

from retention.evaluation import baseline, fullpass, services
from retention.evaluation.models import Edge
from tests.benchmarks import book, watching
from tests.benchmarks.harness import Drift, Result, Side, agree, at_most, compared, figure, in_turns, say
from tests.benchmarks.subjects.evaluation.watched import Watched

ANOTHER = {"fact": "active_users_30d", "operator": "greaterThan", "value": 12}
LONGEST = at_most(0.25)
ALONE = "from retention.evaluation import fullpass; from tests.benchmarks import book; fullpass.run(at=book.AT)"


def memory(watched: Watched) -> Iterator[Result]:
    """Memory of a full pass after 1 % changed."""
    watched.change()
    peak = watching.peak_mib(ALONE)
    watched.forget()
    if peak is None:
        say("this system does not tell how much memory a process used at most")
    else:
        yield figure("memory at most, full pass", peak, "MiB", at_most(300))


def with_writes(watched: Watched) -> Iterator[Result]:
    """A full pass after 1 % changed, against its scans; an incremental one against the full pass.

    PostgreSQL scans a chunk on as many cores as there are, and the few accounts that changed on one. So that the
    second ratio does not tell of the machine, the full pass it is held against has one core too.
    """
    scans, full, few, on_one_core = in_turns(
        Side(lambda: watched.scan_all(is_waking=True), before=watched.change, after=watched.settle),
        Side(lambda: _full_pass(watched), before=watched.change, after=watched.forget),
        Side(watched.settle, before=watched.change),
        Side(lambda: _full_pass_on_one_core(watched), before=watched.change, after=watched.forget),
        rounds=watched.rounds,
    )
    say(f"{Edge.objects.count()} edges so far, after {4 * watched.rounds + 1} changes of 1 %")
    yield compared("full pass with its writes", full, scans, against="the sum of its scans", budget=at_most(1.6))
    against = "a full pass on one core"
    yield compared("pass after 1 % changed", few, on_one_core, against=against, budget=at_most(1 / 12))


def longest_transactions(watched: Watched) -> Iterator[Result]:
    """The longest write transaction: full pass, incremental pass, a new rule."""
    watched.change()
    with watching.writes() as taken:
        _full_pass(watched)
    watched.forget()
    yield figure("longest transaction, full pass", max(taken), "s", LONGEST)
    watched.change()
    with watching.writes() as taken:
        watched.settle()
    yield figure("longest transaction, incremental pass", max(taken), "s", LONGEST)
    with watching.writes() as taken:
        draft = services.WatchDraft("bench:another", "bench", "version 1", ANOTHER)
        services.watch([draft], by=None, at=book.AT)
        _prepare()
    yield figure("longest transaction, new rule", max(taken), "s", LONGEST)
    services.unwatch(key="bench:another", by=None, at=book.AT)
    _prepare()


def _full_pass(watched: Watched) -> None:
    """A full pass, which must not find anything that nobody had marked."""
    report = fullpass.run(at=book.AT)
    if not report.turned and watched.always_turns:
        raise Drift("a full pass over changed facts found nothing")
    agree("verdicts missed", dict(report.missed), {})


def _full_pass_on_one_core(watched: Watched) -> None:
    with watching.one_core():
        _full_pass(watched)


def _prepare() -> None:
    while baseline.advance(at=book.AT):
        pass
