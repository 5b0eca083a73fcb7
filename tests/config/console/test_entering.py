"""Contracts, deals and people at customers, entered and changed by hand on the account's page."""

import datetime as dt

import pytest
from django.test import Client

from accounts.contracts.models import ArrMovement, Contract
from accounts.deals.models import Deal
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from accounts.stakeholders.models import Stakeholder
from tests.cast import person
from tests.factories.accounts import (
    ContractFactory,
    DealFactory,
    ProductFactory,
    ProductUserFactory,
    StakeholderFactory,
    UserFactory,
)

ADMIN = "/admin/accounts"
TERMS = {"arr": "48000", "starts_on": "2026-03-04", "ends_on": "2027-03-03", "notice_days": "60"}
DEAL = {"name": "Seats for Berlin", "type": "new", "state": "open", "amount": "12000.50"}
PERSON = {"name": "Ada Moreau", "email": "ada@northwind.example", "roles": ["champion", "admin"]}


@pytest.fixture
def page(amelia) -> Client:
    client = Client()
    client.force_login(amelia)
    return client


def tab(page: Client, account, name: str) -> str:
    return page.get(f"{ADMIN}/account/{account.pk}/change/?tab={name}").content.decode()


def test_a_contract_is_entered_and_moves_arr(page, northwind, amelia):
    product = ProductFactory()
    form = TERMS | {"product": product.pk, "seats": "40", "tier": "Gold", "sow": "https://sow.example/1"}
    assert "Enter a contract" in tab(page, northwind, "commercial")
    assert page.post(f"{ADMIN}/contract/sign/{northwind.pk}/", form).status_code == 302
    contract = Contract.objects.get()
    assert (contract.arr_minor, contract.product, contract.tier) == (4_800_000, product, "Gold")
    assert ArrMovement.objects.get().amount_minor == 4_800_000
    assert AuditEntry.objects.get(verb="contract.sign").actor_id == amelia.pk
    assert "$48,000" in tab(page, northwind, "commercial")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ends_on": "2026-01-01"}, "ends after it starts"),
        ({"arr": "48000.001"}, "more decimals"),
        ({"arr": "NaN"}, "Enter a number"),
        ({"starts_on": ""}, "required"),
        ({"starts_on": "0001-01-01"}, "from 1970 to 2199"),
        ({"signed_at": "2199-01-01T10:00"}, "still to come"),
    ],
)
def test_what_is_wrong_with_a_contract_is_said_and_what_was_typed_is_kept(page, northwind, change, says):
    answer = page.post(f"{ADMIN}/contract/sign/{northwind.pk}/", TERMS | {"tier": "Gold"} | change)
    assert answer.status_code == 400
    assert says in answer.content.decode()
    assert 'value="Gold"' in answer.content.decode()
    assert not Contract.objects.exists()


def test_replacing_a_contract_starts_from_it_and_moves_only_the_difference(page, northwind):
    page.post(f"{ADMIN}/contract/sign/{northwind.pk}/", TERMS)
    first = Contract.objects.get()
    form = page.get(f"{ADMIN}/contract/replace/{first.pk}/").content.decode()
    assert 'value="48000.00"' in form
    assert 'value="2027-03-03"' in form
    page.post(f"{ADMIN}/contract/replace/{first.pk}/", TERMS | {"arr": "60000", "replaces": first.pk})
    first.refresh_from_db()
    assert first.status == "superseded"
    assert ArrMovement.objects.first().amount_minor == 1_200_000
    assert page.get(f"{ADMIN}/contract/replace/{first.pk}/").status_code == 200


def test_a_wrong_amount_is_corrected_where_it_stands_and_the_ledger_says_so(page, northwind):
    page.post(f"{ADMIN}/contract/sign/{northwind.pk}/", TERMS | {"arr": "480000"})
    address = f"{ADMIN}/contract/correct/{Contract.objects.get().pk}/"
    assert 'value="480000.00"' in page.get(address).content.decode()
    unchanged = page.post(address, {"arr": "480000", "reason": "Typing"})
    assert "the amount that the contract has" in unchanged.content.decode()
    assert page.post(address, {"arr": "48000", "reason": ""}).status_code == 400
    assert page.post(address, {"arr": "48000", "reason": "A zero too many"}).status_code == 302
    assert sum(ArrMovement.objects.values_list("amount_minor", flat=True)) == 4_800_000
    assert set(ArrMovement.objects.values_list("kind", flat=True)) == {"new"}
    commercial = tab(page, northwind, "commercial")
    assert "$48,000" in commercial
    assert "corrected" in commercial


def test_notice_is_noted_once(page, northwind):
    contract = ContractFactory(account=northwind)
    assert page.post(f"{ADMIN}/contract/notice/{contract.pk}/", {"cancelled_at": "2199-01-01T10:00"}).status_code == 400
    assert page.post(f"{ADMIN}/contract/notice/{contract.pk}/", {}).status_code == 302
    contract.refresh_from_db()
    assert contract.status == "cancelled"
    assert "cancelled already" in page.post(f"{ADMIN}/contract/notice/{contract.pk}/", {}).content.decode()


def test_a_deal_is_entered_won_reopened_and_lost(page, northwind):
    assert page.post(f"{ADMIN}/deal/open/{northwind.pk}/", DEAL).status_code == 302
    deal = Deal.objects.get()
    assert (deal.source, deal.amount_minor) == (None, 1_200_050)
    for state in ("won", "open", "lost"):
        form = DEAL | {"state": state, "lost_reason": "Price" if state == "lost" else "", "closed_at": ""}
        assert page.post(f"{ADMIN}/deal/{deal.pk}/edit/", form).status_code == 302
    told = list(AccountEvent.objects.filter(kind__startswith="deal").order_by("pk").values_list("kind", flat=True))
    assert told == ["deal.opened", "deal.won", "deal.reopened", "deal.lost"]
    shown = page.get(f"{ADMIN}/deal/{deal.pk}/change/").content.decode()
    assert "entered by hand" in shown
    assert page.get("/api/v1/deals/").json()["results"][0]["source"] is None


def test_a_deal_that_is_won_by_hand_proposes_its_contract(page, northwind):
    page.post(f"{ADMIN}/deal/open/{northwind.pk}/", DEAL | {"state": "won", "term_months": "12"})
    deal = Deal.objects.get()
    assert page.post(f"{ADMIN}/deal/{deal.pk}/accept/", TERMS).status_code == 302
    assert deal.proposal.contract == Contract.objects.get()


def test_saving_a_deal_as_it_stands_changes_nothing(page, northwind):
    seller = UserFactory(is_staff=True)
    closed = dt.datetime(2026, 3, 4, 10, 11, 12, 345678, tzinfo=dt.UTC)
    product = ProductFactory(is_active=False)
    deal = DealFactory(account=northwind, state="won", closed_at=closed, owner=seller, product=product)
    form = {"name": deal.name, "type": deal.type, "state": "won", "owner": seller.pk, "product": product.pk}
    form |= {"closed_at": "2026-03-04T10:11", "amount": "" if deal.amount_minor is None else deal.amount_minor / 100}
    for name in ("phase", "expected_close_on", "starts_on", "term_months", "seats", "probability"):
        form[name] = "" if getattr(deal, name) is None else getattr(deal, name)
    assert page.post(f"{ADMIN}/deal/{deal.pk}/edit/", form).status_code == 302
    fresh = Deal.objects.get(pk=deal.pk)
    assert (fresh.closed_at, fresh.owner, fresh.product) == (closed, seller, product)
    assert not AuditEntry.objects.filter(verb="deal.change").exists()


def test_a_stakeholder_is_added_and_changed(page, northwind):
    assert page.post(f"{ADMIN}/stakeholder/new/{northwind.pk}/", PERSON).status_code == 302
    ada = Stakeholder.objects.get()
    form = page.get(f"{ADMIN}/stakeholder/{ada.pk}/edit/").content.decode()
    assert 'value="ada@northwind.example"' in form
    assert form.count("checked") == 2
    changed = PERSON | {"roles": ["finance"], "title": "CFO", "left_at": "2026-03-04T10:00"}
    page.post(f"{ADMIN}/stakeholder/{ada.pk}/edit/", changed)
    ada.refresh_from_db()
    assert [row.role for row in ada.roles.all()] == ["finance"]
    people = tab(page, northwind, "people")
    assert "CFO" in people
    assert "Left" in people


def test_a_user_with_the_address_of_a_stakeholder_is_offered_as_them_and_not_taken_for_them(page, northwind):
    page.post(f"{ADMIN}/stakeholder/new/{northwind.pk}/", PERSON)
    ada = Stakeholder.objects.get()
    user = ProductUserFactory(account=northwind, email=ada.email.upper(), name="A. M.")
    assert f"{ada}?</button>" in tab(page, northwind, "people")
    user.refresh_from_db()
    assert user.stakeholder is None
    assert page.post(f"{ADMIN}/stakeholder/user/{user.pk}/", {"stakeholder": ada.pk}).status_code == 302
    assert f"{ada}?</button>" not in tab(page, northwind, "people")


def test_what_is_wrong_with_a_stakeholder_is_said_beside_the_field(page, northwind):
    answer = page.post(f"{ADMIN}/stakeholder/new/{northwind.pk}/", PERSON | {"email": "ada", "name": ""})
    assert answer.status_code == 400
    assert "valid email address" in answer.content.decode()
    assert not Stakeholder.objects.exists()


def test_a_user_of_the_product_is_recognised_or_added(page, northwind):
    ada = StakeholderFactory(account=northwind, name="Ada Moreau")
    known, new = ProductUserFactory.create_batch(2, account=northwind, name="Nobody yet")
    stranger = StakeholderFactory()
    assert page.post(f"{ADMIN}/stakeholder/user/{known.pk}/", {"stakeholder": stranger.pk}).status_code == 400
    page.post(f"{ADMIN}/stakeholder/user/{known.pk}/", {"stakeholder": ada.pk})
    page.post(f"{ADMIN}/stakeholder/user/{new.pk}/new/", PERSON | {"name": "Bo Lind"})
    known.refresh_from_db()
    new.refresh_from_db()
    assert (known.stakeholder, str(new.stakeholder)) == (ada, "Bo Lind")
    assert "Bo Lind" in tab(page, northwind, "people")


def test_nobody_enters_anything_for_an_account_that_is_not_theirs_to_change(northwind, carla):
    deal, contract = DealFactory(account=northwind), ContractFactory(account=northwind)
    ada, user = StakeholderFactory(account=northwind), ProductUserFactory(account=northwind)
    forms = [f"contract/sign/{northwind.pk}/", f"deal/open/{northwind.pk}/", f"stakeholder/new/{northwind.pk}/"]
    forms += [f"contract/replace/{contract.pk}/", f"contract/notice/{contract.pk}/", f"deal/{deal.pk}/edit/"]
    forms += [f"stakeholder/{ada.pk}/edit/", f"stakeholder/user/{user.pk}/", f"stakeholder/user/{user.pk}/new/"]
    for user, status in ((carla, 404), (person("lea", role="leader", group=None), 403)):
        client = Client()
        client.force_login(user)
        for form in forms:
            assert client.get(f"{ADMIN}/{form}").status_code == status, form
            assert client.post(f"{ADMIN}/{form}", TERMS | DEAL | PERSON).status_code == status, form
