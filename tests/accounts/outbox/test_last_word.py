"""The gates have the last word: they are asked again right before a message is handed over."""

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db.models import F

from accounts.outbox.models import Delivery
from accounts.outbox.registry import Gate, Refused, gates
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Workspace
from tests.accounts.outbox.test_email import deliver, to_customer

pytestmark = pytest.mark.django_db


def while_the_line_opens(monkeypatch, change) -> None:
    """Something changes after the gates were asked, and before the message is handed over."""
    monkeypatch.setattr(EmailBackend, "open", lambda self: change())


def test_a_consent_withdrawn_after_the_gates_were_asked_stops_it(live, monkeypatch):
    row, withdrawn = to_customer(), []
    monkeypatch.setitem(
        gates._entries, "consent", Gate(lambda delivery, at: Refused("They withdrew.") if withdrawn else None)
    )
    while_the_line_opens(monkeypatch, lambda: withdrawn.append(True))
    found = deliver()
    assert not mail.outbox
    assert (found.pk, found.state, found.outcome, found.reason) == (row.pk, "done", "refused", "They withdrew.")
    assert not found.attempts.filter(ended_at=None).exists()
    assert AccountEvent.objects.get().kind == "delivery.refused"


def test_rows_are_read_again_before_it_is_handed_over(live, monkeypatch):
    to_customer(purpose="event")
    while_the_line_opens(monkeypatch, lambda: Workspace.objects.update(outbound_mode="preview"))
    assert deliver().outcome == "previewed"
    assert not mail.outbox


def test_a_worker_that_lost_its_claim_hands_nothing_over(live, monkeypatch):
    row = to_customer()
    taken = Delivery.objects.filter(pk=row.pk)
    while_the_line_opens(monkeypatch, lambda: taken.update(fence=F("fence") + 1))
    deliver()
    assert not mail.outbox
    assert taken.get().state == "due"
