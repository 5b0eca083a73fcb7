"""What previews share: which accounts they look at, how many come out otherwise, and what names a draft.

They look at all accounts that a person may see (without a person: at the whole book), or at every n-th one of many.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from accounts.facts.models import AccountFacts
from accounts.portfolio.queries import listed
from accounts.team.models import User

AT_MOST = 5000
"""Accounts that are looked at; of a larger book every n-th one."""
CHUNK = 500


def sampled(user: User | None) -> tuple[int, Iterator[list[int]]]:
    """How many accounts the user sees (None: the whole book), and the ids of those to look at, some at a time."""
    rows: Any = AccountFacts.objects
    seen = rows.for_user(user) if user else rows.all()
    ids = list(seen.filter(account__in=listed()).order_by("pk").values_list("pk", flat=True))
    taken = ids[:: -(-len(ids) // AT_MOST) or 1]
    return len(ids), (taken[start : start + CHUNK] for start in range(0, len(taken), CHUNK))


@dataclass
class Sampled:
    """Accounts that a person may see, by what they are now and would be; "" where they are nothing."""

    accounts: int
    looked_at: int = 0
    before: Counter[str] = field(default_factory=Counter)
    after: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    def take(self, was: str, then: str) -> None:
        """Counts one account."""
        self.looked_at += 1
        self.before[was] += 1
        self.after[then] += 1
        if was != then:
            self.moves[was, then] += 1

    @property
    def is_sample(self) -> bool:
        """Whether only a part of the book was looked at."""
        return self.looked_at < self.accounts

    @property
    def moved(self) -> int:
        """How many accounts would be something else."""
        return sum(self.moves.values())


def fingerprint(draft: Any) -> str:
    """Names a draft (a dataclass of plain values), so that what is published is what was looked at."""
    return hashlib.sha256(json.dumps(asdict(draft), sort_keys=True).encode()).hexdigest()[:24]
