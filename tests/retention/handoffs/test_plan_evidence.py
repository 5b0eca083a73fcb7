"""A success plan as evidence: drafted from the checklist before the win, and carried out with it."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.deals import services as deals
from accounts.events import services as events
from accounts.foundation.clock import now
from retention.handoffs import services
from retention.handoffs.checklist import checklist
from retention.success_plans.models import SuccessPlan
from tests.factories import retention
from tests.retention.handoffs.handing import item, of, won

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(account, sal):
    """The handoff of a deal that is in commit."""
    return of(won(account, sal, state="committed"))


def line(handoff):
    found = checklist(handoff).line("draft_plan")
    assert found is not None
    return found


def test_one_click_drafts_the_plan_of_the_persona_and_the_win_fills_it(client, draft, sal):
    client.force_login(sal)
    page = client.get(reverse("admin:retention_handoff_change", args=[draft.pk])).content.decode()
    assert "Draft it from “" in page
    address = reverse("admin:retention_handoff_item", args=[draft.pk, "draft_plan"])
    answer = client.post(address, {"revision": "0", "draft": "yes", "value": ""}, headers={"hx-request": "true"})
    assert answer.status_code == 200, answer.content
    plan = SuccessPlan.objects.get()
    assert (plan.deal, plan.is_draft, plan.tasks.count(), plan.review) == (draft.deal, True, 0, None)
    assert plan.name in answer.content.decode()
    assert line(draft).is_done
    goals = set(plan.objectives.values_list("pk", flat=True))
    for state in ("won", "open", "won"):
        deals.change(draft.deal, state=state, by=None, at=now())
        events.react()
    plan = SuccessPlan.objects.get()
    assert (plan.is_draft, plan.state) == (False, "open")
    assert set(plan.objectives.values_list("pk", flat=True)) == goals
    assert {task.list for task in plan.tasks.all()} == {plan.template.template.key, plan.path.template.key, "won"}
    assert plan.tasks.filter(list=plan.template.template.key, objective__in=goals).exists()
    assert plan.review is not None


def test_a_draft_of_a_deal_that_is_lost_ends(draft, account):
    services.draft_plan(draft, item(draft, "draft_plan"), revision=0, by=None, at=now())
    deals.change(draft.deal, state="lost", lost_reason="Budget", by=None, at=now())
    events.react()
    assert SuccessPlan.objects.get().state == "closed"
    assert not account.work.filter(title__startswith="Decide about the plan").exists()


def test_a_plan_without_measure_or_date_is_no_evidence_yet(draft, account):
    plan = retention.SuccessPlanFactory(account=account)
    retention.PlanObjectiveFactory(plan=plan, measure="Minutes", due_on=None)
    services.save(draft, item(draft, "draft_plan"), plan, revision=0, by=None, at=now())
    assert not line(draft).is_done
    plan.objectives.update(due_on=now().date())
    assert line(draft).is_done


@pytest.mark.parametrize("value", ["A link", True, 7])
def test_anything_else_is_refused(draft, value):
    with pytest.raises(ValidationError, match="Choose a success plan of Northwind"):
        services.save(draft, item(draft, "draft_plan"), value, revision=0, by=None, at=now())


def test_a_plan_of_somebody_else_is_refused(client, draft, sal):
    other = retention.SuccessPlanFactory()
    with pytest.raises(ValidationError, match="Choose a success plan of Northwind"):
        services.save(draft, item(draft, "draft_plan"), other, revision=0, by=None, at=now())
    client.force_login(sal)
    address = reverse("admin:retention_handoff_item", args=[draft.pk, "draft_plan"])
    for said in (str(other.pk), "9" * 30, "x"):
        answer = client.post(address, {"revision": "0", "value": said}, headers={"hx-request": "true"})
        assert answer.status_code == 400
    assert not draft.answers.filter(item__key="draft_plan").exists()


def test_a_deal_has_one_plan_however_often_it_is_drafted(draft):
    services.draft_plan(draft, item(draft, "draft_plan"), revision=0, by=None, at=now())
    with pytest.raises(ValidationError, match="has a plan already"):
        services.draft_plan(draft, item(draft, "draft_plan"), revision=1, by=None, at=now())
    assert SuccessPlan.objects.count() == 1
