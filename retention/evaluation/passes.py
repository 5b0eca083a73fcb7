"""The pass: asks the rules about the accounts that changed or are due, and writes what became different."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

from django.db.models import Q

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.lookup import catalogue
from accounts.facts.registry import derivations, follows_registers
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.foundation.remembering import remembering
from accounts.portfolio.models import Account
from retention.conditions.comparing import Moment
from retention.evaluation import edges, incidents, rollups, standings
from retention.evaluation.edges import Turns, turns
from retention.evaluation.models import Edge, Incident, Standing
from retention.evaluation.plans import Plan, mask, plan
from retention.evaluation.queries import moment
from retention.evaluation.registry import outcomes, roll_ups
from retention.evaluation.rules import Rule
from retention.evaluation.scan import Found, Scope, parted, scan

BATCH = 2000
"""Accounts of one transaction."""
TURNS = 1500
"""Verdicts that may turn in one transaction: what bounds the time it holds the database."""
ROUNDS = 4
"""How often in a row a stage may move by its own consequences."""


@dataclass
class Due:
    """Why each account is asked, and after how many verdicts in a row."""

    causes: dict[int, str]
    rounds: dict[int, int]

    @classmethod
    def because(cls, account_ids: Collection[int], cause: str) -> "Due":
        """All of them for one cause."""
        return cls(dict.fromkeys(account_ids, cause), {})

    def joined_by(self, account_ids: Collection[int], cause: str) -> None:
        """These too, if they are not due already."""
        for account_id in account_ids:
            self.causes.setdefault(account_id, cause)


def evaluate_dirty(*, at: dt.datetime | None = None) -> int:
    """Evaluates accounts that were marked or that time makes due; returns how many marks and accounts it used up."""
    if not _has_work(at or now()):  # asked before the lane, which others may be waiting for
        return 0
    with lane("evaluation"), remembering():
        return _evaluate_dirty(at or now())  # read inside the lane: time must not run backwards between passes


def _evaluate_dirty(at: dt.datetime) -> int:
    marks = events.marks(DirtyAccount.Pass.VERDICTS, limit=BATCH)
    silent = [mark for mark in marks if mark.cause == Edge.Cause.DEFINITION]
    used = _follow_definitions(silent, at) if silent else 0
    loud = [mark for mark in marks if mark.cause != Edge.Cause.DEFINITION]
    due, here = _due(loud), moment(at)
    woken = _woken(here, limit=max(BATCH - len(marks), BATCH // 4))  # marks alone must not fill every pass
    due.joined_by(woken, Edge.Cause.TIME)
    if due.causes:
        handled = evaluate(due, plan(at=at, here=here))
        events.forget([mark for mark in loud if mark.account_id in handled])
        _lay_down(woken & handled, here)
    return used + len(loud) + len(woken)


def _has_work(at: dt.datetime) -> bool:
    return events.is_marked(DirtyAccount.Pass.VERDICTS) or Standing.objects.filter(_is_woken(moment(at))).exists()


def _follow_definitions(marks: Sequence[events.Mark], at: dt.datetime) -> int:
    """What a changed rule moved is followed first, and only by rules that look at what it moved.

    So an account that is also marked because its data changed gets both: a silent edge, and one that counts.
    """
    due, whole = _due(marks), plan(at=at)
    derived = {key for key, fact in catalogue().items() if fact.is_register} | set(roll_ups)
    derived |= {one.watch.decides for one in whole.watched}
    derived |= {key for one in derivations.values() if one.follow for key in one.keys}
    handled = evaluate(due, whole.narrowed_to(derived))
    events.forget([mark for mark in marks if mark.account_id in handled])
    return len(marks)


def _due(marks: Sequence[events.Mark]) -> Due:
    """The oldest mark of an account says why; the highest round counts."""
    found = Due({}, {})
    for mark in marks:
        found.causes.setdefault(mark.account_id, mark.cause)
        found.rounds[mark.account_id] = max(mark.round, found.rounds.get(mark.account_id, 1))
    return found


def _is_woken(here: Moment) -> Q:
    return Q(wake_at__lte=here.as_of) | Q(wake_on__lte=here.today)


def _woken(here: Moment, *, limit: int) -> set[int]:
    return set(Standing.objects.filter(_is_woken(here)).values_list("pk", flat=True)[: max(limit, 0)])


def _lay_down(woken: Collection[int], here: Moment) -> None:
    """Those that the pass had nothing to say of (their facts are gone) would be due for ever."""
    if woken:
        Standing.objects.filter(_is_woken(here), pk__in=among(woken)).update(wake_at=None, wake_on=None)


def evaluate(due: Due, asked: Plan) -> set[int]:
    """Asks these accounts, children before their parents. Returns those handled; the others stay marked.

    Call it inside the lane.
    """
    if not rollups.has_hierarchy():
        return _ask(sorted(due.causes), due, asked)
    waiting, handled, risen = rollups.by_depth(due.causes), set[int](), set[int]()
    is_cut_short = False
    while waiting and not is_cut_short:
        depth = max(waiting)
        ids = waiting.pop(depth)
        rollups.roll_up(ids, at=asked.at)
        done = _ask(sorted(ids), due, asked)
        handled |= done
        is_cut_short = len(done) < len(ids)
        above = rollups.roll_up(rollups.parents(done), at=asked.at)
        due.joined_by(above, _shared_cause(done, due))
        risen |= above
        if above:
            waiting.setdefault(depth - 1, set()).update(above)
    _mark_late(risen - handled, due, asked.at)
    return handled


def _mark_late(account_ids: Collection[int], due: Due, at: dt.datetime) -> None:
    """Marks parents that took something from their children and whose turn did not come: nobody else knows of them."""
    by_cause: dict[str, list[int]] = defaultdict(list)
    for account_id in account_ids:
        by_cause[due.causes[account_id]].append(account_id)
    for cause, ids in by_cause.items():
        events.mark(ids, DirtyAccount.Pass.VERDICTS, at=at, cause=cause)


def _shared_cause(account_ids: Collection[int], due: Due) -> str:
    """Why the parents of these are asked: a rule that was changed, where nothing else happened to any of them."""
    causes = {due.causes[account_id] for account_id in account_ids}
    return causes.pop() if len(causes) == 1 else Edge.Cause.DATA


def _ask(ids: Sequence[int], due: Due, asked: Plan) -> set[int]:
    """Asks accounts of one level of the hierarchy; returns those handled."""
    for batch in asked.batches:
        found = _scanned(batch, ids, asked)
        if batch is asked.batches[0]:
            ids, found = _bounded(ids, found)
        _settle(batch, found, due, asked)
    return set(ids)


def _scanned(strata: Sequence[Sequence[Rule]], ids: Sequence[int], asked: Plan) -> list[Found]:
    waking = asked.watched if strata[-1] is asked.strata[-1] else None
    rules = list(chain(*strata))
    return scan(rules, Scope.of(ids), columns=asked.columns, moment=asked.moment, waking=waking)


def _settle(strata: Sequence[Sequence[Rule]], found: list[Found], due: Due, asked: Plan) -> None:
    """Writes what follows from one look at all these strata, in their order.

    What a later one says of an account holds, unless an earlier one turned for it: such accounts are few, and asked
    again.
    """
    for place, stratum in enumerate(strata, 1):
        later = strata[place:]
        here, found = parted(found, mask(stratum)) if later else (found, [])
        turned = turns(here, stratum, asked, causes=due.causes)
        store(here, stratum, turned, at=asked.at)
        moved = _tell(turned.edges, at=asked.at)
        _next_round(moved | turned.unsure, due, asked.at, moved=moved)
        if here and later:
            found += _scanned(later, [one.account_id for one in here], asked)


def _bounded(ids: Sequence[int], found: list[Found]) -> tuple[Sequence[int], list[Found]]:
    """As many accounts as one transaction may turn, at least one."""
    total = 0
    for place, one in enumerate(found):
        total += sum(bits.turned.bit_count() for bits in one.bits.values())
        if total > TURNS and place:
            kept, dropped = found[:place], {late.account_id for late in found[place:]}
            return [account_id for account_id in ids if account_id not in dropped], kept
    return ids, found


def store(found: Sequence[Found], stratum: Sequence[Rule], turned: Turns, *, at: dt.datetime) -> None:
    """Writes the new state of these accounts with the edges that explain it."""
    if found:
        standings.save(found, masks=mask(stratum), at=at)
    if turned.began:
        standings.remember(turned.began)
    edges.write(turned.edges)


def _tell(found: Sequence[Edge], *, at: dt.datetime) -> set[int]:
    """Lets the readers derive what follows; returns the accounts whose registers moved."""
    by_reader: dict[str, list[Edge]] = defaultdict(list)
    for edge in found:
        by_reader[edge.watch.reader].append(edge)
    moved: set[int] = set()
    for reader, some in by_reader.items():
        if reader in outcomes:
            moved |= outcomes[reader].follow(some, at)
    return moved


def _next_round(account_ids: Collection[int], due: Due, at: dt.datetime, *, moved: Collection[int]) -> None:
    """Marks accounts to be asked again because of what was just decided, and stops rules that chase each other.

    Facts may follow from a register that moved, such as the health from the stage.
    """
    derives = bool(moved) and follows_registers()
    again: dict[tuple[int, str], list[int]] = defaultdict(list)
    for account_id in account_ids:
        again[due.rounds.get(account_id, 1) + 1, due.causes[account_id]].append(account_id)
    for (round_, cause), ids in again.items():
        if round_ <= ROUNDS:
            events.mark(ids, DirtyAccount.Pass.VERDICTS, at=at, cause=cause, round_=round_)
            if derives:
                some = [pk for pk in ids if pk in moved]
                events.mark(some, DirtyAccount.Pass.FACTS, at=at, cause=cause, round_=round_)
        else:
            incidents.report(Incident.Kind.ROUNDS, "stage", _chase(ids), at=at)


def _chase(account_ids: Sequence[int]) -> list[str]:
    """What the accounts that do not come to rest went through last."""
    lines = []
    for account in Account.objects.filter(pk__in=account_ids[: incidents.LINES]):
        latest = Edge.objects.filter(account=account).select_related("watch").order_by("-id")[:ROUNDS]
        path = " → ".join(f"{edge.watch.key} {edge.direction}" for edge in reversed(latest))
        lines.append(f"{account.name}: {path}")
    return lines
