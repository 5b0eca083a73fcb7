"""What becomes of the tasks of somebody who leaves."""

import pytest

from accounts.foundation.clock import now
from accounts.team import leaving
from retention.success_plans import services, tasks
from retention.work.queries import open_for
from tests.cast import person
from tests.factories import retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(starter):
    return person("ines", role="administrator", group=None)


@pytest.fixture
def task(northwind, amelia):
    plan = retention.SuccessPlanFactory(account=northwind)
    values = {"title": "Look at the figures", "side": "ours", "our_owner": amelia, "repeat_days": 7}
    return tasks.add_by_hand(plan, by=amelia, at=now(), due_on=now().date(), **values)


def leaves(user, heir, by):
    counts = leaving.plan_leaving(user, at=now()).counts
    return leaving.deactivate(user, heirs=dict.fromkeys(counts, heir), by=by, at=now())


def test_the_heir_has_the_task_its_work_and_what_comes_after_it(task, amelia, bruno, ines):
    assert leaves(amelia, bruno, ines).counts["plan_tasks"] == 1
    task.refresh_from_db()
    assert task.our_owner == bruno
    assert list(open_for(bruno)) == [task.work_item]
    tasks.finish(task, by=bruno, at=now())
    assert task.plan.tasks.get(state="open").our_owner == bruno


def test_what_waited_while_they_left_goes_on_and_comes_again_for_whoever_has_the_work(task, amelia, bruno, ines):
    services.hold(task.plan, because="Their budget", by=bruno, at=now())
    leaves(amelia, bruno, ines)
    services.go_on(task.plan, by=bruno, at=now())
    task.refresh_from_db()
    tasks.finish(task, by=bruno, at=now())
    again = task.plan.tasks.get(state="open")
    assert (again.our_owner, again.work_item.assignee) == (bruno, bruno)  # to whom the work went
    tasks.reopen(task, by=bruno, at=now())
    assert task.work_item.assignee == bruno
