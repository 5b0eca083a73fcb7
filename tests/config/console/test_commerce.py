"""Deals, contracts, products and tickets in the console."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.catalogue.models import Product
from accounts.contracts.models import Contract
from accounts.deals import services as deals
from accounts.foundation.models import AuditEntry
from accounts.workspace import services as workspace
from accounts.workspace.models import Source
from tests.cast import person
from tests.factories.accounts import (
    AT,
    ContractFactory,
    ContractProposalFactory,
    DealFactory,
    InvoiceFactory,
    ProductFactory,
    TicketFactory,
)

ACCEPTED = {"arr": "48000", "starts_on": "2026-03-04", "ends_on": "2027-03-03", "notice_days": "60"}


def page_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def crm(starter):
    return workspace.connect_source(key="crm", kind="crm", by=None, at=AT)


@pytest.fixture
def won(northwind, crm):
    return deals.save(
        northwind,
        source=crm,
        external_id="d-1",
        by=None,
        at=AT,
        name="First year",
        state="won",
        amount_minor=4_800_000,
        term_months=12,
    )


def test_her_csm_accepts_the_contract_of_a_won_deal(won, amelia):
    client = page_of(amelia)
    page = client.get(f"/admin/accounts/deal/{won.pk}/change/").content.decode()
    assert 'value="48000.00"' in page
    assert 'value="2027-03-03"' in page
    assert client.post(f"/admin/accounts/deal/{won.pk}/accept/", ACCEPTED).status_code == 302
    contract = Contract.objects.get()
    assert (contract.arr_minor, contract.notice_days) == (4_800_000, 60)
    assert "by Amelia Tester" in client.get(f"/admin/accounts/deal/{won.pk}/change/").content.decode()


def test_what_is_wrong_is_said_beside_the_field_and_what_was_typed_is_kept(won, amelia):
    client = page_of(amelia)
    response = client.post(f"/admin/accounts/deal/{won.pk}/accept/", ACCEPTED | {"arr": "77000.001"})
    assert response.status_code == 400
    assert "more decimals" in response.content.decode()
    response = client.post(f"/admin/accounts/deal/{won.pk}/accept/", ACCEPTED | {"ends_on": "2026-01-01"})
    text = response.content.decode()
    assert response.status_code == 400
    assert "ends after it starts" in text
    assert 'value="2026-01-01"' in text
    assert not Contract.objects.exists()


def test_declining_needs_a_reason(won, amelia):
    client = page_of(amelia)
    assert client.post(f"/admin/accounts/deal/{won.pk}/decline/", {"reason": ""}).status_code == 400
    assert client.post(f"/admin/accounts/deal/{won.pk}/decline/", {"reason": "One-time service"}).status_code == 302
    page = client.get(f"/admin/accounts/deal/{won.pk}/change/").content.decode()
    assert "One-time service" in page
    assert "Accept and sign" not in page


def test_what_somebody_decided_meanwhile_is_said(won, amelia, bruno):
    deals.accept(won.proposal, by=bruno, at=AT)
    response = page_of(amelia).post(f"/admin/accounts/deal/{won.pk}/accept/", ACCEPTED)
    assert response.status_code == 400
    assert Contract.objects.count() == 1
    assert "by Bruno Tester" in response.content.decode()


def test_another_team_finds_nothing(won, carla):
    client = page_of(carla)
    assert client.get(f"/admin/accounts/deal/{won.pk}/change/").status_code == 404
    for verb in ("accept", "decline"):
        assert client.post(f"/admin/accounts/deal/{won.pk}/{verb}/", ACCEPTED | {"reason": "x"}).status_code == 404
    assert "First year" not in client.get("/admin/accounts/deal/").content.decode()
    assert not Contract.objects.exists()


def test_who_only_reads_is_told_that_somebody_else_decides(won):
    client = page_of(person("lea", role="leader", group=None))
    page = client.get(f"/admin/accounts/deal/{won.pk}/change/").content.decode()
    assert "Accept and sign" not in page
    assert "Somebody who may change this account" in page
    assert client.post(f"/admin/accounts/deal/{won.pk}/accept/", ACCEPTED).status_code == 404


def test_the_account_page_tells_of_deals_and_tickets(won, northwind, amelia):
    TicketFactory(account=northwind, severity=1, subject="Nothing loads")
    TicketFactory(account=northwind, state="solved", solved_at=AT, subject="Export fails")
    client = page_of(amelia)
    commercial = client.get(f"/admin/accounts/account/{northwind.pk}/change/?tab=commercial").content.decode()
    assert "First year" in commercial
    assert "Decide on its contract" in commercial
    support = client.get(f"/admin/accounts/account/{northwind.pk}/change/?tab=support").content.decode()
    assert "Nothing loads" in support
    assert "Export fails" in support


def test_an_operator_adds_and_changes_a_product(olga):
    client = page_of(olga)
    form = {"name": "Professional", "key": "pro", "kind": "plan", "description": "", "is_active": "on"}
    assert client.post("/admin/accounts/product/add/", form).status_code == 302
    product = Product.objects.get(key="pro")
    del form["is_active"]
    assert client.post(f"/admin/accounts/product/{product.pk}/change/", form).status_code == 302
    product.refresh_from_db()
    assert not product.is_active
    verbs = AuditEntry.objects.filter(object_type="product", object_id=str(product.pk)).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["product.create", "product.change"]
    again = client.post("/admin/accounts/product/add/", form)
    assert again.status_code == 200
    assert "already exists" in again.content.decode()


def test_her_csm_changes_the_billing_status_of_a_contract_and_nothing_that_was_signed(northwind, amelia):
    contract = ContractFactory(account=northwind)
    form = {"billing_status": "overdue", "tier": "Gold", "arr_minor": "1", "ends_on": "2030-01-01"}
    response = page_of(amelia).post(f"/admin/accounts/contract/{contract.pk}/change/", form)
    assert response.status_code == 302
    before, ends_on = contract.arr_minor, contract.ends_on
    contract.refresh_from_db()
    assert (contract.billing_status, contract.tier) == ("overdue", "Gold")
    assert (contract.arr_minor, contract.ends_on) == (before, ends_on)
    assert AuditEntry.objects.filter(verb="contract.change").exists()


def test_an_operator_lets_a_source_accept_contracts_by_itself(crm, olga, amelia):
    form = {"name": "CRM", "stale_after_hours": "24", "accepts_proposals": "on", "kind": "crm"}
    assert page_of(amelia).post(f"/admin/accounts/source/{crm.pk}/edit/", form).status_code == 404
    assert page_of(olga).post(f"/admin/accounts/source/{crm.pk}/edit/", form).status_code == 302
    source = Source.objects.get(pk=crm.pk)
    assert (source.accepts_proposals, source.stale_after_hours, source.kind) == (True, 24, "crm")
    assert AuditEntry.objects.filter(verb="source.change").exists()


@pytest.mark.parametrize("name", ["deal", "contract", "invoice", "ticket", "product"])
def test_ten_or_thirty_rows_cost_the_same_queries(name, starter):
    def grow(count: int) -> None:
        for _ in range(count):
            contract = ContractFactory(product=ProductFactory())
            InvoiceFactory(account=contract.account, contract=contract)
            TicketFactory(account=contract.account)
            ContractProposalFactory(deal=DealFactory(account=contract.account, state="won", closed_at=AT))

    client, counts = page_of(person("root", role="administrator", group=None)), []
    for more in (10, 20):
        grow(more)
        client.get(f"/admin/accounts/{name}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/admin/accounts/{name}/").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
