"""A customer gets another CSM: the checklist begins by itself, and what was to be done goes along."""

import pytest

from accounts.contracts.models import Contract
from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.team.models import User
from retention.handoffs.models import Handoff, HandoffTemplate
from retention.work import services as work
from tests.factories import accounts, retention
from tests.retention.handoffs.handing import of, won

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer(account):
    """Has been with us for long."""
    accounts.ContractFactory(account=account)
    return account


def given(account, user):
    portfolio.assign(account, part="csm", user=user, by=None, at=now())
    events.react()
    return list(Handoff.objects.filter(version__template__key="csm_to_csm").order_by("pk"))


def task(account, user, **values):
    return work.open_item(account, title="Call Lena", assignee=user, due_at=now(), by=None, at=now(), **values)


def test_the_one_before_hands_over_to_the_one_from_now_on(customer, amelia, bruno, sal):
    hers, his = task(customer, amelia), task(customer, sal)
    elsewhere = task(accounts.AccountFactory(), amelia)
    plan = retention.SuccessPlanFactory(account=customer)
    objective = retention.PlanObjectiveFactory(plan=plan, our_owner=amelia)
    [handoff] = given(customer, bruno)
    assert (handoff.giver, handoff.receiver, handoff.state) == (amelia, bruno, "open")
    assert (handoff.work.assignee, handoff.work.clock.duration) == (amelia, "3 bd")
    for row in (hers, his, elsewhere, objective):
        row.refresh_from_db()
    assert (hers.assignee, his.assignee, elsewhere.assignee, objective.our_owner) == (bruno, sal, amelia, bruno)
    assert given(customer, bruno) == [handoff]


def test_the_next_change_moves_the_one_that_runs_and_going_back_ends_it(customer, amelia, bruno, carla):
    given(customer, bruno)
    [handoff] = given(customer, carla)
    assert (handoff.giver, handoff.receiver) == (amelia, carla)
    [handoff] = given(customer, amelia)
    assert handoff.state == "cancelled"


def test_somebody_new_on_the_way_takes_the_first_handoff_instead(account, sal, amelia, bruno):
    first = of(won(account, sal))
    assert given(account, bruno) == []
    first.refresh_from_db()
    assert (first.receiver, first.state) == (bruno, "open")


def test_nothing_begins_for_a_lead_nor_for_the_first_csm_nor_without_a_checklist(account, bruno, carla, amelia):
    assert given(account, bruno) == []
    accounts.ContractFactory(account=account)
    assert Contract.objects.filter(account=account).exists()
    assert given(account, None) == []
    assert given(account, carla) == []
    HandoffTemplate.objects.update(starts_on_change_of="")
    assert given(account, amelia) == []


def test_whoever_leads_the_team_hands_over_for_who_has_left(customer, amelia, bruno, carla, east):
    east.manager = carla
    east.save()
    portfolio.assign(customer, part="csm", user=bruno, by=None, at=now())
    User.objects.filter(pk=amelia.pk).update(is_active=False)
    events.react()
    handoff = Handoff.objects.get(version__template__key="csm_to_csm")
    assert (handoff.giver, handoff.receiver) == (carla, bruno)
