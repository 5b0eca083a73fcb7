"""How many accounts a condition is true for now, and for how many nobody can tell."""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Min, QuerySet

from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from retention.conditions.comparing import Moment
from retention.conditions.language import All, Any_, Condition, Held, Not, hold_key, holds
from retention.conditions.sql import Dialect, Sql, compile_sql
from retention.evaluation.columns import FACTS, STANDING, columns, dialect
from retention.evaluation.known import watched_holds
from retention.evaluation.models import HOLD, Standing, Watch
from retention.evaluation.queries import moment

CHUNK = 20_000
"""Account ids of one statement: after each it is asked how late it is."""


@dataclass
class Count:
    """What was counted. Where it `is_whole`, every account was looked at; else these are the first of them."""

    true: int = 0
    unknown: int = 0
    looked_at: int = 0
    is_whole: bool = True
    ignores_durations: bool = False
    """Whether it leaves out for how long something must have held, because nobody follows that yet."""
    examples: list[int] = field(default_factory=list)


def count(
    condition: Condition, accounts: QuerySet[Account], *, at: dt.datetime, within_s: float, examples: int = 10
) -> Count:
    """Counts `accounts`, of which those without facts are left out. After `within_s` seconds it ends early."""
    deadline = time.monotonic() + within_s
    asked = followed(condition)
    found = Count(ignores_durations=asked is not condition)
    statement = _Statement(asked, accounts, moment(at))
    for after, until in id_ranges(AccountFacts.objects.all()):
        if time.monotonic() > deadline:
            found.is_whole = False
            break
        true, unknown, all_ = statement.counts(after, until)
        found.true, found.unknown, found.looked_at = found.true + true, found.unknown + unknown, found.looked_at + all_
        if true and len(found.examples) < examples:
            found.examples += statement.ids(after, until, limit=examples - len(found.examples))
    return found


def id_ranges(rows: QuerySet[Any], size: int = CHUNK) -> Iterator[tuple[int, int]]:
    """`(after, until)` of ranges of `size` ids that hold all `rows`; gaps between ids cost nothing."""
    after = 0
    while first := rows.filter(pk__gt=after).aggregate(first=Min("pk"))["first"]:
        after = first - 1 + size
        yield first - 1, after


def followed(condition: Condition) -> Condition:
    """The condition without durations that nobody follows; itself where all are followed."""
    if not any(holds(condition)):
        return condition
    known = set(watched_holds().values())
    return condition if all(hold_key(one.node) in known for one in holds(condition)) else without_durations(condition)


def without_durations(condition: Condition) -> Condition:
    """The condition as if everything had held for long enough."""
    match condition:
        case All(nodes):
            return All(tuple(map(without_durations, nodes)))
        case Any_(nodes):
            return Any_(tuple(map(without_durations, nodes)))
        case Not(node):
            return Not(without_durations(node))
        case Held(node):
            return without_durations(node)
        case _:
            return condition


class _Statement:
    """One condition asked of a range of accounts."""

    def __init__(self, condition: Condition, accounts: QuerySet[Account], at: Moment) -> None:
        known = columns(Watch.objects.filter(reader=HOLD, active=True))
        self.holds = compile_sql(condition, known, dialect()).at(at)
        self.fails = compile_sql(condition, known, dialect(), negated=True).at(at)
        self.accounts = accounts.order_by().values("pk")
        self.reads_standing = any(holds(condition))

    def counts(self, after: int, until: int) -> tuple[int, int, int]:
        """Of the range: true, unknown, all."""
        if dialect() is Dialect.POSTGRESQL:
            verdict = Sql(f"CASE ({self.holds.text}) WHEN TRUE THEN 1 WHEN FALSE THEN 0 END", self.holds.params)
        else:  # which evaluates both sides of AND and OR wherever they are a value; most verdicts are false
            text = f"CASE WHEN {self.fails.text} THEN 0 WHEN {self.holds.text} THEN 1 END"
            verdict = Sql(text, (*self.fails.params, *self.holds.params))
        of, params = self._of(after, until)
        rows = f"SELECT {verdict.text} AS v {of}"
        text = f"SELECT COALESCE(SUM(v), 0), COUNT(*) - COUNT(v), COUNT(*) FROM ({rows}) q"
        return self._run(text, [*verdict.params, *params])[0]

    def ids(self, after: int, until: int, *, limit: int) -> list[int]:
        """The first of the range for which it is true."""
        of, params = self._of(after, until)
        text = f"SELECT {FACTS}.account_id {of} AND ({self.holds.text}) ORDER BY 1 LIMIT {limit}"
        return [row[0] for row in self._run(text, [*params, *self.holds.params])]

    def _of(self, after: int, until: int) -> tuple[str, list[Any]]:
        """The facts of the range with what remembers them. The scope is bounded as well: no planner infers that."""
        scope, params = self.accounts.filter(pk__gt=after, pk__lte=until).query.sql_with_params()
        standing = Standing._meta.db_table
        joined = f'LEFT JOIN "{standing}" {STANDING} ON {STANDING}.account_id = {FACTS}.account_id '
        text = (
            f'FROM "{AccountFacts._meta.db_table}" {FACTS} {joined if self.reads_standing else ""}'
            f"WHERE {FACTS}.account_id > %s AND {FACTS}.account_id <= %s AND {FACTS}.account_id IN ({scope})"
        )
        return text, [after, until, *params]

    @staticmethod
    def _run(text: str, params: list[Any]) -> list[tuple[Any, ...]]:
        with connection.cursor() as cursor:
            cursor.execute(text, params)
            return cursor.fetchall()
