from collections.abc import Mapping

from accounts.contracts.models import Contract
from accounts.foundation import money
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent

LABELS = {
    "billing_status": "billing",
    "tier": "tier",
    "sow": "statement of work",
    "usage_fact": "measured by",
    "usage_target": "usage target",
    "fair_use_limit": "fair-use limit",
}
BILLING = dict(Contract.Billing.choices)


def _changed(event: AccountEvent, people: Mapping[int, str]) -> str:
    changed = event.data["changed"]  # in no order that would last: databases keep the keys of JSON as they like
    parts = [f"{label} {_shown(name, changed[name])}" for name, label in LABELS.items() if name in changed]
    return f"Contract changed: {', '.join(parts)}"


def _shown(name: str, value: str | None) -> str:
    if not value:
        return "none"
    if name == "billing_status":
        return BILLING[value].lower()
    if name in ("usage_target", "fair_use_limit"):
        return f"{float(value):,.10g}"
    return value.replace("_", " ") if name == "usage_fact" else value


def _corrected(event: AccountEvent, people: Mapping[int, str]) -> str:
    was, now = (money.shown(event.data[name], event.data["currency"]) for name in ("from", "to"))
    return f"Contract amount corrected from {was} to {now} a year: {event.data['reason']}"


def _invoice(event: AccountEvent) -> str:
    amount = money.shown(event.data["amount"], event.data["currency"])
    return f"invoice {event.data['number']} over {amount}"


def _failed(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Payment of {_invoice(event)} failed"


def _paid(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Paid after a failed payment: {_invoice(event)}"


kinds.add(
    "contract.signed",
    EventKind(
        lambda event, people: f"Contract signed, {money.shown(event.data['arr'], event.data['currency'])} a year",
        "contract",
        changes_facts=True,
        group=Group.COMMERCIAL,
    ),
)
kinds.add(
    "contract.cancelled",
    EventKind(
        lambda event, people: f"Notice given, runs until {event.data['until']}",
        "cancel",
        changes_facts=True,
        group=Group.COMMERCIAL,
    ),
)
kinds.add("contract.changed", EventKind(_changed, "edit_document", changes_facts=True, group=Group.COMMERCIAL))
kinds.add("contract.corrected", EventKind(_corrected, "fact_check", changes_facts=True, group=Group.COMMERCIAL))
kinds.add("invoice.payment_failed", EventKind(_failed, "credit_card_off", changes_facts=True, group=Group.COMMERCIAL))
kinds.add("invoice.paid", EventKind(_paid, "credit_score", changes_facts=True, group=Group.COMMERCIAL))
