"""What must be so whatever it costs: verdicts are right, and statements do not grow with the rules."""

from collections.abc import Iterator, Sequence

from django.db import transaction

from accounts.workspace.queries import base_currency
from retention.conditions.evaluate import compile_closure
from retention.evaluation import fullpass
from retention.evaluation.known import facts_of
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.passes import Due, evaluate
from retention.evaluation.plans import plan
from retention.evaluation.rules import read
from tests.benchmarks import book, watching
from tests.benchmarks.harness import Result, agree
from tests.benchmarks.subjects.evaluation.watched import Watched

SAMPLE = 500
FEW = 3
"""So few that their edges fit into one INSERT on both databases."""


def statements(watched: Watched) -> Iterator[Result]:
    """Statements of a pass with 1 and with 50 rules."""
    with watching.statements() as sent:
        watched.scan(watched.chunks[0], watched.plan.rules[:1])
        one = len(sent)
        watched.scan(watched.chunks[0])
    yield _equal("statements per chunk and stratum", len(sent) - one, one)
    ids = list(Standing.objects.exclude(true_0=0).values_list("pk", flat=True)[:FEW])
    yield _equal("statements of a pass in which all turns", _of_a_pass(ids, 50), _of_a_pass(ids, 1))


def _equal(name: str, fifty: int, one: int) -> Result:
    return Result(name, fifty, "", f"with one rule: {one}", fifty / one, "= 1", fifty == one)


def _of_a_pass(ids: Sequence[int], rules: int) -> int:
    """The statements of a pass over accounts that nothing is known of, with only so many rules; undone afterwards."""
    with transaction.atomic():
        # Those that are true for the first of them come first, so that also a single rule finds something to say.
        true = Standing.objects.get(pk=ids[0]).true_0
        slots = sorted(range(50), key=lambda slot: not true >> slot & 1)[:rules]
        Watch.objects.exclude(slot__in=slots).update(active=False)
        Standing.objects.filter(pk__in=ids).delete()
        asked = plan(at=book.AT)
        with watching.statements() as sent:
            evaluate(Due.because(ids, Edge.Cause.DATA), asked)
        transaction.set_rollback(True)
    return len(sent)


def verdicts(watched: Watched) -> Iterator[Result]:
    """Verdicts at the end, against a full pass and against memory."""
    agree("accounts that a full pass would change", [one.pk for one, _ in fullpass.differences(at=book.AT)], [])
    ids = watched.dice.sample(range(1, watched.size + 1), SAMPLE)
    facts, standings = facts_of(ids, {}, currency=base_currency()), Standing.objects.in_bulk(ids)
    closures = [(one.watch, compile_closure(read(one.watch.enter))) for one in watched.plan.rules]
    for account_id in ids:
        standing = standings.get(account_id) or Standing(account_id=account_id)
        for watch, closure in closures:
            truth = closure(facts[account_id], watched.plan.moment)
            held = standing.is_held(watch)
            agree(f"{watch.key} of account {account_id}", None if held else standing.is_true(watch), truth)
    yield Result("verdicts stored that are wrong", 0, "", f"{SAMPLE} accounts in memory", None, "= 0", True)
