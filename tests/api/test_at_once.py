"""What a source tells for the first time several times at the same moment is new once."""

from collections import Counter

import pytest

from accounts.contracts.models import Invoice
from accounts.deals.models import ContractProposal, Deal
from accounts.portfolio.models import AccountEvent
from accounts.support.models import Ticket
from tests.threads import at_once

CALLERS = 12
SENT_BY = {"source": "product", "external_id": "one-and-the-same", "account": "northwind-traders"}
WIN = {"type": "new", "name": "First year", "state": "won", "amount": "48000.00", "term_months": 12}
TICKET = {
    **{"subject": "Export fails", "severity": 2, "state": "open"},
    **{"opened_at": "2026-01-15T09:00:00Z", "updated_at": "2026-01-15T09:00:00Z"},
}
INVOICE = {"amount": "4000.00", "issued_on": "2026-01-01", "due_on": "2026-01-31"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("path", "body", "model"), [("deals/", WIN, Deal), ("tickets/", TICKET, Ticket), ("invoices/", INVOICE, Invoice)]
)
def test_one_caller_makes_it_and_the_others_hear_that_it_is_there(api, northwind, product, path, body, model):
    answers = at_once(*[lambda: api.post(path, SENT_BY | body)] * CALLERS)
    assert Counter(answer.status_code for answer in answers) == {201: 1, 200: CALLERS - 1}, answers[0].content
    assert {answer.json()["id"] for answer in answers} == {model.objects.get().pk}
    if model is Deal:
        assert ContractProposal.objects.count() == 1
        assert AccountEvent.objects.filter(kind="deal.won").count() == 1
