"""Invoices as billing systems tell of them: many at once, as often as they like."""

import datetime as dt
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.contracts.models import Contract, Invoice
from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import many
from accounts.foundation.lanes import lane
from accounts.portfolio.drafts import Problems, day_problem, latest_of_each, refuse_wrong, text_problem
from accounts.portfolio.events import Happening, happened_to_many
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency
from accounts.workspace.services import note_delivery

MOST_MINOR = 10**15
FIELDS = [
    "account_id",
    "contract_id",
    "number",
    "issued_on",
    "due_on",
    "amount_minor",
    "currency",
    "is_recurring",
    "state",
    "paid_on",
    "payment_failed_at",
]


@dataclass(frozen=True)
class InvoiceDraft:
    """One invoice as its source tells of it."""

    external_id: str
    account_id: int
    issued_on: dt.date
    due_on: dt.date
    amount_minor: int
    currency: str
    number: str = ""
    contract_id: int | None = None
    is_recurring: bool = True
    state: str = Invoice.State.OPEN
    paid_on: dt.date | None = None
    payment_failed_at: dt.datetime | None = None


def problems_of(draft: InvoiceDraft) -> Problems:
    """What is impossible in `draft`, by field; empty where it can be saved, if its account and contract exist."""
    base = base_currency()
    paid = draft.state == Invoice.State.PAID
    days = ("issued_on", "due_on", "paid_on", "payment_failed_at")
    found = {name: day_problem(getattr(draft, name)) for name in days} | {
        "external_id": text_problem(draft.external_id, longest=200, required=True),
        "number": text_problem(draft.number, longest=100),
        "amount": f"An amount stays below {MOST_MINOR:,} minor units." if abs(draft.amount_minor) >= MOST_MINOR else "",
        "currency": f"Invoices are kept in {base}; convert the amount first." if draft.currency != base else "",
        "state": "" if draft.state in Invoice.State.values else "Expected open, paid or void.",
    }
    if draft.due_on < draft.issued_on:
        found["due_on"] = "An invoice is due on the day of its issue or later."
    if paid and draft.paid_on is None:
        found["paid_on"] = "Say on which day it was paid."
    if draft.paid_on and not paid:
        found["paid_on"] = "Only a paid invoice has a day of payment; set its state to paid."
    return {name: message for name, message in found.items() if message}


def save_invoices(drafts: Sequence[InvoiceDraft], *, source: Source, by: Any, at: dt.datetime) -> list[Invoice]:
    """The invoices of `drafts`, created or changed, one for each; a repeat changes nothing.

    Of several drafts of one invoice the last counts. Raises ValidationError with every problem, by place and field
    (`[3].due_on`); then nothing is written.
    """
    refuse_wrong(drafts, problems_of)
    _refuse_foreign_contracts(drafts)
    latest = latest_of_each(drafts)
    with in_turn(source):  # what a draft changes is only known beside the row that it changes
        known = {row.external_id: row for row in Invoice.objects.filter(source=source, external_id__in=latest)}
        told: list[_Told] = [_take(draft, known.get(name), source, at=at) for name, draft in latest.items()]
        _write(told)
        _tell(told, by=by, at=at)
        note_delivery(source, at=at)
    rows = {one.row.external_id: one.row for one in told}
    return [rows[draft.external_id] for draft in drafts]


def in_turn(source: Source) -> AbstractContextManager[None]:
    """Lets one at a time tell of invoices of `source`: who comes second finds what the first made."""
    return lane(f"invoices of {source.key}")


@dataclass(frozen=True)
class _Told:
    """One invoice after its draft: its row, whether that is new or changed, and what it was before."""

    row: Invoice
    is_new: bool
    changed: bool
    account_ids: set[int]
    failed_before: dt.datetime | None
    state_before: str


def _refuse_foreign_contracts(drafts: Sequence[InvoiceDraft]) -> None:
    named = {draft.contract_id for draft in drafts if draft.contract_id}
    owners = dict(Contract.objects.filter(pk__in=many.among(named)).values_list("pk", "account")) if named else {}

    def problems(draft: InvoiceDraft) -> Problems:
        if draft.contract_id is None or owners.get(draft.contract_id) == draft.account_id:
            return {}
        return {"contract": "This is no contract of the account."}

    if named:
        refuse_wrong(drafts, problems)


def _take(draft: InvoiceDraft, row: Invoice | None, source: Source, *, at: dt.datetime) -> _Told:
    values = {name: getattr(draft, name) for name in FIELDS}
    if row is None:
        row = Invoice(source=source, external_id=draft.external_id, recorded_at=at, **values)
        return _Told(row, True, True, {draft.account_id}, None, "")
    before = {name: getattr(row, name) for name in FIELDS}
    told = _Told(row, False, before != values, {row.account_id, draft.account_id}, row.payment_failed_at, row.state)
    if told.changed:
        for name, value in values.items():
            setattr(row, name, value)
        row.recorded_at = at
    return told


def _write(told: Sequence[_Told]) -> None:
    many.insert(Invoice, [one.row for one in told if one.is_new])
    Invoice.objects.bulk_create(  # all of these exist: an upsert on their ids is one statement for many of them
        [one.row for one in told if one.changed and not one.is_new],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*FIELDS, "recorded_at"],
        batch_size=many.BATCH,
    )


def _tell(told: Sequence[_Told], *, by: Any, at: dt.datetime) -> None:
    """The two moments that matter to people go to the ledger; facts are made again for every account that changed."""
    failed = [one.row for one in told if _has_failed(one)]
    paid = [one.row for one in told if _was_paid_after_failing(one)]
    prefetch_related_objects([*failed, *paid], "account")
    moments = [_happening(row, row.payment_failed_at) for row in failed]
    happened_to_many("invoice.payment_failed", moments, by=by, at=at)
    happened_to_many("invoice.paid", [_happening(row, _paid_at(row)) for row in paid], by=by, at=at)
    if touched := sorted({account_id for one in told if one.changed for account_id in one.account_ids}):
        events.mark(touched, DirtyAccount.Pass.FACTS, at=at)


def _has_failed(one: _Told) -> bool:
    return one.row.payment_failed_at is not None and one.row.payment_failed_at != one.failed_before


def _was_paid_after_failing(one: _Told) -> bool:
    is_paid, was_paid = one.row.state == Invoice.State.PAID, one.state_before == Invoice.State.PAID
    return is_paid and not was_paid and one.row.payment_failed_at is not None


def _paid_at(row: Invoice) -> dt.datetime | None:
    """The payment's day as an instant; after the failure that it made good."""
    if row.paid_on is None or row.payment_failed_at is None:
        return None
    return max(dt.datetime.combine(row.paid_on, dt.time(), dt.UTC), row.payment_failed_at)


def _happening(row: Invoice, moment: dt.datetime | None) -> Happening:
    data = {"number": row.number or row.external_id, "amount": row.amount_minor, "currency": row.currency}
    return Happening(row.account, row, data, at=moment)
