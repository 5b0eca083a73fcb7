"""The step *human task*: who gets it, when it is due, and what its configuration may be."""

import datetime as dt

import pytest

from accounts.portfolio import services as portfolio
from accounts.workspace.models import Workspace
from plays.runs.models import Run, StepRun
from plays.steps import human_task
from plays.steps import services as steps
from plays.triggers import services as triggers
from retention.evaluation.rules import catalogue
from retention.work import queries as work_queries
from retention.work.models import WorkItem
from tests.factories.accounts import (
    AT,
    AccountFactory,
    AccountFactsFactory,
    AccountMemberFactory,
    RoleFactory,
    UserFactory,
    WorkspaceFactory,
)
from tests.factories.retention import WorkItemFactory
from tests.plays.drafts import TASK, StepDraft, active_play, edge

pytestmark = pytest.mark.django_db
SOONER = {"when": {"fact": "active_users_30d", "operator": "lessThan", "value": 2}, "due": "4 bh"}


@pytest.fixture
def csm():
    return UserFactory(first_name="Amelia")


@pytest.fixture
def account(csm):
    account = AccountFactory(name="Northwind")
    AccountMemberFactory(account=account, user=csm)
    return account


def task_for(account, **config) -> WorkItem:
    """The work of a run with this one step, started on Wednesday, 4 March 2026 at 10:00 UTC."""
    play = active_play(steps=(StepDraft("call", "human_task", {**TASK, **config}),))
    edge(play, account)
    triggers.fire(at=AT)
    assert steps.advance(at=AT) == 1
    return WorkItem.objects.get()


def test_becomes_work_of_the_owner_it_names(account, csm):
    item = task_for(account)
    assert (item.assignee, item.account, item.state) == (csm, account, "open")
    assert (item.title, item.guidance) == ("Call Northwind", "Ask what changed.")
    step = StepRun.objects.get()
    assert (step.state, step.work_item, step.started_at) == ("waiting", item, AT)


def test_the_owner_may_be_any_part_of_the_account_team(account):
    ae = UserFactory()
    AccountMemberFactory(account=account, user=ae, part="ae")
    assert task_for(account, owner="ae").assignee == ae


@pytest.mark.parametrize("vacancy", ["nobody", "left"])
def test_where_nobody_is_an_operator_stands_in(vacancy, account, csm):
    operator = UserFactory(role=RoleFactory(key="operator"))
    if vacancy == "nobody":
        portfolio.assign(account, part="csm", user=None, by=None, at=AT)
    else:
        type(csm).objects.filter(pk=csm.pk).update(is_active=False)
    item = task_for(account)
    assert (item.assignee, item.title) == (operator, "No CSM yet: Call Northwind")


def test_without_an_operator_it_waits_for_whoever_takes_it(account):
    UserFactory(role=RoleFactory(key="operator"), is_active=False)
    portfolio.assign(account, part="csm", user=None, by=None, at=AT)
    item = task_for(account)
    assert (item.assignee, item.title) == (None, "No CSM yet: Call Northwind")


def test_is_due_in_business_time(account):
    assert task_for(account).due_at == AT + dt.timedelta(days=1)


@pytest.mark.parametrize(
    ("of_user", "of_workspace", "due"),
    [
        ("", "UTC", "2026-03-04T17:00+00:00"),
        ("", "America/New_York", "2026-03-04T21:00+00:00"),
        ("America/Los_Angeles", "America/New_York", "2026-03-05T00:00+00:00"),
    ],
)
def test_is_due_in_the_zone_of_whoever_has_to_act(of_user, of_workspace, due, account, csm):
    """Seven hours from 10:00 UTC: 17:00 in UTC; the eastern and western mornings begin later."""
    WorkspaceFactory(time_zone=of_workspace)
    csm.time_zone = of_user
    csm.save()
    assert task_for(account, due="7 bh").due_at == dt.datetime.fromisoformat(due)
    assert Workspace.objects.get().time_zone == of_workspace


@pytest.mark.parametrize(
    ("users", "due"), [(1, dt.timedelta(hours=4)), (2, dt.timedelta(days=1)), (None, dt.timedelta(days=1))]
)
def test_is_due_sooner_only_when_that_condition_is_true(users, due, account):
    AccountFactsFactory(account=account, active_users_30d=users)
    assert task_for(account, sooner=SOONER).due_at == AT + due


def test_without_any_facts_it_is_not_due_sooner(account):
    assert task_for(account, sooner=SOONER).due_at == AT + dt.timedelta(days=1)


def test_the_work_says_why_it_came(account):
    reason = work_queries.reason(task_for(account))
    assert (reason.title, reason.version, reason.at) == ("Usage low", "version 1", AT)
    assert reason.sentence == "Active users 2 (is below 3)"


def test_other_work_has_no_reason_of_a_play(account):
    task_for(account)
    assert work_queries.reason(WorkItemFactory(account=account)) is None


@pytest.mark.parametrize(
    ("change", "path", "message"),
    [
        ({"title": None}, ".title", "is missing"),
        ({"title": "  "}, ".title", "is missing"),
        ({"title": 5}, ".title", "is missing"),
        ({"guidance": ["Ask"]}, ".guidance", "expected some text"),
        ({"owner": None}, ".owner", "expected one of csm, ae, onboarding_lead"),
        ({"owner": "boss"}, ".owner", "expected one of csm"),
        ({"owner": ["csm"]}, ".owner", "expected one of csm"),
        ({"due": None}, ".due", "Write 4 bh, 1 bd or 3 d"),
        ({"due": 4}, ".due", "Write 4 bh, 1 bd or 3 d"),
        ({"due": "soon"}, ".due", "'soon' is no duration. Write 4 bh, 1 bd or 3 d"),
        ({"colour": "red"}, ".colour", "unknown key; a human task has due, guidance, owner, sooner, title"),
        ({"sooner": "4 bh"}, ".sooner", "a condition under `when` and a duration under `due`"),
        ({"sooner": {"due": "4 bh"}}, ".sooner", "a condition under `when` and a duration under `due`"),
        ({"sooner": {**SOONER, "due": "now"}}, ".sooner.due", "'now' is no duration"),
        ({"sooner": {**SOONER, "when": {"all": []}}}, ".sooner.when.all", ""),
        ({"sooner": {**SOONER, "when": {**SOONER["when"], "fact": "mood"}}}, ".sooner.when.fact", "mood"),
    ],
)
def test_says_what_is_wrong_with_a_configuration(change, path, message):
    [trouble] = human_task.check({**TASK, **change}, catalogue())
    assert trouble.path == path
    assert message in trouble.message


def test_names_every_problem_of_a_configuration():
    paths = [trouble.path for trouble in human_task.check({"colour": "red"}, catalogue())]
    assert paths == [".colour", ".title", ".owner", ".due"]


def test_finds_nothing_wrong_with_a_good_configuration():
    assert human_task.check(TASK, catalogue()) == []
    assert human_task.check({**TASK, "sooner": SOONER}, catalogue()) == []
    assert human_task.check({name: TASK[name] for name in ("title", "owner", "due")}, catalogue()) == []
    assert not Run.objects.exists()
