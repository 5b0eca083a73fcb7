"""From bits that turned to edges: which rule, which way, why."""

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.foundation import many
from retention.evaluation.known import facts_of
from retention.evaluation.models import Edge
from retention.evaluation.plans import Plan
from retention.evaluation.registry import outcomes
from retention.evaluation.rules import Rule
from retention.evaluation.scan import Bits, Found
from retention.evaluation.standings import LONG_AGO, earlier


@dataclass
class Turns:
    """What turned in one scan."""

    edges: list[Edge] = field(default_factory=list)
    began: dict[int, dict[int, dt.datetime | None]] = field(default_factory=lambda: defaultdict(dict))
    """Account id → slot of a hold → since when it is true, None where it no longer is."""
    unsure: set[int] = field(default_factory=set)
    """Accounts whose facts changed between the scan and the look at the reasons: they are asked again."""


def turns(
    found: Sequence[Found],
    stratum: Sequence[Rule],
    asked: Plan,
    *,
    causes: Mapping[int, str],
    first_look: Collection[int] = (),
) -> Turns:
    """What turned in `found`. Takes back bits of rules that are not ready, and such that cannot be explained.

    `first_look` holds the ids of watches that are new: their state is set without edges.
    """
    result = Turns()
    by_bit = {(one.word, one.bit): one for one in stratum}
    for one in found:
        _withhold(one.bits, asked.not_ready(one.account_id))
    turned = [(one, *each) for one in found for each in _turned(one, by_bit)]
    telling = [(one.account_id, rule) for one, rule, *_ in turned if not (rule.is_hold or rule.watch.pk in first_look)]
    keys = set[str]().union(*(rule.asked.reads for rule in {rule for _, rule in telling}))
    accounts = {account_id for account_id, _ in telling}
    facts = facts_of(accounts, asked.hold_keys, currency=asked.currency, keys=keys)
    for one, rule, bits, entered in turned:
        if rule.is_hold:
            _remember(result, one, rule, asked, entered=entered, is_new=rule.watch.pk in first_look)
        elif rule.watch.pk not in first_look:
            truth, why = rule.explain(facts.get(one.account_id, {}), asked.moment, entering=entered)
            if truth is not True:
                bits.turned &= ~rule.bit
                result.unsure.add(one.account_id)
                continue
            clauses = [clause.as_json() for clause in why.decisive]
            result.edges.append(_edge(rule, one.account_id, causes[one.account_id], clauses, asked.at, entered))
    return result


def _withhold(bits: Mapping[int, Bits], not_ready: Mapping[int, int]) -> None:
    for word, mask in not_ready.items():
        if word in bits:
            bits[word].turned &= ~mask
            bits[word].unknown = (bits[word].unknown & ~mask) | (bits[word].held & mask)


def _turned(one: Found, by_bit: Mapping[tuple[int, int], Rule]) -> Iterator[tuple[Rule, Bits, bool]]:
    for word, bits in one.bits.items():
        turned = bits.turned
        while turned:
            bit = turned & -turned
            turned ^= bit
            yield by_bit[word, bit], bits, not bits.true & bit


def _remember(result: Turns, one: Found, rule: Rule, asked: Plan, *, entered: bool, is_new: bool) -> None:
    """Notes since when a hold is true, and sees to it that the account is asked again when it has been long enough."""
    if not entered:
        result.began[one.account_id][rule.slot] = None
        return
    result.began[one.account_id][rule.slot] = LONG_AGO if is_new else asked.at
    days = asked.shortest_hold.get(rule.watch.key)
    if days and not is_new:
        one.wake_at = earlier(one.wake_at, asked.at + dt.timedelta(days=days))


def _edge(
    rule: Rule, account_id: int, cause: str, clauses: list[dict[str, Any]], at: dt.datetime, entered: bool
) -> Edge:
    return Edge(
        watch=rule.watch,
        account_id=account_id,
        direction=Edge.Direction.ENTERED if entered else Edge.Direction.LEFT,
        cause=cause,
        at=at,
        definition=rule.watch.definition,
        clauses=clauses,
        pending=rule.watch.reader not in outcomes and cause != Edge.Cause.DEFINITION,
    )


def write(edges: Sequence[Edge]) -> None:
    """Numbers the edges after those that exist, and stores them."""
    if not edges:
        return
    latest = _latest({(edge.watch_id, edge.account_id) for edge in edges})
    for edge in edges:
        edge.n = latest[edge.watch_id, edge.account_id] + 1
    many.insert(Edge, edges)


def _latest(pairs: Collection[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """(watch, account) → the number of its last edge, or 0. One step into an index each, however long histories are."""
    asked, params = _asked(pairs)
    n = f'SELECT MAX(n) FROM "{Edge._meta.db_table}" WHERE watch_id = a AND account_id = b'
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT a, b, COALESCE(({n}), 0) FROM ({asked}) AS pair", params)
        return {(watch_id, account_id): latest for watch_id, account_id, latest in cursor.fetchall()}


def _asked(pairs: Collection[tuple[int, int]]) -> tuple[str, list[str]]:
    """A SELECT of the pairs as the columns `a` and `b`, with its parameters: as many for one pair as for many."""
    if connection.vendor == "postgresql":
        arrays = [many.array(ids) for ids in zip(*pairs, strict=True)]
        return "SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS pair(a, b)", arrays
    return "SELECT value ->> 0 AS a, value ->> 1 AS b FROM json_each(%s)", [json.dumps(list(pairs))]
