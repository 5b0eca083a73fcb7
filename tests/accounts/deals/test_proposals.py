"""A won deal proposes the contract that follows from it; a person or a rule accepts it, once."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.contracts import services as contracts
from accounts.contracts.models import ArrMovement, Contract
from accounts.deals import services as deals
from accounts.deals.models import ContractProposal
from accounts.portfolio.models import AccountEvent
from tests.factories.accounts import AT, AccountFactory, ProductFactory, SourceFactory, UserFactory
from tests.threads import at_once

START, END = dt.date(2025, 6, 1), dt.date(2026, 5, 31)
WON_ON = AT.date()


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def crm(db):
    return SourceFactory(key="crm")


@pytest.fixture
def won(account, crm):
    def won(name: str = "d-1", **values) -> ContractProposal:
        given = {"name": "The deal", "state": "won", "amount_minor": 1_200_000, "closed_at": AT}
        deal = deals.save(account, source=crm, external_id=name, by=None, at=AT, **given | values)
        return ContractProposal.objects.get(deal=deal)

    return won


@pytest.fixture
def running(account):
    def running(**values) -> Contract:
        given = {"arr_minor": 4_800_000, "currency": "USD", "signed_at": AT, "starts_on": START, "ends_on": END}
        return contracts.sign(account, by=None, at=AT, **given | values)

    return running


def offered(proposal) -> tuple:
    return (proposal.kind, proposal.arr_minor, proposal.starts_on, proposal.ends_on, proposal.replaces)


def test_new_business_begins_when_it_is_won_and_lasts_as_the_deal_says(won):
    assert offered(won(term_months=24)) == ("new", 1_200_000, WON_ON, dt.date(2028, 3, 3), None)


def test_new_business_without_a_term_waits_for_its_last_day(won):
    assert won().missing == ["the last day"]


def test_an_expansion_adds_to_the_running_contract_until_its_end(won, running):
    old = running(seats=20, product=ProductFactory())
    proposal = won(type="expansion", seats=30)
    assert offered(proposal) == ("change", 6_000_000, WON_ON, END, old)
    assert (proposal.seats, proposal.product) == (30, old.product)


def test_a_renewal_begins_where_the_running_contract_ends_and_lasts_as_long(won, running):
    old = running()
    next_term = ("renewal", 1_200_000, dt.date(2026, 6, 1), dt.date(2027, 5, 31), old)
    assert offered(won(type="renewal")) == next_term


def test_of_several_contracts_the_one_of_the_product_is_taken_over(won, running):
    analytics = ProductFactory()
    running()
    addition = running(product=analytics)
    assert won(type="renewal", product=analytics).replaces == addition
    assert won("d-2", type="renewal").missing == [
        "the first day",
        "the last day",
        "which contract it takes over",
    ]


def test_a_proposal_follows_its_deal_until_it_is_decided(won):
    won(term_months=12)
    assert won(term_months=12, amount_minor=900).arr_minor == 900
    deals.accept(ContractProposal.objects.get(), by=None, at=AT)
    assert won(amount_minor=5).arr_minor == 900


def test_accepting_signs_the_contract(won, running):
    old, person = running(), UserFactory()
    contract = deals.accept(won(type="expansion"), by=person, at=AT)
    proposal = ContractProposal.objects.get()
    assert (proposal.state, proposal.contract, proposal.decided_by) == ("accepted", contract, person)
    assert (contract.arr_minor, contract.replaces, contract.signed_at) == (6_000_000, old, AT)
    assert ArrMovement.objects.filter(kind="expansion").get().amount_minor == 1_200_000
    assert AccountEvent.objects.filter(kind="contract.signed").count() == 2


def test_what_was_agreed_otherwise_is_signed_and_kept(won):
    proposal = won()
    contract = deals.accept(proposal, by=None, at=AT, arr_minor=700, ends_on=dt.date(2027, 3, 3), notice_days=30)
    assert (contract.arr_minor, contract.notice_days) == (700, 30)
    proposal.refresh_from_db()
    assert (proposal.arr_minor, proposal.ends_on) == (700, dt.date(2027, 3, 3))


def test_what_is_missing_is_asked_for_and_nothing_is_signed(won):
    proposal = won(amount_minor=None)
    with pytest.raises(ValidationError) as refused:
        deals.accept(proposal, by=None, at=AT)
    assert set(refused.value.message_dict) == {"arr_minor", "ends_on"}
    assert not Contract.objects.exists()


def test_declining_needs_a_reason_and_is_told(won):
    proposal = won(term_months=12)
    with pytest.raises(ValidationError, match="Say why"):
        deals.decline(proposal, reason=" ", by=None, at=AT)
    deals.decline(proposal, reason="A one-time service.", by=None, at=AT)
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decline_reason) == ("declined", "A one-time service.")
    assert AccountEvent.objects.latest("pk").kind == "deal.proposal_declined"


def test_what_is_decided_is_not_decided_again(won):
    proposal = won(term_months=12)
    stale = ContractProposal.objects.get()
    deals.decline(proposal, reason="No.", by=None, at=AT)
    for again in (proposal, stale):
        with pytest.raises(ValidationError, match="declined already"):
            deals.accept(again, by=None, at=AT)
    assert not Contract.objects.exists()


def test_a_declined_contract_is_proposed_again_only_when_the_deal_is_won_again(won):
    deals.decline(won(term_months=12), reason="No.", by=None, at=AT)
    assert won(phase="Archived").state == "declined"
    won(state="open")
    assert won(amount_minor=77).state == "proposed"
    assert ContractProposal.objects.get().arr_minor == 77


def test_the_contract_of_a_reopened_deal_is_not_signed(won):
    proposal = won(term_months=12)
    won(state="open")
    with pytest.raises(ValidationError, match="only what is won is signed"):
        deals.accept(proposal, by=None, at=AT)


def test_two_who_accept_at_once_sign_once(transactional_db):
    deal = deals.save(
        AccountFactory(),
        source=SourceFactory(),
        external_id="d",
        by=None,
        at=AT,
        name="The deal",
        state="won",
        amount_minor=100,
        term_months=12,
    )

    def try_to_accept() -> str:
        try:
            deals.accept(ContractProposal.objects.get(deal=deal), by=None, at=AT)
        except ValidationError as error:
            return error.messages[0]
        return "done"

    answers = sorted(at_once(*[try_to_accept] * 6), key=len)
    assert answers[0] == "done"
    assert set(answers[1:]) == {"This proposal is accepted already."}
    assert Contract.objects.count() == 1


class TestByRule:
    @pytest.fixture
    def crm(self, db):
        return SourceFactory(key="crm", accepts_proposals=True)

    def test_a_complete_proposal_is_accepted_by_itself(self, won):
        proposal = won(term_months=12)
        assert (proposal.state, proposal.decided_by) == ("accepted", None)
        assert Contract.objects.get().arr_minor == 1_200_000

    def test_an_incomplete_one_waits_until_nothing_is_missing(self, won):
        assert won().state == "proposed"
        assert won(term_months=12).state == "accepted"

    def test_a_deal_in_another_currency_waits_for_a_person(self, won):
        proposal = won(term_months=12, currency="EUR")
        assert (proposal.state, proposal.missing) == ("proposed", ["the amount in USD"])
        contract = deals.accept(proposal, by=None, at=AT, arr_minor=1_300_000)
        assert (contract.arr_minor, contract.currency) == (1_300_000, "USD")

    def test_a_win_is_kept_although_its_contract_is_refused(self, won, running):
        running()
        proposal = won(type="expansion", starts_on=dt.date(2026, 5, 31), term_months=None)
        assert (proposal.state, proposal.deal.state) == ("proposed", "won")


def test_a_deal_that_is_lost_after_all_says_that_its_contract_stands(won, client, admin_user):
    deal = won(term_months=12).deal
    deals.accept(deal.proposal, by=None, at=AT)
    deals.save(deal.account, source=deal.source, external_id="d-1", state="lost", by=None, at=AT)
    client.force_login(admin_user)
    page = client.get(f"/admin/accounts/deal/{deal.pk}/change/").content.decode()
    assert "It stands" in page
    assert "nothing has touched its contract" in page
