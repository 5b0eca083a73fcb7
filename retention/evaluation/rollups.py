"""Parents after their children: the order of a pass within a hierarchy of accounts."""

import datetime as dt
from collections.abc import Collection
from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet

from accounts.portfolio.models import Account
from retention.evaluation.registry import roll_ups

_ANCESTORS = ("parent", "parent__parent", "parent__parent__parent", "parent__parent__parent__parent")


def has_hierarchy() -> bool:
    """Whether any account stands below another."""
    return Account.objects.filter(parent__isnull=False).exists()


def by_depth(account_ids: Collection[int]) -> dict[int, set[int]]:
    """How many accounts stand above → the accounts."""
    found: dict[int, set[int]] = {}
    for account_id, *above in Account.objects.filter(pk__in=account_ids).values_list("pk", *_ANCESTORS):
        found.setdefault(sum(ancestor is not None for ancestor in above), set()).add(account_id)
    return found


def roll_up(parent_ids: Collection[int], *, at: dt.datetime) -> set[int]:
    """Takes over into these accounts what follows from those below; returns the ones whose facts changed."""
    changed: set[int] = set()
    for derive in roll_ups.values() if parent_ids else ():
        changed |= derive(parent_ids, at)
    return changed


def below(account: Account) -> QuerySet[Account]:
    """All accounts below this one, at any depth."""
    return Account.objects.filter(reduce(or_, (Q(**{ancestor: account}) for ancestor in _ANCESTORS)))


def parents(account_ids: Collection[int]) -> set[int]:
    """The accounts directly above these."""
    return set(Account.objects.filter(children__in=account_ids).values_list("pk", flat=True))
