import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min, Q, Sum

from accounts.contracts.models import ArrMovement, Contract
from accounts.portfolio.models import Account


@dataclass(frozen=True)
class Commercial:
    """What the contracts of one account add up to."""

    arr_minor: int
    ends_on: dt.date | None
    first_signed_at: dt.datetime | None
    changed_at: dt.datetime | None


def arr_minor_on(account: Account, day: dt.date) -> int:
    """The account's ARR on `day` in minor units: the sum of its movements until then."""
    found = ArrMovement.objects.filter(account=account, effective_on__lte=day)
    return found.aggregate(total=Sum("amount_minor"))["total"] or 0


def commercials(account_ids: Sequence[int], *, today: dt.date) -> dict[int, Commercial]:
    """What each account has under contract; accounts that never had a contract are missing."""
    movements = ArrMovement.objects.filter(account__in=account_ids).values("account")
    ledger = movements.annotate(arr=Sum("amount_minor", filter=Q(effective_on__lte=today)), seen=Max("recorded_at"))
    arr = {row["account"]: (row["arr"] or 0, row["seen"]) for row in ledger}
    live = ~Q(status=Contract.Status.SUPERSEDED)
    contracts = Contract.objects.filter(account__in=account_ids).values("account")
    terms = contracts.annotate(ends=Max("ends_on", filter=live), signed=Min("signed_at"), latest=Max("signed_at"))
    found = {}
    for row in terms:
        arr_minor, changed_at = arr.get(row["account"], (0, row["latest"]))
        found[row["account"]] = Commercial(arr_minor, row["ends"], row["signed"], changed_at)
    return found
