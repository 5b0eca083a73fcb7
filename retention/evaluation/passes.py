"""The pass: asks every active watch about the accounts that changed, and writes what became different."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Max

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.queries import known_accounts, rows_of, values
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.evaluation.compiled import Compiled, compiled
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.registry import outcomes

BATCH = 500


@dataclass
class Bits:
    """The true and the held watches of one account in one word."""

    true: int = 0
    held: int = 0


State = dict[int, Bits]
"""Word → bits."""


@dataclass
class Pass:
    """One evaluation of some accounts at one moment."""

    at: dt.datetime
    moment: Moment
    causes: Mapping[int, str]
    edges: list[Edge] = field(default_factory=list)


def evaluate_dirty(*, at: dt.datetime | None = None) -> int:
    """Evaluates the accounts that were marked; returns how many marks it used up."""
    at = at or now()
    with lane("evaluation"):
        marks = events.take(DirtyAccount.Pass.VERDICTS, limit=BATCH)
        if marks:
            _run(causes={mark.account_id: mark.cause for mark in reversed(marks)}, at=at)
    return len(marks)


def evaluate_all(*, at: dt.datetime | None = None) -> int:
    """Evaluates every account that has facts, marked or not; returns how many. Finds what no mark told of."""
    at, done = at or now(), 0
    for ids in known_accounts(chunk=BATCH):
        with lane("evaluation"):
            _run(causes=dict.fromkeys(ids, Edge.Cause.TIME), at=at)
        done += len(ids)
    return done


def differences(*, at: dt.datetime) -> Iterator[tuple[Account, list[Edge]]]:
    """The accounts for which a full pass at `at` would find other verdicts than are stored, with the edges.

    Writes nothing. Asks the facts as they are now, not as they were or will be at `at`.
    """
    for ids in known_accounts(chunk=BATCH):
        this, _ = _verdicts(causes=dict.fromkeys(ids, Edge.Cause.TIME), at=at)
        found: dict[int, list[Edge]] = defaultdict(list)
        for edge in this.edges:
            found[edge.account_id].append(edge)
        accounts = Account.objects.in_bulk(found)
        yield from ((accounts[account_id], edges) for account_id, edges in found.items())


def baseline(watches: Sequence[Watch], *, at: dt.datetime, afresh: bool = False) -> None:
    """Sets the state of `watches` for every account that has facts, without edges: nobody fires on old news.

    Where the new condition cannot say, the state stays what it was; with `afresh` it starts as false.
    """
    asked = [compiled(watch) for watch in watches]
    moment, currency = _moment(at), base_currency()
    for ids in known_accounts(chunk=BATCH):
        states = _states(ids)
        for account_id, row in rows_of(ids).items():
            facts = values(row, currency=currency)
            for one in asked:
                bits = states[account_id].setdefault(one.word, Bits())
                if afresh:
                    bits.true &= ~one.bit
                _turns(one, facts, bits, moment)
        _save(states, at=at)


def _turns(one: Compiled, facts: dict[str, object], bits: Bits, moment: Moment) -> bool:
    """Moves one bit where its condition says so, and says whether; unknown keeps it and marks it as held."""
    verdict = one.leaves(facts, moment) if bits.true & one.bit else one.enters(facts, moment)
    bits.held = bits.held | one.bit if verdict is None else bits.held & ~one.bit
    if verdict:
        bits.true ^= one.bit
    return bool(verdict)


def _moment(at: dt.datetime) -> Moment:
    return Moment(as_of=at, today=today(at))


def _run(*, causes: Mapping[int, str], at: dt.datetime) -> None:
    this, states = _verdicts(causes=causes, at=at)
    _save(states, at=at)
    _write_edges(this.edges)
    _tell(this.edges, at=at)


def _verdicts(*, causes: Mapping[int, str], at: dt.datetime) -> tuple[Pass, dict[int, State]]:
    """Every active watch, asked about these accounts: the edges found, and the states they lead to."""
    asked = [compiled(watch) for watch in Watch.objects.filter(active=True)]
    ids = sorted(causes)
    this, currency, states = Pass(at, _moment(at), causes), base_currency(), _states(ids)
    for account_id, row in rows_of(ids).items():
        facts = values(row, currency=currency)
        for one in asked:
            _ask(one, account_id, facts, states[account_id].setdefault(one.word, Bits()), this)
    return this, states


def _ask(one: Compiled, account_id: int, facts: dict[str, object], bits: Bits, this: Pass) -> None:
    """Asks one watch about one account; where its state turns, notes the edge."""
    if not _turns(one, facts, bits, this.moment):
        return
    entered = bool(bits.true & one.bit)
    this.edges.append(
        Edge(
            watch=one.watch,
            account_id=account_id,
            direction=Edge.Direction.ENTERED if entered else Edge.Direction.LEFT,
            cause=this.causes[account_id],
            at=this.at,
            definition=one.watch.definition,
            clauses=one.clauses(facts, this.moment, entering=entered),
            pending=one.watch.reader not in outcomes,
        )
    )


def _states(ids: Sequence[int]) -> dict[int, State]:
    found: dict[int, State] = {account_id: {} for account_id in ids}
    for row in Standing.objects.filter(account__in=ids):
        found[row.account_id][row.word] = Bits(row.true_bits, row.held_bits)
    return found


def _save(states: dict[int, State], *, at: dt.datetime) -> None:
    rows = [
        Standing(account_id=account_id, word=word, true_bits=bits.true, held_bits=bits.held, evaluated_at=at)
        for account_id, state in states.items()
        for word, bits in state.items()
    ]
    Standing.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["account", "word"],
        update_fields=["true_bits", "held_bits", "evaluated_at"],
        batch_size=500,
    )


def _write_edges(edges: list[Edge]) -> None:
    """Numbers the edges after those that exist, and stores them."""
    if not edges:
        return
    existing = Edge.objects.filter(
        account__in={edge.account_id for edge in edges}, watch__in={edge.watch_id for edge in edges}
    )
    counted = existing.values("watch", "account").annotate(latest=Max("n"))
    latest = {(row["watch"], row["account"]): row["latest"] for row in counted}
    for edge in edges:
        edge.n = latest.get((edge.watch_id, edge.account_id), 0) + 1
    Edge.objects.bulk_create(edges)


def _tell(edges: list[Edge], *, at: dt.datetime) -> None:
    by_reader: dict[str, list[Edge]] = defaultdict(list)
    for edge in edges:
        by_reader[edge.watch.reader].append(edge)
    for reader, found in by_reader.items():
        if reader in outcomes:
            outcomes[reader](found, at)
