"""Which accounts a preview looks at: all that a person may see, or every n-th one of a large book."""

from collections.abc import Iterator
from typing import Any

from accounts.facts.models import AccountFacts
from accounts.portfolio.queries import listed
from accounts.team.models import User

AT_MOST = 5000
"""Accounts that are looked at; of a larger book every n-th one."""
CHUNK = 500


def sampled(user: User) -> tuple[int, Iterator[list[int]]]:
    """How many accounts the user sees, and the ids of those to look at, some at a time."""
    rows: Any = AccountFacts.objects.for_user(user).filter(account__in=listed()).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    taken = ids[:: -(-len(ids) // AT_MOST) or 1]
    return len(ids), (taken[start : start + CHUNK] for start in range(0, len(taken), CHUNK))
