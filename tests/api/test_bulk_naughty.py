"""Texts that break programs, in every text of bulk items: stored as they are, or refused by name."""

import json
import os
from pathlib import Path

import pytest

from accounts.facts.services import FactDraft, define
from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion.models import QuarantinedItem
from accounts.workspace import services as workspace
from tests.api.bulk import MODELS, item, send
from tests.factories.accounts import AT

TEXTS = ["", "\x00", "\ud83d", "\uff11", "<script>alert(1)</script>", "' OR 1=1 --", "{{ 7 * 7 }}", "x" * 30_000]
HALF = "\ud83d"
"""Half a character, as a cut emoji leaves it; it is kept as a mark that something stood there."""
FIELDS = {
    "tickets": [
        "external_id",
        "account",
        "account_id",
        "subject",
        "state",
        "opened_at",
        "tags",
        "requester",
        "severity",
    ],
    "invoices": ["external_id", "account", "account_id", "number", "currency", "amount", "contract", "issued_on"],
    "touches": ["external_id", "account", "account_id", "kind", "purpose", "text", "happened_at", "stakeholders"],
    "survey-responses": ["external_id", "account", "account_id", "kind", "comment", "score", "received_at"],
    "facts": ["account", "account_id", "values"],
}


def naughty():
    """The list of naughty strings where it is at hand, else a few of its kinds."""
    file = Path(os.environ.get("REAL_INPUTS", "/nowhere")) / "naughty" / "blns.json"
    return TEXTS + (json.loads(file.read_text()) if file.exists() else [])


@pytest.fixture(autouse=True)
def helpdesk(northwind):
    source = workspace.connect_source(key="helpdesk", kind="support", by=None, at=AT)
    identity.link(northwind, source=source, value="acct-42", by=None, at=now())
    define(FactDraft("tier_name", "Tier", "text", "For the tests."), by=None, at=now())
    return source


@pytest.mark.parametrize(("kind", "field"), [(kind, field) for kind, fields in FIELDS.items() for field in fields])
def test_every_naughty_text_is_stored_or_refused(api, kind, field):
    items = []
    for number, text in enumerate(naughty()):
        value = {"values": {"tier_name": text}, "tags": [text], "stakeholders": [text]}.get(field, text)
        odd = {**item(kind, number), field: value}
        if field == "account":
            odd.pop("account_id")
        items.append(odd)
    for start in range(0, len(items), 300):
        answer = send(api, kind, *items[start : start + 300])
        known = answer["stored"] + answer["unchanged"] + len(answer["quarantined"]) + len(answer["refused"])
        assert known == len(items[start : start + 300])
        assert all(error["message"] for one in answer["refused"] for error in one["errors"])


@pytest.mark.parametrize(
    ("kind", "field"), [("tickets", "subject"), ("touches", "text"), ("survey-responses", "comment")]
)
def test_what_is_stored_is_what_was_sent(api, kind, field):
    texts = [text for text in naughty() if text.strip() == text and 0 < len(text) < 400 and text != HALF]
    answer = send(api, kind, *(item(kind, number, **{field: text}) for number, text in enumerate(texts)))
    refused = {one["index"] for one in answer["refused"]}
    stored = {row.external_id: row for row in MODELS[kind].objects.all()}
    for number, text in enumerate(texts):
        if number not in refused:
            row = stored[f"n-{number}"]
            assert (row.words.text if field == "text" else getattr(row, field)) == text
    assert len(refused) < 20


def test_naughty_account_ids_wait_and_are_shown(api, as_user, olga, client):
    texts = [text for text in naughty() if text.strip() and len(text) < 200]
    send(api, "tickets", *(item("tickets", number, account_id=text) for number, text in enumerate(texts[:900])))
    client.force_login(olga)
    for path in ("", "items/", f"{QuarantinedItem.objects.latest('pk').pk}/change/"):
        response = client.get(f"/admin/accounts/quarantineditem/{path}")
        assert response.status_code == 200
        assert b"<script>alert(" not in response.content
