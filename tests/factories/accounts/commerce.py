"""What they buy, pay and ask: products, invoices, deals, tickets."""

import datetime as dt

import factory
from factory.django import DjangoModelFactory

from accounts.catalogue.models import Product
from accounts.contracts.models import Invoice
from accounts.deals.models import ContractProposal, Deal
from accounts.support.models import Ticket, TicketReopening
from tests.factories.accounts.book import AccountFactory
from tests.factories.accounts.people import SourceFactory
from tests.factories.accounts.times import AT


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    key = factory.Sequence("product-{}".format)
    name = "Essentials"


class InvoiceFactory(DjangoModelFactory):
    class Meta:
        model = Invoice

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence("in-{}".format)
    account = factory.SubFactory(AccountFactory)
    issued_on = AT.date()
    due_on = AT.date() + dt.timedelta(days=30)
    amount_minor = 400_000
    currency = "USD"
    recorded_at = AT


class DealFactory(DjangoModelFactory):
    class Meta:
        model = Deal

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence("deal-{}".format)
    account = factory.SubFactory(AccountFactory)
    name = "First year"
    amount_minor = 4_800_000
    currency = "USD"
    opened_at = AT


class ContractProposalFactory(DjangoModelFactory):
    class Meta:
        model = ContractProposal

    deal = factory.SubFactory(DealFactory, state="won", closed_at=AT)
    kind = "new"
    currency = "USD"
    proposed_at = AT


class TicketFactory(DjangoModelFactory):
    class Meta:
        model = Ticket

    source = factory.SubFactory(SourceFactory)
    external_id = factory.Sequence("ticket-{}".format)
    account = factory.SubFactory(AccountFactory)
    subject = "Export ends with an error"
    severity = 3
    state = "open"
    opened_at = AT
    updated_at = AT
    recorded_at = AT


class TicketReopeningFactory(DjangoModelFactory):
    class Meta:
        model = TicketReopening

    ticket = factory.SubFactory(TicketFactory)
    at = AT
