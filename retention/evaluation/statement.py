"""Every rule of a stratum asked of many accounts in one statement; only accounts where something differs come back.

A statement has layers. The innermost takes a row of facts and its standing; the next asks the conditions; the next
gathers the answers in words of bits; the outermost holds them against the standing. Each layer is computed once a row:
PostgreSQL keeps layers apart because of OFFSET, SQLite because of LIMIT.

Answers are three-valued. PostgreSQL evaluates a condition once and looks whether that is true, false or NULL. SQLite
evaluates both sides of AND and OR wherever a boolean is used as a value, so there it stands in CASE WHEN, which stops
early; what is neither true nor its opposite is unknown. Bit operators have one rank on both, hence the parentheses.
"""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from accounts.facts.models import AccountFacts
from accounts.foundation.many import array
from retention.conditions.comparing import Moment
from retention.conditions.language import Condition, FactType
from retention.conditions.sql import Column, Dialect, Sql, compile_sql, extract, wake_sql
from retention.conditions.timing import Boundary
from retention.evaluation.columns import FACTS, STANDING, dialect
from retention.evaluation.models import WORD, Standing
from retention.evaluation.rules import Asked, Rule

ROW = "r"
WAKES = ("wake_at", "wake_on", "woke_at", "woke_on")
HALF = WORD // 2
LOW = (1 << HALF) - 1


@dataclass(frozen=True)
class Scope:
    """Which accounts a scan looks at: a condition on `{id}`, the account of a row."""

    text: str
    params: tuple[Any, ...]
    is_range: bool = False

    @classmethod
    def of(cls, account_ids: Sequence[int]) -> "Scope":
        """These accounts."""
        if connection.vendor == "postgresql":
            return cls("{id} = ANY(%s::bigint[])", (array(account_ids),))
        return cls("{id} IN (SELECT value FROM json_each(%s))", (json.dumps(list(account_ids)),))

    @classmethod
    def between(cls, after: int, until: int) -> "Scope":
        """The accounts with ids above `after`, up to `until`."""
        return cls("{id} > %s AND {id} <= %s", (after, until), is_range=True)


class Slot(NamedTuple):
    """What is asked under one number."""

    slot: int
    asked: Asked

    @property
    def bit(self) -> int:
        """Its place in its word."""
        return 1 << self.slot % WORD


@dataclass
class Text:
    """SQL that grows with its parameters in step."""

    parts: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def add(self, text: str, *params: Any) -> None:
        self.parts.append(text)
        self.params += params

    def joined(self, between: str) -> str:
        return between.join(self.parts)


def statement(
    rules: Sequence[Rule],
    scope: Scope,
    *,
    columns: Mapping[str, Column],
    moment: Moment,
    waking: Sequence[Rule] | None = None,
) -> tuple[str, list[Any]]:
    """The scan as SQL with its parameters. Composed once: only its parameters change from pass to pass."""
    slots = tuple(Slot(one.slot, one.asked) for one in sorted(rules, key=lambda one: one.slot))
    times = None if waking is None else frozenset[Boundary]().union(*(one.asked.boundaries for one in waking))
    sql = _composed(slots, scope.text, tuple(columns.items()), times, dialect()).at(moment)
    return sql.text, [*sql.params, *scope.params, *scope.params]


@lru_cache(maxsize=64)
def _composed(
    asked: Sequence[Slot],
    scope: str,
    columns: Sequence[tuple[str, Column]],
    times: frozenset[Boundary] | None,
    spoken: Dialect,
) -> Sql:
    """The statement with the parameters of its conditions; those of its scope come after them, twice."""
    words: dict[int, list[Slot]] = {}
    for one in asked:
        words.setdefault(one.slot // WORD, []).append(one)
    build = _Statement(dict(columns), spoken)
    return Sql(build.text(words, scope, times), tuple(build.params))


class _Statement:
    """One scan in the making."""

    def __init__(self, columns: Mapping[str, Column], spoken: Dialect) -> None:
        self.columns = columns
        self.spoken = spoken
        self.params: list[Any] = []
        # A typed literal: with a plain 0 the planner would not yet see that nothing is skipped, and not go parallel.
        self.fence = "OFFSET bigint '0'" if spoken is Dialect.POSTGRESQL else "LIMIT -1"

    def text(self, words: Mapping[int, Sequence[Slot]], scope: str, times: frozenset[Boundary] | None) -> str:
        rows = self._rows(words, scope, times or ())
        answers, gathered = Text(), ["account_id", *WAKES]
        # As text, also where it is a column as it stands: what comes back is only ever written again.
        shown, differs = ["account_id", "CAST(wake_at AS text)", "CAST(wake_on AS text)"], []
        answers.add(f"account_id, {ROW}.woke_at, {ROW}.woke_on")
        self._wake(answers, times)
        for word, rules in sorted(words.items()):
            gathered += self._gather(answers, word, rules)
            shown += [f"t{word}", f"h{word}", _turned(word, rules), _unknown(word, rules)]
            differs.append(f"{_turned(word, rules)} <> 0 OR (h{word} & {_mask(rules)}) <> {_unknown(word, rules)}")
        if times is not None:
            unlike = "IS DISTINCT FROM" if self.spoken is Dialect.POSTGRESQL else "IS NOT"
            differs += [f"wake_at {unlike} woke_at", f"wake_on {unlike} woke_on"]
        self.params = answers.params
        answered = f"SELECT {answers.joined(', ')} FROM ({rows}) {ROW} {self.fence}"
        in_words = f"SELECT {', '.join(gathered)} FROM ({answered}) a {self.fence}"
        return f"SELECT {', '.join(shown)} FROM ({in_words}) b WHERE {' OR '.join(differs)}"

    def _rows(self, words: Mapping[int, Sequence[Slot]], scope: str, times: Collection[Boundary]) -> str:
        """The innermost layers; from here on `self.columns` says where they put each fact."""
        asked = {boundary.fact: boundary.type for boundary in times}
        for one in (one for rules in words.values() for one in rules):
            asked |= one.asked.reads | dict.fromkeys(one.asked.holds, FactType.INSTANT)
        taken = extract(asked, self.columns, self.spoken, row=ROW)
        states = [f"{STANDING}.{kind}_{word} AS {kind[0]}{word}" for word in words for kind in ("true", "held")]
        facts, standing = AccountFacts._meta.db_table, Standing._meta.db_table
        self.columns = taken.columns
        selected = [f"{FACTS}.account_id", f"{STANDING}.wake_at AS woke_at", f"{STANDING}.wake_on AS woke_on"]
        rows = (
            f'SELECT {", ".join([*selected, *states, *taken.items])} FROM "{facts}" {FACTS} '
            f'LEFT JOIN "{standing}" {STANDING} ON {STANDING}.account_id = {FACTS}.account_id '
            f"AND {_on(scope, STANDING)} WHERE {_on(scope, FACTS)}"  # of both, or a chunk would read every standing
        )
        if not taken.values:
            return rows
        return f"SELECT {ROW}.*, {', '.join(taken.values)} FROM ({rows} {self.fence}) {ROW} {self.fence}"

    def _wake(self, answers: Text, times: frozenset[Boundary] | None) -> None:
        if times is None:
            answers.add("woke_at AS wake_at, woke_on AS wake_on")
            return
        at, on = wake_sql(times, self.columns, self.spoken)
        answers.add(f"{at.text} AS wake_at", *at.params)
        answers.add(f"{on.text} AS wake_on", *on.params)

    def _gather(self, answers: Text, word: int, rules: Sequence[Slot]) -> list[str]:
        """Asks the rules of one word; returns the next layer's columns: the state, then the answers as bits."""
        answers.add(f"COALESCE({ROW}.t{word}, 0) AS t{word}, COALESCE({ROW}.h{word}, 0) AS h{word}")
        found = [f"t{word}", f"h{word}"]
        asked: dict[str, list[tuple[Slot, Condition]]] = {"e": [(one, one.asked.enter) for one in rules]}
        if leaving := [(one, one.asked.leave) for one in rules if one.asked.leave is not None]:
            asked["l"] = leaving
        for kind, conditions in asked.items():
            halves = self._ask(answers, f"{kind}{word}", conditions)
            true = " | ".join(f"((({half}) & {LOW}) << {shift})" for half, shift in halves)
            unknown = " | ".join(f"(((({half}) >> {HALF}) & {LOW}) << {shift})" for half, shift in halves)
            found += [f"({true}) AS {kind}t{word}", f"({unknown}) AS {kind}u{word}"]
        return found

    def _ask(self, answers: Text, name: str, asked: Sequence[tuple[Slot, Condition]]) -> list[tuple[str, int]]:
        """Each half of a word is one number: what is true in its low bits, what is unknown above them.

        Returns the columns with the place of their lowest bit in the word.
        """
        halves: dict[int, list[str]] = {}
        for one, condition in asked:
            half, place = divmod(one.slot % WORD, HALF)
            case = self._case(condition, answers, 1 << place, 1 << place + HALF)
            halves.setdefault(half, []).append(case)  # in the order of the slots, and so of the parameters
        for half, cases in halves.items():
            answers.add(f"{' | '.join(cases)} AS {name}_{half}")
        return [(f"{name}_{half}", HALF * half) for half in halves]

    def _case(self, condition: Condition, answers: Text, true: int, unknown: int) -> str:
        if self.spoken is Dialect.POSTGRESQL:
            holds = self._compiled(condition, answers)
            return f"CASE ({holds}) WHEN TRUE THEN {true} WHEN FALSE THEN 0 ELSE {unknown} END"
        fails = self._compiled(condition, answers, negated=True)
        holds = self._compiled(condition, answers)
        return f"CASE WHEN {fails} THEN 0 WHEN {holds} THEN {true} ELSE {unknown} END"  # most verdicts are false

    def _compiled(self, condition: Condition, answers: Text, *, negated: bool = False) -> str:
        sql = compile_sql(condition, self.columns, self.spoken, negated=negated)
        answers.params += sql.params
        return sql.text


def _on(scope: str, table: str) -> str:
    """The condition of a scope for the rows of `table`."""
    return scope.replace("{id}", f"{table}.account_id")


def _mask(rules: Sequence[Slot], keep: Callable[[Slot], bool] = lambda one: True) -> int:
    return sum(one.bit for one in rules if keep(one))


def _turned(word: int, rules: Sequence[Slot]) -> str:
    """The bits that are false and enter (unless they leave at once, or may), or true and leave."""
    enters, leaves = f"et{word}", f"(~(et{word} | eu{word}) & {_mask(rules, _is_plain)})"
    if not all(map(_is_plain, rules)):
        enters, leaves = f"et{word} & ~lt{word} & ~lu{word}", f"({leaves} | lt{word})"
    return f"(((~t{word} & {enters}) | (t{word} & {leaves})) & {_mask(rules)})"


def _unknown(word: int, rules: Sequence[Slot]) -> str:
    """The bits whose next move nobody can tell."""
    if all(map(_is_plain, rules)):
        return f"(eu{word})"
    leaves = f"((eu{word} & {_mask(rules, _is_plain)}) | lu{word})"
    enters = f"(((eu{word} & ~lt{word}) | (et{word} & lu{word})) & ~t{word})"
    return f"(({enters} | (t{word} & {leaves})) & {_mask(rules)})"


def _is_plain(one: Slot) -> bool:
    """Whether it leaves as soon as its entry condition is false."""
    return one.asked.leave is None
