"""One scan for all conditions: against SQL by hand, against one query each, and with the time to wake."""

from collections.abc import Iterator
from functools import partial

from django.db import connection
from django.db.models import Q

from accounts.facts.models import AccountFacts
from retention.evaluation.rules import Rule
from tests.benchmarks.harness import Result, Side, agree, at_least, at_most, compared, in_turns, say
from tests.benchmarks.subjects.evaluation import handwritten, orm
from tests.benchmarks.subjects.evaluation.watched import Watched, same_verdicts


def one_scan(watched: Watched) -> Iterator[Result]:
    """50 conditions in one scan, against hand-written SQL."""
    watched.change()
    same_verdicts(watched)
    text = handwritten.statement(watched.trees)
    ours, theirs = in_turns(
        Side(watched.scan_all),
        Side(lambda: [handwritten.rows(text, *chunk) for chunk in watched.chunks]),
        rounds=watched.rounds,
    )
    watched.settle()
    yield compared("50 conditions, one scan", ours, theirs, against="hand-written SQL of the same", budget=at_most(1.2))


def waking(watched: Watched) -> Iterator[Result]:
    """50 conditions with the time to wake, against the scan without."""
    ours, theirs = in_turns(
        Side(partial(watched.scan_all, is_waking=True)), Side(watched.scan_all), rounds=watched.rounds
    )
    budget = at_most(1.3 if connection.vendor == "postgresql" else 1.6)
    yield compared("50 conditions with wake_at", ours, theirs, against="the scan without", budget=budget)


def one_query_each(watched: Watched) -> Iterator[Result]:
    """Conditions in one scan, against one ORM query each."""
    rules = {one.slot: one for one in watched.plan.rules}
    queries = {slot: query for slot in rules if (query := _query(watched, slot)) is not None}
    say(f"the ORM can say {len(queries)} of {len(rules)} rightly")
    counts = {slot: AccountFacts.objects.filter(query).count() for slot, query in queries.items()}
    agree("accounts for which each condition is true", _true(list(queries)), counts)
    asked: list[Rule] = [rules[slot] for slot in queries]
    ours, theirs = in_turns(
        Side(partial(watched.scan_all, asked)), Side(partial(_ask, list(queries.values()))), rounds=watched.rounds
    )
    budget = at_least(4 if connection.vendor == "postgresql" else 2.2)
    against = f"one ORM query each ({len(queries)} of them)"
    yield compared("conditions, one scan", ours, theirs, against=against, budget=budget)


def _query(watched: Watched, slot: int) -> Q | None:
    try:
        return orm.query(watched.trees[slot])
    except orm.Inexpressible:
        return None


def _ask(queries: list[Q]) -> None:
    for query in queries:
        list(AccountFacts.objects.filter(query).values_list("pk", flat=True))


def _true(slots: list[int]) -> dict[int, int]:
    """Slot → the accounts whose standing says true, and not only because nobody can tell any more."""
    found = {}
    with connection.cursor() as cursor:
        for slot in slots:
            cursor.execute(f"SELECT count(*) FROM retention_standing WHERE (true_0 & ~held_0 & {1 << slot}) <> 0")
            found[slot] = cursor.fetchone()[0]
    return found
