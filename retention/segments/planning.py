"""What publishing some segments would do, said before it is done."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from accounts.facts.models import AccountFacts
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from accounts.portfolio.queries import LISTED, listed
from accounts.team.models import User
from accounts.workspace.queries import base_currency
from retention.conditions.check import composed
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import All, Any_, Condition, Held, Not, hold_key
from retention.conditions.sql import compile_sql
from retention.evaluation.columns import FACTS, STANDING, columns, dialect
from retention.evaluation.known import facts_of, watched_holds
from retention.evaluation.models import HOLD, Standing, Watch
from retention.evaluation.queries import moment
from retention.evaluation.rules import catalogue
from retention.segments.composing import entering
from retention.segments.drafts import SegmentDraft
from retention.segments.examples import extent, told
from retention.segments.linting import Findings, Kind, lint
from retention.segments.models import AccountSegment, Dimension
from retention.segments.queries import Size, current_segments
from retention.segments.space import choices

LARGE_MOVE = 0.2
"""From this share of the accounts on, moving them is asked about first."""
EXAMPLES = 5
CHUNK = 2000


@dataclass
class Moves:
    """Accounts that would go from one segment to another."""

    before: str
    after: str
    count: int = 0
    arr_minor: int = 0
    examples: list[Account] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What would become of the accounts, and what is wrong with the segments."""

    drafts: Sequence[SegmentDraft]
    sizes: dict[str, Size]
    """Key of each segment → how large it would be."""
    moves: list[Moves]
    """The largest first; `before` is empty for accounts that are in no segment yet."""
    placed: int
    """Accounts that are in a segment now."""
    emptied: list[str]
    """Names of segments that have accounts now and would have none."""
    findings: list[tuple[Kind, str]]
    extent: str

    @property
    def moved(self) -> int:
        """Accounts that would leave their segment."""
        return sum(move.count for move in self.moves if move.before)

    @property
    def obstacles(self) -> list[str]:
        """What forbids it: an account would be nowhere."""
        return [text for kind, text in self.findings if kind is Kind.NOWHERE]

    @property
    def questions(self) -> list[str]:
        """What must be confirmed first, with numbers."""
        asked = [text for kind, text in self.findings if kind in (Kind.GAP, Kind.UNREACHABLE)]
        if self.placed and self.moved >= LARGE_MOVE * self.placed:
            share = f"{self.moved / self.placed:.0%}".replace("%", " %")
            asked.append(f"{self.moved} of {self.placed} accounts ({share}) move to another segment.")
        return asked + [f"“{name}” loses all its accounts." for name in self.emptied]

    @property
    def first(self) -> list[str]:
        """What is to be known of a new dimension first: how many accounts come into which segment."""
        names = {draft.key: draft.name for draft in self.drafts}
        told = [f"{names[key]} {size.accounts}" for key, size in self.sizes.items() if size.accounts]
        count = sum(size.accounts for size in self.sizes.values())
        if self.placed or not count:
            return []
        return [f"{count} account{'s come' if count > 1 else ' comes'} into a segment: {', '.join(told)}."]

    @property
    def notes(self) -> list[str]:
        """What is worth knowing."""
        return [text for kind, text in self.findings if kind is Kind.OVERLAP]


def plan(
    drafts: Sequence[SegmentDraft],
    *,
    dimension: Dimension | None,
    at: dt.datetime,
    user: User | None = None,
    with_findings: bool = True,
) -> Plan:
    """What publishing `drafts` (which were checked) would do to the accounts that `user` may see, or to all.

    Without findings nobody has looked for gaps and overlaps, which takes longer than to place the accounts.
    """
    here = moment(at)
    before = dict(_before(dimension))
    found: dict[tuple[str, str], Moves] = {}
    for pk, arr_minor, now, after in _placements(drafts, dimension, here, user):
        pair = found.setdefault((now, after), Moves(now, after))
        pair.count += 1
        pair.arr_minor += arr_minor
        if len(pair.examples) < EXAMPLES:
            pair.examples.append(Account(pk=pk))
    moves = sorted((one for one in found.values() if one.before != one.after), key=lambda one: -one.count)
    _name_examples(moves)
    was, becomes = Counter[str](), _sizes(drafts, found.values())
    for one in found.values():
        was[one.before] += one.count
    left = [key for key, count in was.items() if key and count and not becomes.get(key, Size()).accounts]
    findings = _lint(drafts, here) if with_findings else None
    names = [draft.name for draft in drafts]
    return Plan(
        drafts=drafts,
        sizes=becomes,
        moves=moves,
        placed=sum(count for key, count in was.items() if key),
        emptied=[before.get(key, key) for key in left],
        findings=_told(findings, names, here) if findings else [],
        extent=extent(findings) if findings else "",
    )


def _told(findings: Findings, names: Sequence[str], here: Moment) -> list[tuple[Kind, str]]:
    return [(one.kind, told(one, names, here, is_proven=findings.is_proven)) for one in findings.found]


def _before(dimension: Dimension | None) -> Iterator[tuple[str, str]]:
    if dimension is not None:
        yield from current_segments().filter(version__dimension=dimension).values_list("key", "name")


def _sizes(drafts: Sequence[SegmentDraft], found: Collection[Moves]) -> dict[str, Size]:
    counts, arr = Counter[str](), Counter[str]()
    for one in found:
        counts[one.after] += one.count
        arr[one.after] += one.arr_minor
    return {draft.key: Size(counts[draft.key], arr[draft.key]) for draft in drafts}


def _name_examples(moves: Sequence[Moves]) -> None:
    accounts = Account.objects.in_bulk([one.pk for move in moves for one in move.examples])
    for move in moves:
        move.examples = [accounts[one.pk] for one in move.examples]


def _lint(drafts: Sequence[SegmentDraft], here: Moment) -> Findings:
    closed = choices()
    for segment in current_segments().filter(condition__isnull=False):
        closed.setdefault(segment.version.dimension.key, []).append(segment.key)
    conditions = [None if one.condition is None else composed(one.condition, catalogue()) for one in drafts]
    return lint(conditions, here, closed=closed)


def _placements(
    drafts: Sequence[SegmentDraft], dimension: Dimension | None, here: Moment, user: User | None
) -> Iterator[tuple[int, int, str, str]]:
    """Account, its ARR, the key of its segment now (empty: none), and that of the segment where it would be."""
    rules = [_followed(composed(one, catalogue())) for one in entering([draft.condition for draft in drafts])]
    keys = [draft.key for draft in drafts]
    rest = keys[-1] if drafts[-1].condition is None else ""
    for rows in _chunks(rules, here):
        known = AccountSegment.objects.filter(dimension=dimension, account__in=among(pk for pk, *_ in rows))
        now = dict(known.values_list("account", "segment__key")) if dimension else {}
        seen = _seen(user, [pk for pk, *_ in rows])
        rows = [row for row in rows if row[0] in seen]
        held = _held([pk for pk, _, place in rows if place is None or keys[place] == rest], now, keys, rules, here)
        for pk, arr_minor, place in rows:
            after = held.get(pk) or (keys[place] if place is not None else rest)
            yield pk, arr_minor or 0, now.get(pk, ""), after or now.get(pk, "")


def _seen(user: User | None, account_ids: Sequence[int]) -> set[int]:
    rows: Any = Account.objects
    mine = rows.for_user(user).filter(LISTED) if user else listed()
    return set(mine.filter(pk__in=among(account_ids)).values_list("pk", flat=True))


def _followed(condition: Condition) -> Condition:
    """The condition without durations that nobody follows yet: a new rule takes what is true as long true."""
    followed = set(watched_holds().values())

    def walk(node: Condition) -> Condition:
        match node:
            case Held(inner, days):
                return Held(walk(inner), days) if hold_key(inner) in followed else walk(inner)
            case All(nodes):
                return All(tuple(map(walk, nodes)))
            case Any_(nodes):
                return Any_(tuple(map(walk, nodes)))
            case Not(inner):
                return Not(walk(inner))
            case _:
                return node

    return walk(condition)


def _chunks(rules: Sequence[Condition], here: Moment) -> Iterator[list[tuple[int, int | None, int | None]]]:
    """Account, its ARR and the place of the first rule that is true for it, a bounded number at a time."""
    known = columns(Watch.objects.filter(reader=HOLD, active=True))
    asked = [compile_sql(one, known, dialect()).at(here) for one in rules]
    cases = " ".join(f"WHEN ({one.text}) THEN {place}" for place, one in enumerate(asked))
    facts, standing = AccountFacts._meta.db_table, Standing._meta.db_table
    text = (
        f'SELECT {FACTS}.account_id, {FACTS}.arr_minor, CASE {cases} END FROM "{facts}" {FACTS} '
        f'LEFT JOIN "{standing}" {STANDING} ON {STANDING}.account_id = {FACTS}.account_id '
        f"WHERE {FACTS}.account_id > %s ORDER BY {FACTS}.account_id LIMIT {CHUNK}"
    )
    params, last = [value for one in asked for value in one.params], 0
    while rows := _rows(text, [*params, last]):
        yield rows
        last = rows[-1][0]


def _rows(text: str, params: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return cursor.fetchall()


def _held(
    account_ids: Sequence[int],
    now: Mapping[int, str],
    keys: Sequence[str],
    rules: Sequence[Condition],
    here: Moment,
) -> dict[int, str]:
    """Of these accounts those that stay where they are, because nobody can tell whether they still belong there."""
    stays: dict[str, list[int]] = defaultdict(list)
    for pk in account_ids:
        if now.get(pk) in keys:
            stays[now[pk]].append(pk)
    facts = facts_of([pk for some in stays.values() for pk in some], watched_holds(), currency=base_currency())
    found: dict[int, str] = {}
    for key, some in stays.items():
        answer = compile_closure(rules[keys.index(key)])
        found |= {pk: key for pk in some if answer(facts.get(pk, {}), here) is None}
    return found
