"""A new customer gets the CSM whom the rule of its segment names, once, and whoever lost theirs waits for a person."""

import datetime as dt
from typing import Any

import pytest

from accounts.deals import services as deals
from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import holder
from accounts.team import absences
from accounts.team.models import Team, User
from retention.segments.models import AccountSegment, Segment
from retention.segments.newcomers import give_csm
from tests.cast import person
from tests.retention.evaluation.facts import evaluate, know
from tests.retention.segments.book import AT, DAY, at_least, published, segment
from tests.retention.segments.test_owners import accounts, tier
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def two(starter: Any, east: Team) -> list[User]:
    """The pool: two people of the team East."""
    return [person(name, role="csm", group=east) for name in ("anna", "ben")]


def customer(name: str, *, won: dt.timedelta = DAY, **facts: Any) -> Account:
    """An account of the large segment that signed its first contract so long ago."""
    won_at = now() - won
    account = portfolio.create(name=name, by=None, at=AT)
    know(account, employees=600, arr_minor=1, **facts)
    evaluate()
    deals.enter(account, name="First", type="new", state="won", closed_at=won_at, opened_at=won_at, by=None, at=now())
    events.react()
    return account


def csm(account: Account) -> str:
    user = holder(account, "csm")
    return user.username if user else ""


def test_the_rule_of_its_segment_decides(two: list[User], east: Team) -> None:
    tier(east)
    accounts(1, 1, owner=two[0], prefix="O")
    evaluate()
    assert [csm(customer(name)) for name in ("A", "B", "C")] == ["ben", "ben", "anna"]


def test_in_turn_goes_on_where_it_was(two: list[User], east: Team) -> None:
    tier(east, assign="round_robin", capacity=None)
    assert [csm(customer(name)) for name in ("A", "B")] == ["anna", "ben"]
    AccountMember.objects.filter(user=two[0]).update(since=AT - DAY)
    assert csm(customer("C")) == "anna"


def test_who_is_away_or_full_gets_none(two: list[User], east: Team) -> None:
    tier(east, capacity=1)
    boss = person("root", role="administrator", group=None)
    absences.announce(two[0], starts_at=AT - DAY, ends_at=now() + DAY, stand_in=two[1], by=boss, at=AT)
    assert [csm(customer(name)) for name in ("A", "B")] == ["ben", ""]


def test_a_csm_stays_and_an_old_customer_waits_for_a_person(two: list[User], east: Team) -> None:
    tier(east)
    account = customer("A")
    portfolio.assign(account, part="csm", user=two[1], by=None, at=AT)
    assert give_csm(account, at=now()) is None
    assert csm(account) == "ben"
    assert csm(customer("B", won=400 * DAY)) == ""


def test_a_prospect_gets_none(two: list[User], east: Team) -> None:
    tier(east)
    account = portfolio.create(name="Prospect", by=None, at=AT)
    know(account, employees=600)
    evaluate()
    assert give_csm(account, at=now()) is None


def prospect(name: str, **deal: Any) -> Account:
    """An account that has just signed its first deal; nobody has accepted the contract."""
    account = portfolio.create(name=name, by=None, at=AT)
    know(account, has_paid_contract=False)
    evaluate()
    given = {"name": "First", "type": "new", "state": "won", "closed_at": now(), "opened_at": AT}
    deals.enter(account, by=None, at=now(), **(given | deal))
    events.react()
    return account


def paying(pool: Team, *, capacity: int = 2) -> None:
    """Whoever pays more than 10,000 is looked after by `pool`; who does not pay is nobody's."""
    Segment.objects.update(assign="")  # the tiers of the starter playbook own people too
    free = segment("free", {"fact": "has_paid_contract", "operator": "equal", "value": False})
    owned = {"care": "person", "pool": pool.key, "assign": "fewest", "capacity": capacity}
    published([free, segment("large", at_least("arr", 10_000), **owned), segment("rest")], "tier")


def test_the_tier_counts_that_they_will_have_when_their_contract_runs(two: list[User], east: Team) -> None:
    paying(east)
    signed = [prospect(name, amount_minor=2_400_000) for name in "ABC"]
    assert [csm(one) for one in signed] == ["anna", "ben", "anna"]
    rows = AccountSegment.objects.filter(account__in=signed, dimension__key="tier")
    assert {row.segment.key for row in rows} == {"free"}
    assert csm(prospect("Small", amount_minor=900_000)) == ""
    assert csm(prospect("Untold", amount_minor=None)) == ""
    assert [csm(prospect(name, amount_minor=2_400_000)) for name in "DE"] == ["ben", ""]  # both are full


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_counted_one_after_the_other(two: list[User], east: Team) -> None:
    tier(east, capacity=2)
    some = accounts(1, 1, 1, 1)
    evaluate()
    for one in some:
        deals.enter(one, name="First", type="new", state="won", closed_at=now(), opened_at=AT, by=None, at=now())
    at_once(*[lambda one=one: give_csm(one, at=now()) for one in some])
    assert sorted(csm(one) for one in some) == ["anna", "anna", "ben", "ben"]
