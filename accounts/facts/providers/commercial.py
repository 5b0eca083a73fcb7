"""What the customer bought, until when, and how it pays."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.contracts.queries import Commercial, commercials, subscriptions
from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Part, Values, provides
from accounts.workspace.queries import today

CONTRACTS = "contracts"
BOUGHT, INSTANT, DATE = Group.BOUGHT, Type.INSTANT, Type.DATE
FACTS = [
    Fact(
        "arr",
        "ARR",
        Type.MONEY,
        "Yearly recurring revenue today: the sum of all movements so far. One-time amounts do not count.",
        BOUGHT,
        unit="base currency",
        is_required=True,
    ),
    Fact(
        "contract_end_date",
        "Contract end",
        DATE,
        "The last day of the contract that runs longest.",
        BOUGHT,
        is_required=True,
    ),
    Fact(
        "decision_date",
        "Decision date",
        DATE,
        "The last day on which the customer can give notice: the contract's end less its notice period.",
        BOUGHT,
    ),
    Fact("closed_won_at", "Closed won", INSTANT, "When the first contract was signed.", BOUGHT),
    Fact(
        "lifetime_value",
        "Lifetime value",
        Type.MONEY,
        "Recurring revenue invoiced to date, and what running contracts still commit to.",
        BOUGHT,
        Use.INTERNAL,
        unit="base currency",
    ),
    Fact("auto_renew", "Renews by itself", Type.BOOLEAN, "Whether the contract renews where nobody objects.", BOUGHT),
    Fact("seats_bought", "Seats bought", Type.NUMBER, "Seats of all contracts that run today.", BOUGHT, unit="seats"),
    Fact("billing_status", "Billing", Type.TEXT, "The worst billing status among running contracts.", BOUGHT),
    Fact("cancel_notice_at", "Notice given", INSTANT, "When the customer gave notice.", BOUGHT, Use.INTERNAL),
    Fact(
        "payment_failed_at",
        "Payment failed",
        INSTANT,
        "The latest failed payment of an invoice that is still open.",
        BOUGHT,
    ),
    Fact(
        "invoice_overdue_since",
        "Invoice overdue since",
        DATE,
        "When the oldest open invoice that is past due was due.",
        BOUGHT,
    ),
    Fact("usage_fact", "Usage is measured by", Type.TEXT, "The fact that the contract's targets are about.", BOUGHT),
    Fact("usage_target", "Usage target", Type.NUMBER, "How much use the contract plans for.", BOUGHT),
    Fact("fair_use_limit", "Fair-use limit", Type.NUMBER, "How much use the contract allows.", BOUGHT),
]


@provides(CONTRACTS, FACTS)
def bought(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """What the contracts and invoices of each account add up to; accounts that never had one are missing."""
    found = commercials(account_ids, today=today(at))
    return {account_id: Part(_values(one), CONTRACTS, _seen(one)) for account_id, one in found.items()}


def _seen(one: Commercial) -> dt.datetime | None:
    return max(filter(None, [one.changed_at, one.invoices_seen_at]), default=None)


def _values(one: Commercial) -> Values:
    return {
        "arr": one.arr_minor,
        "contract_end_date": one.ends_on,
        "decision_date": one.decision_date,
        "closed_won_at": one.first_signed_at,
        "lifetime_value": one.lifetime_value_minor,
        "auto_renew": one.auto_renew,
        "seats_bought": one.seats_bought,
        "billing_status": one.billing_status or None,
        "cancel_notice_at": one.cancel_notice_at,
        "payment_failed_at": one.payment_failed_at,
        "invoice_overdue_since": one.invoice_overdue_since,
        "usage_fact": one.usage_fact or None,
        "usage_target": None if one.usage_target is None else float(one.usage_target),
        "fair_use_limit": None if one.fair_use_limit is None else float(one.fair_use_limit),
    }


SUBSCRIPTION = [
    Fact(
        "has_paid_contract",
        "Pays today",
        Type.BOOLEAN,
        "Whether a contract with recurring revenue runs today.",
        BOUGHT,
        Use.INTERNAL,
    ),
    Fact(
        "first_contract_on",
        "First contract",
        DATE,
        "The first day of the customer's first contract; unknown where there never was one.",
        BOUGHT,
    ),
]


@provides("subscription", SUBSCRIPTION)
def subscribed(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """Whether each account pays, and since when it is a customer. Having no contract is known too."""
    return {
        account_id: Part(
            {"has_paid_contract": one.is_paying, "first_contract_on": one.first_starts_on}, CONTRACTS, None
        )
        for account_id, one in subscriptions(account_ids, today=today(at)).items()
    }
