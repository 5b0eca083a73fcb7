"""Items as a helpdesk, a billing system, a CRM and a warehouse send them, many at once."""

import json
from typing import Any

from accounts.contracts.models import Invoice
from accounts.facts.models import AccountFacts
from accounts.support.models import Ticket
from accounts.touches.models import SurveyResponse, Touch, TouchText

TICKET = {
    "subject": "Export fails",
    "severity": 2,
    "state": "open",
    "tags": ["export"],
    "opened_at": "2026-01-15T09:00:00Z",
    "updated_at": "2026-01-15T09:00:00Z",
}
INVOICE = {"amount": "4000.50", "issued_on": "2026-01-01", "due_on": "2026-01-31"}
TOUCH = {"kind": "call", "happened_at": "2026-01-15T09:00:00Z", "text": "All well.", "minutes": 20}
SURVEY = {"kind": "nps", "score": 9, "received_at": "2026-01-15T09:00:00Z", "comment": "Good."}
SAID: dict[str, dict[str, Any]] = {
    "tickets": TICKET,
    "invoices": INVOICE,
    "touches": TOUCH,
    "survey-responses": SURVEY,
    "facts": {"values": {"power_users": 12}},
}
KINDS = list(SAID)
MODELS = {"tickets": Ticket, "invoices": Invoice, "touches": Touch, "survey-responses": SurveyResponse}


def item(kind: str, number: int = 1, /, **values: Any) -> dict[str, Any]:
    """An item of Northwind, whose id in the helpdesk is acct-42, unless `values` say otherwise."""
    named = {} if kind == "facts" else {"external_id": f"n-{number}"}
    whose = {} if "account" in values else {"account_id": "acct-42"}
    return {**named, **whose, **SAID[kind], **values}


def send(api: Any, kind: str, *items: Any, source: str = "helpdesk") -> dict[str, Any]:
    """What the door answers, which must be 200."""
    response = api.post(f"{kind}/bulk/", {"source": source, "items": list(items)})
    assert response.status_code == 200, response.content
    return response.json()


def rows(kind: str) -> list[Any]:
    """What is stored of a kind, as far as it was told."""
    if kind == "facts":
        return sorted(AccountFacts.objects.values_list("account__key", "custom"), key=json.dumps)
    left_out = ("id", "recorded_at")
    found = [{**row, "id": 0, "recorded_at": 0} for row in MODELS[kind].objects.order_by("external_id").values()]
    words = sorted(TouchText.objects.values_list("touch__external_id", "text")) if kind == "touches" else []
    return [{name: value for name, value in row.items() if name not in left_out} for row in found] + words
