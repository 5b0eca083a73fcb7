"""Who sold a customer reads on their home what became of it."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.facts import custom
from accounts.facts.catalogue import Type
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.team.models import User
from retention.handoffs import services
from retention.handoffs.sold import sold
from tests.cast import person
from tests.retention.evaluation.facts import evaluate, know
from tests.retention.handoffs.handing import completed, of, won

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def accepted(account: Any, sal: Any, amelia: Any, **deal: Any) -> Any:
    handoff = of(won(account, sal, **deal))
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    return services.accept(handoff, by=amelia, at=now())


def home(user: Any) -> str:
    client = Client()
    client.force_login(user)
    return " ".join(client.get("/admin/").content.decode().split())


def test_it_says_the_stage_and_whether_there_is_a_first_value(account, sal, amelia):
    assert sold(sal, at=now()) == []
    assert "What became of what you sold" not in home(sal)
    accepted(account, sal, amelia)
    due_on = (now() + 9 * DAY).date()
    know(
        account,
        closed_won_at=now(),
        first_value_status="pending",
        custom={"first_value_due_on": custom.kept(due_on, Type.DATE)},
    )
    evaluate()
    [one] = sold(sal, at=now())
    assert (one.stage, one.status, one.due_on, one.has_left) == ("Closed won", "pending", due_on, False)
    assert "No first value yet" in home(sal)
    know(account, first_value_status="reached", first_value_at=now())
    [one] = sold(sal, at=now())
    assert one.status == "reached"
    assert one.reached_at
    know(account, has_paid_contract=False, first_contract_on=(now() - 300 * DAY).date())
    assert sold(sal, at=now())[0].has_left
    assert ">Left<" in home(sal)


def test_what_is_under_way_and_what_others_sold_is_not_there(account, sal, amelia, handoff):
    dora = person("dora", role="ae", group=None)
    assert sold(sal, at=now()) == []  # not accepted yet
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    services.accept(handoff, by=amelia, at=now())
    assert [one.handoff for one in sold(sal, at=now())] == [handoff]
    assert sold(dora, at=now()) == sold(amelia, at=now()) == []


def test_of_an_account_that_is_no_longer_theirs_they_learn_nothing_new(account, sal, amelia):
    accepted(account, sal, amelia)
    know(account, first_value_status="missed")
    assert sold(sal, at=now())[0].status == "missed"
    portfolio.assign(account, part="ae", user=person("dora", role="ae", group=None), by=None, at=now())
    [one] = sold(sal, at=now())
    assert (one.handoff.account, one.status, one.stage) == (account, None, "")
    page = home(sal)
    assert "Others look after it now" in page
    assert "First value missed" not in page


def test_many_cost_as_many_queries_as_few(account, sal, amelia):
    def asked() -> int:
        user = User.objects.get(pk=sal.pk)
        with CaptureQueriesContext(connection) as context:
            assert sold(user, at=now())
        return len(context)

    accepted(account, sal, amelia)
    know(account, first_value_status="pending")
    evaluate()
    few = asked()
    for number in range(3):
        other = portfolio.create(name=f"Other {number}", by=None, at=now())
        portfolio.assign(other, part="csm", user=amelia, by=None, at=now())
        accepted(other, sal, amelia)
        know(other, first_value_status="pending")
    evaluate()
    assert asked() == few
