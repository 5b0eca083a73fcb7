"""The ledger of ARR movements: booking what a contract means for recurring revenue, and putting it right."""

import datetime as dt
from collections import Counter
from typing import Any

from accounts.contracts.models import ArrMovement, Contract
from accounts.contracts.queries import arr_minor_on
from accounts.foundation import audit

Kind = ArrMovement.Kind


def move(contract: Contract, amount: int, *, on: dt.date, by: Any, at: dt.datetime) -> None:
    """Books that recurring revenue moves by `amount` on the day `on`; nothing for 0."""
    if amount:
        account = contract.account
        kind = _kind(amount, before=arr_minor_on(account, on), is_first=not account.arr_movements.exists())
        _book(contract, kind, amount, on=on, key=_key(contract, on), by=by, at=at)


def correct(contract: Contract, amount: int, *, by: Any, at: dt.datetime) -> None:
    """Corrects the movements that rest on the ARR of `contract`, which is by `amount` more than was booked.

    It began with that much more, and whatever ended it ended that much more: notice, or the contract that replaced it.
    """
    _restate(contract, amount, on=contract.starts_on, by=by, at=at)
    if contract.status == Contract.Status.CANCELLED:
        _restate(contract, -amount, on=contract.ends_on, by=by, at=at)
    if follower := Contract.objects.filter(replaces=contract).first():
        _restate(follower, -amount, on=follower.starts_on, by=by, at=at)


def _restate(contract: Contract, amount: int, *, on: dt.date, by: Any, at: dt.datetime) -> None:
    """Adds `amount` to what `contract` moved on a day.

    The kind stays. Where a movement of that amount would be of another kind, it is taken back, and booked as that one.
    """
    rows = list(ArrMovement.objects.filter(contract=contract, effective_on=on).order_by("pk"))
    booked = Counter[str]()
    for row in rows:
        booked[row.kind] += row.amount_minor
    wrong = sum(booked.values())
    before = arr_minor_on(contract.account, on) - wrong
    earlier = contract.account.arr_movements.filter(effective_on__lte=on).exclude(pk__in=[row.pk for row in rows])
    changes = _changes(booked, wrong, wrong + amount, before=before, is_first=not earlier.exists())
    for kind, change in changes.items():
        first = next(iter(rows), None)
        key = f"{_key(contract, on)}:{len(rows)}" if first else _key(contract, on)
        rows.append(_book(contract, kind, change, on=on, key=key, corrects=first, by=by, at=at))


def _changes(booked: Counter[str], wrong: int, right: int, *, before: int, is_first: bool) -> dict[str, int]:
    """Kind → by how much it changes, where a movement was booked as `wrong` and is `right`."""
    present = next((kind for kind, amount in booked.items() if amount), None)
    meant = _kind(right, before=before, is_first=is_first)
    if present and right and _kind(wrong, before=before, is_first=is_first) == meant:
        meant = present  # what it was called when it was booked, by the ledger of that time
    changes = Counter({present or meant: -wrong})
    changes[meant] += right
    return {kind: change for kind, change in changes.items() if change}


def _kind(amount: int, *, before: int, is_first: bool) -> str:
    if amount < 0:
        return Kind.CHURN if before + amount <= 0 else Kind.CONTRACTION
    if before > 0:
        return Kind.EXPANSION
    return Kind.NEW if is_first else Kind.REACTIVATION


def _key(contract: Contract, on: dt.date) -> str:
    return f"contract:{contract.key}:{on.isoformat()}"


def _book(
    contract: Contract,
    kind: str,
    amount: int,
    *,
    on: dt.date,
    key: str,
    corrects: ArrMovement | None = None,
    by: Any,
    at: dt.datetime,
) -> ArrMovement:
    movement = ArrMovement(
        account=contract.account,
        contract=contract,
        kind=kind,
        amount_minor=amount,
        currency=contract.currency,
        effective_on=on,
        recorded_at=at,
        key=key,
        corrects=corrects,
    )
    movement.full_clean()
    return audit.create(movement, verb="arr.correct" if corrects else "arr.move", by=by, at=at)
