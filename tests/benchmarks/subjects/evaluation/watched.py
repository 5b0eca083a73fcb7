"""The book that all benchmarks of evaluation share, with fifty rules that have had their first look."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from retention.evaluation import baseline, fullpass, passes, services
from retention.evaluation.models import Standing, Watch
from retention.evaluation.plans import Plan, plan
from retention.evaluation.rules import Rule
from retention.evaluation.scan import Found, Scope, scan
from tests.benchmarks import book
from tests.benchmarks.harness import FIGURES, Drift, agree, say
from tests.benchmarks.subjects.evaluation import changes, handwritten
from tests.benchmarks.subjects.evaluation.conditions import Node, conditions

Chunk = tuple[int, int]
"""Accounts with ids above the one and up to the other."""
SHARE = 100
"""One account in so many changes between two passes."""


@dataclass
class Watched:
    """A filled book and its rules. Condition number n is `trees[n]`, and bit n of the standing."""

    size: int
    trees: list[Node]
    dice: random.Random

    @property
    def rounds(self) -> int:
        if self.size < FIGURES:
            return 2
        return 5 if self.size < 1_000_000 else 3

    @property
    def always_turns(self) -> bool:
        """Whether some verdict turns in each change of 1 %."""
        return True

    @cached_property
    def plan(self) -> Plan:
        """All fifty rules, at the moment of the benchmark."""
        return plan(at=book.AT, only=list(Watch.objects.filter(active=True)))

    @cached_property
    def chunks(self) -> list[Chunk]:
        """Those of a full pass."""
        return [(ids[0] - 1, ids[-1]) for ids in fullpass.chunks()]

    def scan(self, chunk: Chunk, rules: Sequence[Rule] | None = None, *, is_waking: bool = False) -> list[Found]:
        """The engine's scan of one chunk."""
        scope = Scope.between(*chunk)
        asked = self.plan.rules if rules is None else rules
        waking = asked if is_waking else None
        return scan(asked, scope, columns=self.plan.columns, moment=self.plan.moment, waking=waking)

    def scan_all(self, rules: Sequence[Rule] | None = None, *, is_waking: bool = False) -> None:
        """The engine's scan of the whole book."""
        for chunk in self.chunks:
            self.scan(chunk, rules, is_waking=is_waking)

    def change(self) -> None:
        """One per cent of the accounts get other facts, and are marked."""
        book.vacuum(AccountFacts, Standing, DirtyAccount)
        ids = self.dice.sample(range(1, self.size + 1), self.size // SHARE)
        changes.change(ids, self.dice)
        events.mark(ids, DirtyAccount.Pass.VERDICTS, at=book.AT)

    def settle(self) -> None:
        """Incremental passes until there is nothing left to do."""
        while passes.evaluate_dirty(at=book.AT):
            pass

    def forget(self) -> None:
        """Takes away the marks of accounts that a full pass has just put right."""
        while events.take(DirtyAccount.Pass.VERDICTS, limit=1000):
            pass


def prepare(size: int) -> Watched:
    """Fills the database. Before any standing exists, every verdict is compared with the hand-written statement's."""
    book.fill(size)
    watched = Watched(size, conditions(), random.Random(size))
    drafts = [services.WatchDraft(f"bench:{n}", "bench", "version 1", tree) for n, tree in enumerate(watched.trees)]
    services.watch(drafts, by=None, at=book.AT)
    say("comparing every verdict with hand-written SQL")
    same_verdicts(watched)
    say("first look of fifty rules")
    while baseline.advance(at=book.AT):
        pass
    book.analyze()
    return watched


def same_verdicts(watched: Watched) -> None:
    """Compares what the engine and the hand-written statement find to differ from the standings. Raises Drift."""
    text, count = handwritten.statement(watched.trees), 0
    for chunk in watched.chunks:
        found = watched.scan(chunk)
        ours = [(one.account_id, one.bits[0].turned, one.bits[0].unknown) for one in found]
        theirs = handwritten.rows(text, *chunk)
        agree("verdicts (account, bits that turn, unknown)", sorted(ours), sorted(theirs))
        count += len(ours)
    if not count:
        raise Drift("nobody differs from the standings, so nothing was compared")
