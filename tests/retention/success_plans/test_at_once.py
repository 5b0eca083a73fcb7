"""Many workers hear of one won deal at the same moment: one plan comes of it."""

import pytest

from accounts.deals import services as deals
from accounts.foundation.clock import now
from accounts.portfolio.models import AccountEvent
from retention.success_plans import starting
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from tests.threads import at_once

WORKERS = 8


@pytest.mark.django_db(transaction=True)
def test_one_plan_for_a_deal_however_many_start_it(northwind, amelia):
    deal = deals.enter(northwind, name="First year", type="new", state="won", by=None, at=now())
    made = at_once(*[lambda: starting.start_for(deal, won_at=now(), at=now())] * WORKERS)
    assert sum(plan is not None for plan in made) == 1
    plan = SuccessPlan.objects.get()
    assert PlanObjective.objects.count() == plan.objectives.count() == 3
    assert PlanTask.objects.count() == plan.tasks.count()
    assert AccountEvent.objects.filter(kind="plan.started").count() == 1
