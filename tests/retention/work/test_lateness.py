"""Who stays too long in a stage becomes work for whoever answers for it: once a visit, and until it moves on."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.lifecycle.models import AccountStage, Lifecycle
from retention.work import jobs, lateness, services
from retention.work.models import WorkItem
from retention.work.queries import attention_of, needing_attention
from tests.retention.evaluation.facts import DAY, evaluate, know
from tests.retention.lifecycle.test_stages import FAR, STAGES, published

pytestmark = pytest.mark.django_db
LIMITS = {"normal_days": 30, "behind_days": 45, "stuck_days": 60}


@pytest.fixture
def account(northwind: Account) -> Account:
    """Amelia's, won just now."""
    Lifecycle.objects.update(is_primary=False)
    published([replace(STAGES[0], raci={"cs": "AR"}, **LIMITS), *STAGES[1:]], now())
    know(northwind, closed_won_at=now(), features_used_30d=1, contract_end_date=FAR)
    evaluate(now())
    return northwind


def entered(account: Account, days: float) -> dt.datetime:
    """It has been in its stage for so many days."""
    since = now() - days * DAY
    AccountStage.objects.filter(account=account, lifecycle__is_primary=True).update(since=since)
    return since


def told(account: Account) -> list[tuple[str, str, str]]:
    return list(WorkItem.objects.filter(account=account).order_by("pk").values_list("kind", "title", "state"))


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (44.9, []),
        (45.1, [("stage_behind", "Behind in Won: 45 days", "open")]),
        (59.9, [("stage_behind", "Behind in Won: 59 days", "open")]),
        (60.1, [("stage_stuck", "Stuck in Won: 60 days", "open")]),
    ],
)
def test_at_each_limit(account: Account, amelia: User, days: float, expected: Any) -> None:
    entered(account, days)
    assert jobs.alert_late() == f"{len(expected)} told of"
    assert told(account) == expected
    assert set(WorkItem.objects.values_list("assignee", flat=True)) <= {amelia.pk}


def test_once_a_visit_however_it_ended(account: Account, amelia: User) -> None:
    entered(account, 50)
    lateness.alert(at=now())
    item = WorkItem.objects.get()
    assert "30 are usual" in item.guidance
    services.close(item, outcome="next_step_agreed", by=amelia, at=now())
    assert lateness.alert(at=now()) == 0
    WorkItem.objects.update(created_at=now() - 100 * DAY)
    assert lateness.alert(at=now()) == 1, "that was an earlier visit"


def test_who_becomes_stuck_has_one_piece_of_work_about_it(account: Account) -> None:
    entered(account, 50)
    lateness.alert(at=now())
    later = now() + 12 * DAY
    assert lateness.alert(at=later) == 1
    assert [(kind, state) for kind, _, state in told(account)] == [("stage_behind", "done"), ("stage_stuck", "open")]
    assert WorkItem.objects.get(kind="stage_behind").outcome == "became_stuck"


def test_moving_on_ends_it(account: Account) -> None:
    entered(account, 70)
    lateness.alert(at=now())
    know(account, closed_won_at=now(), features_used_30d=4, contract_end_date=FAR)
    evaluate(now())
    while events.react():
        pass
    [(_, _, state)] = told(account)
    assert (state, WorkItem.objects.get().outcome) == ("done", "moved_on")


def test_the_ae_gets_it_where_sales_answers(account: Account, carla: User) -> None:
    published([replace(STAGES[0], raci={"sales": "AR"}, **LIMITS), *STAGES[1:]], now())
    portfolio.assign(account, part="ae", user=carla, by=None, at=now())
    entered(account, 50)
    lateness.alert(at=now())
    assert WorkItem.objects.get().assignee == carla


def test_the_account_needs_attention_meanwhile(account: Account, amelia: User, carla: User) -> None:
    entered(account, 70)
    assert [one.sentence for one in attention_of(account, amelia)] == ["Stuck in Won"]
    assert not needing_attention(carla)


def test_nobody_is_flooded_and_the_price_of_looking_stays(account: Account, amelia: User) -> None:
    entered(account, 70)
    for number in range(12):
        other = portfolio.create(name=f"Account {number}", by=None, at=now())
        portfolio.assign(other, part="csm", user=amelia, by=None, at=now())
        know(other, closed_won_at=now(), features_used_30d=1, contract_end_date=FAR)
    evaluate(now())
    AccountStage.objects.filter(lifecycle__is_primary=True).update(since=now() - 50 * DAY)
    assert [lateness.alert(at=now()) for _ in range(4)] == [5, 5, 3, 0]
    with CaptureQueriesContext(connection) as queries:
        lateness.late(amelia, None)
    assert len(queries) <= 6
