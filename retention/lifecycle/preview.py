"""What a new version of a lifecycle would do: which accounts would move, from where to where. Nothing is written."""

import datetime as dt
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from retention.evaluation.columns import columns
from retention.evaluation.counting import followed, id_ranges
from retention.evaluation.models import CAPACITY, HOLD, WORD, Standing, Watch
from retention.evaluation.queries import moment
from retention.evaluation.rules import Asked, Rule, rule
from retention.evaluation.scan import Scope, scan
from retention.lifecycle.models import AccountStage, Lifecycle, StagePlacement
from retention.lifecycle.placing import watch_key
from retention.lifecycle.services import StageDraft

CHUNK = 10_000
"""Account ids of one look."""
WITHIN_S = 15.0
MUCH = 0.2
"""The share of the book from which on moving it is asked for twice."""
EXAMPLES = 12
Pair = tuple[str, str]


@dataclass
class StagePlan:
    """What publishing would do among the accounts that the reader may see. Keys are those of stages; "" is none."""

    names: Mapping[str, str]
    total: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    moves: Counter[Pair] = field(default_factory=Counter)
    moved: list[tuple[int, Pair]] = field(default_factory=list)
    is_whole: bool = True
    waits: bool = False
    """Whether some rules ask for a duration that is not followed yet: those accounts move when it is over."""

    @property
    def count(self) -> int:
        """Accounts that would move."""
        return sum(self.moves.values())

    @property
    def emptied(self) -> list[str]:
        """The names of stages in which accounts are now, and none would be."""
        return [self.names.get(key, key) for key in self.before if key and not self.after[key]]

    @property
    def is_much(self) -> bool:
        """Whether it moves more than a fifth of the book."""
        return self.count > MUCH * self.total

    @property
    def asks(self) -> bool:
        """Whether it must be confirmed expressly."""
        return bool(self.questions)

    @property
    def questions(self) -> list[str]:
        """What must be confirmed first, with numbers."""
        share = f"{self.count / self.total:.0%}".replace("%", " %") if self.total else ""
        asked = [f"{self.count} of {self.total} accounts ({share}) {self._verb}."] if self.is_much else []
        if not self.is_whole:
            asked.append(f"The book is large: only {self.total} accounts were looked at in time.")
        return asked + [f"“{name}” loses all its accounts." for name in self.emptied]

    @property
    def _verb(self) -> str:
        """What the accounts do that would move; in a lifecycle without accounts yet with how many come where."""
        if any(self.before.keys()):
            return "move to another stage"
        return "come into a stage: " + ", ".join(f"{name} {then}" for name, _, then in self.stages if then)

    @property
    def token(self) -> str:
        """Names these numbers: what was confirmed is what is done."""
        return f"{self.total}.{self.count}.{len(self.emptied)}"

    @property
    def rows(self) -> list[tuple[str, str, int]]:
        """From, to, how many: the largest first."""
        found = [(self._name(a), self._name(b), count) for (a, b), count in self.moves.items()]
        return sorted(found, key=lambda row: -row[2])

    @property
    def stages(self) -> list[tuple[str, int, int]]:
        """Name, accounts now, accounts then; of every stage."""
        return [(name, self.before[key], self.after[key]) for key, name in self.names.items()]

    @property
    def examples(self) -> list[tuple[Account, str, str]]:
        """Some of the accounts that would move, with from and to."""
        rows = Account.objects.in_bulk([pk for pk, _ in self.moved])
        return [(rows[pk], self._name(a), self._name(b)) for pk, (a, b) in self.moved]

    def _name(self, key: str) -> str:
        return self.names.get(key, key) if key else "no stage"


def plan(lifecycle: Lifecycle, drafts: Sequence[StageDraft], *, user: Any, at: dt.datetime) -> StagePlan:
    """What publishing `drafts` would do to the accounts that `user` sees, or all. Those put somewhere by hand stay.

    The lifecycle may be a new one, which is not stored yet.
    """
    version = lifecycle.versions.first() if lifecycle.pk else None
    known = {stage.key: stage.name for stage in version.stages.all()} if version else {}
    found = StagePlan({draft.key: draft.name for draft in drafts} | {k: v for k, v in known.items()})
    asked = _rules(lifecycle, drafts, found)
    deadline = time.monotonic() + WITHIN_S
    for after, until in id_ranges(AccountFacts.objects.all(), CHUNK):
        if time.monotonic() > deadline:
            found.is_whole = False
            break
        _look(lifecycle, asked, after, until, found, user=user, at=at)
    return found


@dataclass(frozen=True)
class _Asked:
    """One stage with the slot of its bit, and the rule to be asked where it is new or was changed."""

    key: str
    slot: int
    rule: Rule | None


def _rules(lifecycle: Lifecycle, drafts: Sequence[StageDraft], found: StagePlan) -> list[_Asked]:
    kept = {watch.key: watch for watch in Watch.objects.filter(slot__isnull=False)}
    free = iter(sorted(set(range(CAPACITY)) - {watch.slot for watch in kept.values()}))
    asked = []
    for draft in drafts:
        watch = kept.get(watch_key(lifecycle, draft.key))
        names = ("enter", "leave", "enter_after_days", "leave_after_days")
        if watch and watch.active and all(getattr(watch, name) == getattr(draft, name) for name in names):
            asked.append(_Asked(draft.key, watch.slot or 0, None))
            continue
        slot = watch.slot if watch and watch.active and watch.slot is not None else next(free)
        made = Watch(key=draft.key, slot=slot, **{name: getattr(draft, name) for name in names})
        asked.append(_Asked(draft.key, slot, _answerable(rule(made), found)))
    return asked


def _answerable(one: Rule, found: StagePlan) -> Rule:
    """The rule without durations that nobody follows."""
    enter = followed(one.asked.enter)
    leave = None if one.asked.leave is None else followed(one.asked.leave)
    if enter is one.asked.enter and leave is one.asked.leave:
        return one
    found.waits = True
    return Rule(one.watch, Asked(enter, leave))


def _look(
    lifecycle: Lifecycle,
    asked: Sequence[_Asked],
    after: int,
    until: int,
    found: StagePlan,
    *,
    user: Any,
    at: dt.datetime,
) -> None:
    """Counts one range."""
    rows_seen: Any = listed()
    mine = rows_seen.for_user(user) if user else rows_seen
    ids = set(mine.filter(pk__gt=after, pk__lte=until).values_list("pk", flat=True))
    rows = AccountStage.objects.filter(lifecycle=lifecycle.pk, account__gt=after, account__lte=until)
    now = dict(rows.values_list("account", "stage__key"))
    placed = set(
        StagePlacement.objects.filter(
            lifecycle=lifecycle.pk, ended_at=None, account__gt=after, account__lte=until
        ).values_list("account", flat=True)
    )
    truths = _truths(asked, after, until, at=at)
    for pk in sorted(ids):
        before = now.get(pk) or ""
        true = truths(pk)
        then = before if pk in placed else next((one.key for one in reversed(asked) if one.slot in true), "")
        found.total += 1
        found.before[before] += 1
        found.after[then] += 1
        if before != then:
            found.moves[before, then] += 1
            if len(found.moved) < EXAMPLES:
                found.moved.append((pk, (before, then)))


def _truths(asked: Sequence[_Asked], after: int, until: int, *, at: dt.datetime) -> Any:
    """Account id → the slots that would be true."""
    changed = [one.rule for one in asked if one.rule]
    known = columns(Watch.objects.filter(reader=HOLD, active=True))
    scope = Scope.between(after, until)
    found = scan(changed, scope, columns=known, moment=moment(at)) if changed else []
    turned = {one.account_id: one.bits for one in found}
    words = sorted({one.slot // WORD for one in asked})
    rows = Standing.objects.filter(pk__gt=after, pk__lte=until).values_list("pk", *(f"true_{word}" for word in words))
    bits = {row[0]: dict(zip(words, row[1:], strict=True)) for row in rows}

    def truths(pk: int) -> set[int]:
        kept, moved = bits.get(pk, {}), turned.get(pk, {})
        word = {one: kept.get(one, 0) ^ (moved[one].turned if one in moved else 0) for one in words}
        return {one.slot for one in asked if word[one.slot // WORD] >> one.slot % WORD & 1}

    return truths
