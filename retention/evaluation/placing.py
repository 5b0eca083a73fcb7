"""What rooms share that put accounts where their watches are true: stages, segments."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from accounts.foundation.many import among
from accounts.portfolio.events import Happening
from accounts.portfolio.models import Account
from retention.evaluation.models import Edge, Watch
from retention.evaluation.queries import true_watches

Place = TypeVar("Place")


def holding(account_ids: Collection[int], places: Mapping[str, Place]) -> dict[int, list[Place]]:
    """Account id → the places whose watch is true for it, in the order of `places` (key of a watch → place)."""
    watches = list(Watch.objects.filter(key__in=places))
    keys = {watch.pk: watch.key for watch in watches}
    true = true_watches(account_ids, watches=watches)
    found = {account_id: {keys[pk] for pk in ids} for account_id, ids in true.items()}
    return {account_id: [place for key, place in places.items() if key in own] for account_id, own in found.items()}


def telling(edges: Sequence[Edge], keys: Iterable[str]) -> Edge | None:
    """Of the edges of one account, the one that explains its move: that of the first of these watches with one."""
    by_key = {edge.watch.key: edge for edge in edges}
    return next((by_key[key] for key in keys if key in by_key), edges[-1] if edges else None)


def happenings(told: Sequence[tuple[Any, Mapping[str, Any]]]) -> list[Happening]:
    """Changes with what the timeline says of them, each with its account; all accounts are read at once."""
    ids = among({change.account_id for change, _ in told})
    accounts = {account.pk: account for account in Account.objects.filter(pk__in=ids)} if told else {}
    return [Happening(accounts[change.account_id], change, data) for change, data in told]
