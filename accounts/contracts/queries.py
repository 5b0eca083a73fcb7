import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F, Max, Min, Q, Sum

from accounts.contracts.models import ArrMovement, Contract, Invoice
from accounts.foundation.many import among
from accounts.portfolio.models import Account

DAYS_OF_A_YEAR = 365
BILLING = Contract.Billing.values
"""From good to worst."""


@dataclass(frozen=True)
class Commercial:
    """What the contracts and invoices of one account add up to. None: not known, or there is no such thing."""

    arr_minor: int | None
    """None for an account that has invoices, but never had a contract."""
    ends_on: dt.date | None
    """The end of the contract that runs longest; the five values below are that contract's or all running ones'."""
    first_signed_at: dt.datetime | None
    changed_at: dt.datetime | None
    decision_date: dt.date | None = None
    """The last day on which notice can be given: the end of the contract that runs longest, less its notice."""
    auto_renew: bool | None = None
    seats_bought: int | None = None
    """The seats of all contracts that run today."""
    billing_status: str = ""
    """The worst among the contracts that run today, or that of the last one."""
    cancel_notice_at: dt.datetime | None = None
    """When notice was last given for a contract that has not ended, or for the last one."""
    usage_fact: str = ""
    """What `usage_target` and `fair_use_limit` measure; of the largest contract that runs today and has them."""
    usage_target: Decimal | None = None
    fair_use_limit: Decimal | None = None
    lifetime_value_minor: int | None = None
    """Recurring revenue invoiced to date, and what is still committed; see `_lifetime_value`."""
    payment_failed_at: dt.datetime | None = None
    """The latest failed payment of an invoice that is still open."""
    invoice_overdue_since: dt.date | None = None
    """When the oldest open invoice that is past due was due."""
    invoices_seen_at: dt.datetime | None = None
    """When we last learnt something about an invoice of the account."""


def arr_minor_on(account: Account, day: dt.date) -> int:
    """The account's ARR on `day` in minor units: the sum of its movements until then."""
    found = ArrMovement.objects.filter(account=account, effective_on__lte=day)
    return found.aggregate(total=Sum("amount_minor"))["total"] or 0


@dataclass(frozen=True)
class Subscription:
    """Whether an account pays for a contract today, and when its first one began; None: it never had one."""

    is_paying: bool
    first_starts_on: dt.date | None


def subscriptions(account_ids: Sequence[int], *, today: dt.date) -> dict[int, Subscription]:
    """Account id → its subscription. That an account has none is known as well: contracts are kept here."""
    rows = Contract.objects.filter(account__in=among(account_ids)).annotate(followed_on=F("replaced_by__starts_on"))
    found: dict[int, list[_Term]] = defaultdict(list)
    for one in rows.only("account_id", "starts_on", "ends_on", "arr_minor", "status"):
        found[one.account_id].append(_Term(one, _until(one, one.followed_on)))
    return {account_id: _subscription(found[account_id], today) for account_id in account_ids}


def _subscription(terms: list["_Term"], today: dt.date) -> Subscription:
    is_paying = any(term.runs_on(today) and term.contract.arr_minor > 0 for term in terms)
    return Subscription(is_paying, min((term.contract.starts_on for term in terms), default=None))


@dataclass(frozen=True)
class _Term:
    """One contract as far as it really runs: until its end, or until the one that replaced it starts."""

    contract: Contract
    until: dt.date

    def runs_on(self, day: dt.date) -> bool:
        return self.contract.starts_on <= day <= self.until

    def worth(self, first: dt.date, last: dt.date) -> int:
        """The part of its ARR that falls on the days from `first` to `last`, in minor units."""
        first, last = max(first, self.contract.starts_on), min(last, self.until)
        days = max((last - first).days + 1, 0)
        return (self.contract.arr_minor * days * 2 + DAYS_OF_A_YEAR) // (DAYS_OF_A_YEAR * 2)


@dataclass
class _Billed:
    """What the invoices of one account say."""

    recurring: dict[int | None, int]
    """Contract id, or None for those that name none → recurring revenue invoiced to date."""
    failed_at: dt.datetime | None = None
    overdue_since: dt.date | None = None
    seen_at: dt.datetime | None = None


def commercials(account_ids: Sequence[int], *, today: dt.date) -> dict[int, Commercial]:
    """What each account has under contract, and how it pays; accounts with neither contract nor invoice are missing."""
    movements = ArrMovement.objects.filter(account__in=account_ids).values("account")
    ledger = movements.annotate(arr=Sum("amount_minor", filter=Q(effective_on__lte=today)), seen=Max("recorded_at"))
    arr = {row["account"]: (row["arr"] or 0, row["seen"]) for row in ledger}
    terms, billed = _terms(account_ids), _billed(account_ids, today=today)
    found = {account_id: _without_contract(billed[account_id]) for account_id in billed.keys() - terms.keys()}
    for account_id, own in terms.items():
        signed = [term.contract.signed_at for term in own]
        arr_minor, changed_at = arr.get(account_id, (0, max(signed)))
        invoices = billed.get(account_id) or _Billed({})
        found[account_id] = _commercial(own, invoices, arr_minor, min(signed), changed_at, today=today)
    return found


def _without_contract(invoices: _Billed) -> Commercial:
    return Commercial(
        None,
        None,
        None,
        None,
        lifetime_value_minor=sum(invoices.recurring.values()),
        payment_failed_at=invoices.failed_at,
        invoice_overdue_since=invoices.overdue_since,
        invoices_seen_at=invoices.seen_at,
    )


def _terms(account_ids: Sequence[int]) -> dict[int, list[_Term]]:
    rows = Contract.objects.filter(account__in=account_ids).annotate(followed_on=F("replaced_by__starts_on"))
    found: dict[int, list[_Term]] = defaultdict(list)
    for contract in rows:
        found[contract.account_id].append(_Term(contract, _until(contract, contract.followed_on)))
    return found


def _until(contract: Contract, followed_on: dt.date | None) -> dt.date:
    if followed_on is not None:
        return min(contract.ends_on, followed_on - dt.timedelta(days=1))
    was_replaced = contract.status == Contract.Status.SUPERSEDED  # by a contract that is not known
    return contract.starts_on - dt.timedelta(days=1) if was_replaced else contract.ends_on


def _billed(account_ids: Sequence[int], *, today: dt.date) -> dict[int, _Billed]:
    is_open, counts = Q(state=Invoice.State.OPEN), Q(is_recurring=True, issued_on__lte=today)
    rows = Invoice.objects.filter(account__in=account_ids).values("account", "contract").order_by()
    sums = rows.annotate(
        recurring=Sum("amount_minor", filter=counts & ~Q(state=Invoice.State.VOID)),
        failed=Max("payment_failed_at", filter=is_open),
        overdue=Min("due_on", filter=is_open & Q(due_on__lt=today, amount_minor__gt=0)),
        seen=Max("recorded_at"),
    )
    found: dict[int, _Billed] = {}
    for row in sums:
        one = found.setdefault(row["account"], _Billed({}))
        if row["recurring"] is not None:
            one.recurring[row["contract"]] = row["recurring"]
        one.failed_at = max(filter(None, [one.failed_at, row["failed"]]), default=None)
        one.overdue_since = min(filter(None, [one.overdue_since, row["overdue"]]), default=None)
        one.seen_at = max(filter(None, [one.seen_at, row["seen"]]), default=None)
    return found


def _commercial(
    terms: list[_Term],
    invoices: _Billed,
    arr_minor: int,
    first_signed_at: dt.datetime,
    changed_at: dt.datetime,
    *,
    today: dt.date,
) -> Commercial:
    live = [term.contract for term in terms if term.contract.status != Contract.Status.SUPERSEDED]
    last = max(live, key=lambda one: (one.ends_on, one.arr_minor, one.pk), default=None)
    running = [term.contract for term in terms if term.runs_on(today)]
    billing = [one.billing_status for one in running or live if running or one is last]
    measured = max(filter(_is_measured, running), key=lambda one: (one.arr_minor, one.pk), default=None)
    return Commercial(
        arr_minor=arr_minor,
        ends_on=last.ends_on if last else None,
        first_signed_at=first_signed_at,
        changed_at=changed_at,
        decision_date=last.ends_on - dt.timedelta(days=last.notice_days) if last else None,
        auto_renew=last.auto_renews if last else None,
        seats_bought=_total([one.seats for one in running]),
        billing_status=max(billing, key=BILLING.index, default=""),
        cancel_notice_at=_notice(live, last, today=today),
        usage_fact=measured.usage_fact if measured else "",
        usage_target=measured.usage_target if measured else None,
        fair_use_limit=measured.fair_use_limit if measured else None,
        lifetime_value_minor=_lifetime_value(terms, invoices, today=today),
        payment_failed_at=invoices.failed_at,
        invoice_overdue_since=invoices.overdue_since,
        invoices_seen_at=invoices.seen_at,
    )


def _total(seats: list[int | None]) -> int | None:
    known = [count for count in seats if count is not None]
    return sum(known) if known else None


def _is_measured(contract: Contract) -> bool:
    return contract.usage_target is not None or contract.fair_use_limit is not None


def _notice(live: list[Contract], last: Contract | None, *, today: dt.date) -> dt.datetime | None:
    given = [one.cancelled_at for one in live if one.cancelled_at and (one is last or one.ends_on >= today)]
    return max(given, default=None)


def _lifetime_value(terms: list[_Term], invoices: _Billed, *, today: dt.date) -> int:
    """Recurring revenue invoiced to date, and what is still committed.

    Committed is, for each contract that has not ended: what its whole term is worth less what was invoiced for it,
    where invoices name it; otherwise its ARR for the days from tomorrow to its end. Where we know of no recurring
    invoice at all, the contracts speak for the past too: their ARR for the days that they have run.
    """
    invoiced = sum(invoices.recurring.values())
    return invoiced + sum(_committed(term, invoices, today=today) for term in terms)


def _committed(term: _Term, invoices: _Billed, *, today: dt.date) -> int:
    whole = term.worth(term.contract.starts_on, term.until)
    if not invoices.recurring:
        return whole
    if term.until <= today:
        return 0
    if term.contract.pk in invoices.recurring:
        return max(whole - invoices.recurring[term.contract.pk], 0)
    return term.worth(today + dt.timedelta(days=1), term.until)
