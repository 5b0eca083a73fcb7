"""The plan in the console: its page, the forms over it, what is printed, templates that are changed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.foundation.clock import now
from retention.success_plans import objectives, reviews
from retention.success_plans.template_models import PlanTemplate
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db
FETCHED = {"X-Requested-With": "fetch"}


@pytest.fixture
def plan(northwind):
    return retention.SuccessPlanFactory(account=northwind, name="First year")


@pytest.fixture
def console(client, amelia):
    client.force_login(amelia)
    return client


def page(plan) -> str:
    return reverse("admin:retention_successplan_change", args=[plan.pk])


def form(name: str, row) -> str:
    return reverse(f"admin:retention_successplan_{name}", args=[row.pk])


def test_more_rows_cost_the_same_queries(console, plan, amelia):
    def add() -> None:
        person = accounts.StakeholderFactory(account=plan.account)
        objective = retention.PlanObjectiveFactory(
            plan=plan, their_owner=person, our_owner=amelia, fact="active_users_30d", target=10
        )
        retention.PlanTaskFactory.create_batch(3, plan=plan, objective=objective, their_owner=person)
        retention.PlanWinFactory(plan=plan, thanks_to=person)
        retention.PlanLinkFactory(plan=plan, stakeholder=person)

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert console.get(path).status_code == 200
        return len(asked)

    paths = [page(plan), f"{reverse('admin:accounts_account_change', args=[plan.account.pk])}?tab=plan"]
    add()
    few = [cost(path) and cost(path) for path in paths]
    for _ in range(10):
        add()
    assert [cost(path) for path in paths] == few


def test_an_objective_closes_only_with_what_it_needs(console, plan, amelia):
    person = accounts.StakeholderFactory(account=plan.account)
    row = retention.PlanObjectiveFactory(plan=plan)
    said = {"version": 1, "evidence": "20 minutes now", "effort": "2 hours", "due_on": "2026-12-01"}
    said |= {"our_owner": amelia.pk, "their_owner": person.pk}
    refused = console.post(form("close_objective", row), said, headers=FETCHED)
    assert refused.status_code == 400
    assert "Say what comes next" in refused.content.decode()
    assert console.post(form("close_objective", row), said | {"next_step": "More"}, headers=FETCHED).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.closed_by) == ("closed", amelia)


def test_a_stale_save_is_told_both_versions_and_changes_nothing(console, plan, bruno):
    row = retention.PlanObjectiveFactory(plan=plan)
    objectives.change(row, version=1, goal="Theirs", by=bruno, at=now())
    answer = console.post(form("objective", row), {"version": 1, "goal": "Mine"}, headers=FETCHED)
    assert answer.status_code == 409
    assert "Theirs" in answer.json()["message"]
    assert "Mine" in answer.json()["message"]
    assert console.post(form("objective", row), {"version": 1, "goal": "Mine"}).status_code == 409
    row.refresh_from_db()
    assert row.goal == "Theirs"


def test_a_plan_is_started_from_the_account_with_what_fits_chosen(console, northwind):
    path = reverse("admin:accounts_account_start-plan", args=[northwind.pk])
    assert '<option value="operations" selected>' in console.get(path).content.decode()
    said = {"template": "pilot", "path": "hubspot", "onboarding": "on"}
    assert console.post(path, said, headers=FETCHED).status_code == 200
    plan = northwind.success_plans.get()
    assert {task.list for task in plan.tasks.all()} == {"pilot", "hubspot", "won"}


def test_the_recap_credits_the_people_of_the_customer(console, plan):
    ines = accounts.StakeholderFactory(account=plan.account, name="Ines Albers")
    retention.PlanWinFactory(plan=plan, thanks_to=ines)
    retention.PlanWinFactory(plan=plan, title="Not for them", is_shared=False)
    text = console.get(form("recap", plan)).content.decode()
    assert "Ines Albers" in text
    assert "4 hours" in text
    assert "Not for them" not in text


def test_a_recap_before_anything_is_reached_credits_nobody(console, plan, amelia):
    lena = accounts.StakeholderFactory(account=plan.account, name="Lena Ortiz")
    goal = retention.PlanObjectiveFactory(plan=plan, their_owner=lena)
    assert "Lena Ortiz" not in console.get(form("recap", plan)).content.decode()
    said = {"effort": "An hour", "due_on": now().date(), "evidence": "Their figures", "next_step": "The next team"}
    objectives.close(goal, by=None, at=now(), our_owner=amelia, **said)
    assert "Lena Ortiz" in console.get(form("recap", plan)).content.decode()


def test_an_agenda_is_printed_with_its_minutes(console, plan):
    text = console.get(reverse("admin:retention_successplan_agenda", args=[plan.pk, "kickoff"])).content.decode()
    assert "45 min" in text
    assert "Goals in your words" in text


def test_a_template_is_changed_row_by_row_and_published_as_a_version(client, olga):
    client.force_login(olga)
    template = PlanTemplate.objects.get(key="weekly_review")
    path = reverse("admin:retention_plantemplate_edit", args=[template.pk])
    assert client.get(path).status_code == 200
    rows = ["The same numbers", "Two blockers", ""]
    said = {"name": template.name, "agenda-TOTAL_FORMS": len(rows), "agenda-INITIAL_FORMS": 3}
    for number, title in enumerate(rows):
        said |= {f"agenda-{number}-title": title, f"agenda-{number}-minutes": 5, f"agenda-{number}-ORDER": 3 - number}
    assert client.post(path, said).status_code == 302
    latest = template.versions.first()
    assert latest.number == 2
    assert [point.title for point in latest.content.agenda] == ["Two blockers", "The same numbers"]
    text = client.get(reverse("admin:retention_plantemplate_change", args=[template.pk])).content.decode()
    assert "Two blockers" in text


def test_a_row_that_is_wrong_is_named(client, olga):
    client.force_login(olga)
    template = PlanTemplate.objects.get(key="launch")
    path = reverse("admin:retention_plantemplate_edit", args=[template.pk])
    said = {
        "name": "Launch",
        "tasks-TOTAL_FORMS": 1,
        "tasks-INITIAL_FORMS": 0,
        "office_hours-TOTAL_FORMS": 0,
        "office_hours-INITIAL_FORMS": 0,
        "tasks-0-title": "A",
        "tasks-0-due": "x",
    }
    answer = client.post(path, said)
    assert answer.status_code == 400
    assert "Tasks 1, due" in answer.content.decode()
    assert template.versions.count() == 1


def test_a_longer_list_costs_the_same_queries(console, northwind):
    def add() -> None:
        plan = retention.SuccessPlanFactory(account=northwind)
        retention.PlanObjectiveFactory(plan=plan, fact="active_users_30d", target=10)
        retention.PlanTaskFactory(plan=plan)

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert console.get(reverse("admin:retention_successplan_changelist")).status_code == 200
        return len(asked)

    accounts.AccountFactsFactory(account=northwind, active_users_30d=5)
    add()
    few = cost() and cost()
    for _ in range(9):
        add()
    assert cost() == few


def test_a_plan_is_held_goes_on_and_is_completed(console, plan):
    for to, state in (("hold", "held"), ("go_on", "open"), ("complete", "closed")):
        assert console.post(form("move", plan), {"to": to}, headers=FETCHED).status_code == 200
        plan.refresh_from_db()
        assert plan.state == state


def test_its_name_and_the_days_between_reviews_are_changed(console, plan):
    reviews.hold(plan, by=None, at=now())
    before = plan.review.due_at
    assert console.post(form("edit", plan), {"name": "Year two", "review_days": 0}, headers=FETCHED).status_code == 400
    assert console.post(form("edit", plan), {"name": "Year two", "review_days": 30}, headers=FETCHED).status_code == 200
    plan.refresh_from_db()
    assert (plan.name, plan.review_days, plan.review.due_at > before) == ("Year two", 30, True)


def test_figures_are_shown_as_one_types_them(console, plan):
    row = retention.PlanObjectiveFactory(plan=plan, baseline=0, target=100, value="2.5")
    text = console.get(form("objective", row), headers=FETCHED).content.decode()
    assert [f'value="{figure}"' in text for figure in ("0", "100", "2.5", "2.5000")] == [True, True, True, False]


def test_a_closed_objective_is_opened_again(console, plan, amelia):
    person = accounts.StakeholderFactory(account=plan.account)
    row = retention.PlanObjectiveFactory(plan=plan)
    said = {"version": 1, "evidence": "Done", "effort": "2 hours", "due_on": "2026-12-01", "next_step": "More"}
    console.post(
        form("close_objective", row), said | {"our_owner": amelia.pk, "their_owner": person.pk}, headers=FETCHED
    )
    assert console.post(form("reopen_objective", row), headers=FETCHED).status_code == 200
    row.refresh_from_db()
    assert row.state == "open"
