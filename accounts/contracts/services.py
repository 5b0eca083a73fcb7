import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from accounts.contracts import ledger
from accounts.contracts.models import Contract
from accounts.foundation import audit
from accounts.foundation.keys import short_random
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency


@transaction.atomic
def sign(
    account: Account,
    *,
    arr_minor: int,
    currency: str,
    signed_at: dt.datetime,
    starts_on: dt.date,
    ends_on: dt.date,
    by: Any,
    at: dt.datetime,
    replaces: Contract | None = None,
    **values: Any,
) -> Contract:
    """A contract of `account`, with the ARR movement it means.

    `replaces` names the contract whose term or size it takes over; only the difference moves ARR.
    """
    _check_currency(currency)
    if ends_on <= starts_on:
        raise ValidationError({"ends_on": "A contract ends after it starts."})
    _check_replaced(replaces, account)
    contract = Contract(
        key=f"{account.key[:60]}-{starts_on:%Y%m%d}-{short_random()}",
        account=account,
        arr_minor=arr_minor,
        currency=currency,
        signed_at=signed_at,
        starts_on=starts_on,
        ends_on=ends_on,
        replaces=replaces,
        **values,
    )
    contract.full_clean()
    audit.create(contract, verb="contract.sign", by=by, at=at)
    if replaces:
        audit.update(replaces, verb="contract.supersede", by=by, at=at, status=Contract.Status.SUPERSEDED)
    ledger.move(contract, arr_minor - (replaces.arr_minor if replaces else 0), on=starts_on, by=by, at=at)
    happened("contract.signed", account, by=by, at=signed_at, subject=contract, arr=arr_minor, currency=currency)
    return contract


def _check_currency(currency: str) -> None:
    """Until exchange rates are kept, every contract is in the workspace's own currency."""
    base = base_currency()
    if currency != base:
        raise ValidationError({"currency": f"Contracts are kept in {base}; convert the amount before you enter it."})


def _check_replaced(contract: Contract | None, account: Account) -> None:
    """Only what still runs can be taken over: the end of a cancelled contract has moved its ARR already."""
    if contract is None:
        return
    _read_locked(contract)
    if contract.account_id != account.pk:
        raise ValidationError({"replaces": f"{contract} is not a contract of {account}."})
    if contract.status != Contract.Status.ACTIVE:
        status = contract.get_status_display().lower()
        raise ValidationError({"replaces": f"{contract} is {status}; sign the new contract without replacing it."})


def _read_locked(contract: Contract) -> None:
    """Two people may change a contract at once: whoever comes second reads what the first one did."""
    contract.refresh_from_db(from_queryset=Contract.objects.select_for_update())


@transaction.atomic
def cancel(contract: Contract, *, by: Any, at: dt.datetime) -> Contract:
    """Notes the customer's notice: the contract runs to its end and does not renew; ARR ends with it."""
    _read_locked(contract)
    if contract.status != Contract.Status.ACTIVE:
        raise ValidationError({"status": f"{contract} is {contract.get_status_display().lower()} already."})
    ended = {"status": Contract.Status.CANCELLED, "auto_renews": False, "cancelled_at": at}
    audit.update(contract, verb="contract.cancel", by=by, at=at, **ended)
    ledger.move(contract, -contract.arr_minor, on=contract.ends_on, by=by, at=at)
    happened("contract.cancelled", contract.account, by=by, at=at, subject=contract, until=str(contract.ends_on))
    return contract


LONGEST_REASON = 250


@transaction.atomic
def correct(contract: Contract, *, arr_minor: int, reason: str, by: Any, at: dt.datetime) -> Contract:
    """Puts an ARR right that was entered wrongly: nothing was sold or lost, so it is no expansion and no contraction.

    The movements that rest on it are corrected on their own days, also where the contract has ended or was replaced.
    """
    reason = reason.strip()
    if not 0 < len(reason) <= LONGEST_REASON:
        raise ValidationError({"reason": f"Say in a sentence what was wrong, in at most {LONGEST_REASON} characters."})
    if arr_minor < 0:
        raise ValidationError({"arr_minor": "An ARR is not negative."})
    _lock_with_neighbours(contract)
    before = contract.arr_minor
    if not audit.update(contract, verb="contract.correct", by=by, at=at, because=reason, arr_minor=arr_minor):
        raise ValidationError({"arr_minor": "This is the amount that the contract has; enter what was agreed."})
    ledger.correct(contract, arr_minor - before, by=by, at=at)
    amounts: dict[str, Any] = {"from": before, "to": arr_minor, "currency": contract.currency}
    happened("contract.corrected", contract.account, by=by, at=at, subject=contract, reason=reason, **amounts)
    return contract


def _lock_with_neighbours(contract: Contract) -> None:
    """The contract, the one that it replaced and the one that replaced it: they share movements of the ledger."""
    around = Contract.objects.filter(Q(pk=contract.pk) | Q(replaces=contract) | Q(replaced_by=contract))
    list(around.select_for_update(of=("self",)).order_by("pk"))
    contract.refresh_from_db()


CHANGEABLE = ("billing_status", "tier", "sow", "usage_fact", "usage_target", "fair_use_limit")
"""What may change without a new contract. Price, term and product are what was signed: they need one."""


@transaction.atomic
def change(contract: Contract, *, by: Any, at: dt.datetime, **values: Any) -> Contract:
    """Sets fields of a contract that are among `CHANGEABLE`. One that was replaced stays as it was."""
    if signed := sorted(values.keys() - set(CHANGEABLE)):
        raise ValidationError(dict.fromkeys(signed, "This was signed; sign a contract that replaces this one."))
    _read_locked(contract)
    if contract.status == Contract.Status.SUPERSEDED:
        raise ValidationError({"status": f"{contract} was replaced; change the contract that replaced it."})
    before = {name: getattr(contract, name) for name in values}
    for name, value in values.items():
        setattr(contract, name, value)
    contract.full_clean()
    cleaned = {name: getattr(contract, name) for name in values}
    for name, value in before.items():
        setattr(contract, name, value)
    if changed := audit.update(contract, verb="contract.change", by=by, at=at, **cleaned):
        told = {name: _told(getattr(contract, name)) for name in changed}
        happened("contract.changed", contract.account, by=by, at=at, subject=contract, changed=told)
    return contract


def _told(value: Any) -> Any:
    """A value as the ledger of events keeps it."""
    return None if value is None else str(value)
