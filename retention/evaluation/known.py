"""What rules see of an account: its facts, and since when held comparisons are true."""

from collections.abc import Collection, Mapping
from typing import Any

from accounts.facts.queries import values_of
from accounts.foundation.many import among
from retention.evaluation.models import HOLD, Standing, Watch
from retention.evaluation.standings import began


def facts_of(
    account_ids: Collection[int], hold_keys: Mapping[int, str], *, currency: str, keys: Collection[str] | None = None
) -> dict[int, dict[str, Any]]:
    """Account id → fact or hold key → value, for the accounts that have facts. `hold_keys` by slot.

    With `keys`, only these facts are read.
    """
    if not account_ids:
        return {}
    found = values_of(account_ids, keys, currency=currency)
    if hold_keys:
        for row in Standing.objects.filter(pk__in=among(found)).only("account_id", "since"):
            found[row.pk] |= {key: began(row, slot) for slot, key in hold_keys.items()}
    return found


def watched_holds() -> dict[int, str]:
    """Slot → key of every held comparison that is watched now."""
    watches = Watch.objects.filter(reader=HOLD, active=True)
    return {watch.slot: watch.key for watch in watches if watch.slot is not None}
