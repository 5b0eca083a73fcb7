"""Rows of what customers buy and ask, with everything that their lists show."""

import datetime as dt

from tests.factories import accounts
from tests.factories.accounts import AT


def a_deal(number: int) -> None:
    if number % 2:
        accounts.DealFactory(owner=accounts.UserFactory(), product=accounts.ProductFactory())
        return
    contract = accounts.ContractFactory()
    deal = accounts.DealFactory(account=contract.account, state="won", closed_at=AT)
    accounts.ContractProposalFactory(deal=deal, replaces=contract, product=accounts.ProductFactory())


def a_ticket(number: int) -> None:
    ticket = accounts.TicketFactory(tags=["export"], satisfaction=4, satisfaction_at=AT)
    for hours in range(2):
        accounts.TicketReopeningFactory(ticket=ticket, at=AT + dt.timedelta(hours=hours))


COMMERCE = {
    "contracts": lambda number: accounts.ContractFactory(product=accounts.ProductFactory()),
    "deals": a_deal,
    "invoices": lambda number: accounts.InvoiceFactory(),
    "products": lambda number: accounts.ProductFactory(),
    "tickets": a_ticket,
}
"""Resource → what makes one more row of it."""
