"""What publishing a draft would do: asked of the book before anything is done."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts.facts.queries import values_of
from accounts.portfolio.models import Account
from accounts.stakeholders.models import StakeholderRole
from accounts.team.models import User
from accounts.workspace.queries import base_currency
from retention.coverage.assessing import Committee, Policy, people_of
from retention.coverage.policy import PolicyDraft, draft_of, in_force, reads_of
from retention.evaluation.sampling import sampled

EXAMPLES = 10


@dataclass
class Tally:
    """How many accounts come out how, by one policy."""

    asked: int = 0
    short: int = 0
    nobody: int = 0
    single: int = 0
    missing: Counter[str] = field(default_factory=Counter)

    def add(self, found: Committee | None) -> None:
        """Takes in one account."""
        if found is None:
            return
        self.asked += found.line.asks
        self.short += found.is_short
        self.nobody += found.is_short and not found.are_known
        self.single += bool(found.is_single_threaded)
        self.missing.update(found.missing if found.are_known else ())


@dataclass
class Preview:
    """The book before and after."""

    accounts: int
    looked_at: int = 0
    before: Tally = field(default_factory=Tally)
    after: Tally = field(default_factory=Tally)
    newly: list[int] = field(default_factory=list)
    eased: int = 0
    examples: Sequence[Account] = ()

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the book was looked at."""
        return self.looked_at < self.accounts

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """What is told, with how many accounts before and after: short at all, and of what."""
        pairs = [(getattr(self.before, name), getattr(self.after, name)) for name in ("asked", "short", "single")]
        named = zip(("Something is asked", "Short of what is asked", "Single-threaded"), pairs, strict=True)
        rows = [(name, was, then) for name, (was, then) in named]
        rows.append(("Nobody known at all", self.before.nobody, self.after.nobody))
        for role, label in StakeholderRole.Role.choices:
            if was_or_will := (self.before.missing[role], self.after.missing[role]):
                rows += [(f"{label} missing", *was_or_will)] if any(was_or_will) else []
        return rows


def preview(draft: PolicyDraft, *, user: User, at: dt.datetime) -> Preview:
    """How many of the accounts that `user` sees would be short by `draft`, compared with the policy in force."""
    version = in_force()
    old, new = Policy(draft_of(version)) if version else None, Policy(draft)
    keys = reads_of(draft) | (reads_of(old.draft) if old else set())
    found, currency = Preview(0), base_currency()
    found.accounts, chunks = sampled(user)
    for ids in chunks:
        people = people_of(ids, max((one for one in (old, new) if one), key=lambda one: one.longest), at=at)
        for pk, known in values_of(ids, keys, currency=currency).items():
            was = old.assess(known, people[pk], at) if old else None
            _take(found, pk, was, new.assess(known, people[pk], at))
    found.examples = list(Account.objects.filter(pk__in=found.newly[:EXAMPLES]).order_by("name"))
    return found


def _take(found: Preview, pk: int, was: Committee | None, then: Committee | None) -> None:
    found.looked_at += 1
    found.before.add(was)
    found.after.add(then)
    before, after = bool(was and was.is_short), bool(then and then.is_short)
    found.newly += [pk] if after and not before else []
    found.eased += before and not after
