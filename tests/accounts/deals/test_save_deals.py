"""Deals are saved as their CRM tells of them, and each turn is told once."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.contracts.models import Contract
from accounts.deals import services as deals
from accounts.deals.models import ContractProposal, Deal
from accounts.deals.queries import open_deals, won_dates
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from tests.factories.accounts import AT, AccountFactory, ContractFactory, DealFactory, SourceFactory
from tests.threads import at_once

DAY = dt.timedelta(days=1)


@pytest.fixture
def account(db):
    return AccountFactory()


@pytest.fixture
def crm(db):
    return SourceFactory(key="crm", kind="crm")


@pytest.fixture
def save(account, crm):
    def save(at=AT, **values) -> Deal:
        return deals.save(account, source=crm, external_id="d-1", by=None, at=at, **{"name": "First year"} | values)

    return save


def told() -> list[str]:
    return list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True))


def test_a_new_deal_is_opened(save):
    deal = save(amount_minor=4_800_000, probability=40, opened_at=AT - 9 * DAY)
    assert (deal.state, deal.closed_at, deal.currency) == ("open", None, "USD")
    [event] = AccountEvent.objects.all()
    assert (event.kind, event.at) == ("deal.opened", AT - 9 * DAY)
    assert event.data == {"name": "First year", "type": "new", "amount": 4_800_000, "currency": "USD"}


def test_a_repeat_changes_nothing(save):
    for _ in range(3):
        save(amount_minor=4_800_000, state="committed", phase="Negotiation")
    assert told() == ["deal.opened", "deal.committed"]
    assert AuditEntry.objects.filter(object_type="deal").count() == 1


def test_what_is_not_said_stays(save):
    save(amount_minor=4_800_000, phase="Negotiation")
    deal = save(phase="Contract sent")
    assert (deal.phase, deal.amount_minor) == ("Contract sent", 4_800_000)
    assert AuditEntry.objects.filter(verb="deal.change").get().before == {"phase": "Negotiation"}


def test_every_turn_is_told(save):
    for number, state in enumerate(("open", "committed", "lost", "open", "won")):
        save(at=AT + number * DAY, state=state, lost_reason="Budget cut" if state == "lost" else "")
    assert told() == ["deal.opened", "deal.committed", "deal.lost", "deal.reopened", "deal.won"]
    assert Deal.objects.get().closed_at == AT + 4 * DAY


def test_history_comes_with_its_own_dates(save):
    long_ago = AT - 900 * DAY
    save(state="won", opened_at=long_ago - 60 * DAY, closed_at=long_ago)
    assert list(AccountEvent.objects.order_by("pk").values_list("at", flat=True)) == [long_ago - 60 * DAY, long_ago]


def test_a_deal_is_won_once_however_often_it_is_reopened_and_won(save):
    for number, state in enumerate(("won", "won", "open", "won", "lost", "won")):
        save(at=AT + number * DAY, state=state)
    assert told() == [
        "deal.opened",
        "deal.won",
        "deal.reopened",
        "deal.won_again",
        "deal.lost",
        "deal.won_again",
    ]
    assert AccountEvent.objects.get(kind="deal.won").key == "won:crm:d-1"
    assert ContractProposal.objects.count() == 1


def test_winning_again_does_not_sign_a_second_contract(save):
    deal = save(state="won", amount_minor=100, term_months=12)
    deals.accept(deal.proposal, by=None, at=AT)
    save(state="open")
    deal = save(state="won", amount_minor=900)
    assert Contract.objects.get().arr_minor == 100
    assert deal.proposal.state == "accepted"
    assert told()[-2:] == ["deal.reopened", "deal.won_again"]


def test_fifty_reports_of_one_win_at_once_make_one_proposal(transactional_db):
    account, crm = AccountFactory(), SourceFactory(key="crm", accepts_proposals=True)

    def report() -> None:
        deals.save(
            account,
            source=crm,
            external_id="d-1",
            by=None,
            at=AT,
            name="First year",
            state="won",
            amount_minor=100,
            term_months=12,
        )

    for _ in range(5):
        at_once(*[report] * 10)
    assert Deal.objects.count() == ContractProposal.objects.count() == Contract.objects.count() == 1
    assert told() == ["deal.opened", "deal.won", "contract.signed"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"type": "upsell"}, "type"),
        ({"state": "dead"}, "state"),
        ({"probability": 101}, "probability"),
        ({"amount_minor": -1}, "a_deal_is_not_worth_less"),
        ({"currency": "DOL"}, "currency"),
        ({"term_months": 241}, "term_months"),
        ({"starts_on": dt.date(9999, 12, 31)}, "starts_on"),
        ({"opened_at": dt.datetime(1, 1, 1, tzinfo=dt.UTC)}, "opened_at"),
    ],
)
@pytest.mark.parametrize("known", [False, True])
def test_what_is_no_deal_is_refused_and_changes_nothing(values, field, known, save):
    if known:
        save()
    before, events = list(Deal.objects.values()), told()
    with pytest.raises(ValidationError, match=field):
        save(**values)
    assert (list(Deal.objects.values()), told()) == (before, events)


def test_the_open_deal_of_a_type_is_the_one_decided_on_next(account):
    def deal(name, **values):
        return DealFactory(account=account, name=name, **values)

    deal("Later", expected_close_on=AT.date() + 9 * DAY)
    deal("Sooner", expected_close_on=AT.date() + DAY)
    deal("Lost", state="lost", closed_at=AT)
    deal("Far, but committed", type="renewal", state="committed")
    deal("Near", type="renewal", expected_close_on=AT.date())
    found = open_deals([account.pk, AccountFactory().pk])
    assert {kind: one.name for kind, one in found[account.pk].items()} == {
        "new": "Sooner",
        "renewal": "Far, but committed",
    }
    assert len(found) == 1


def test_won_dates_are_the_first_and_the_latest_of_each_type(account, django_assert_num_queries):
    for days in (0, 200, 400):
        DealFactory(account=account, state="won", closed_at=AT - days * DAY)
    DealFactory(account=account, type="expansion", state="won", closed_at=AT - 5 * DAY)
    DealFactory(account=account, type="renewal", state="lost", closed_at=AT)
    other = AccountFactory()
    with django_assert_num_queries(1):
        found = won_dates([account.pk, other.pk])
    assert found.keys() == {account.pk}
    assert (found[account.pk]["new"].first_at, found[account.pk]["new"].latest_at) == (AT - 400 * DAY, AT)
    assert found[account.pk].keys() == {"new", "expansion"}


def test_a_deal_may_move_to_another_account(save, crm, account):
    save()
    other = ContractFactory().account
    moved = deals.save(other, source=crm, external_id="d-1", by=None, at=AT)
    assert moved.account == other
    assert Deal.objects.count() == 1
