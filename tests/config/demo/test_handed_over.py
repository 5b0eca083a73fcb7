"""The demo book tells how customers are handed over and what is reached with them: no page of it is empty."""

import datetime as dt

import pytest

from accounts.foundation.clock import now
from accounts.team.models import User
from accounts.touches.models import Touch
from retention.handoffs import queries
from retention.handoffs.models import Handoff
from retention.risks.models import Risk
from retention.slas.models import Clock
from retention.success_plans import prospects
from retention.success_plans.models import PlanTask
from retention.success_plans.office_hours import queries as hours
from retention.success_plans.office_hours.models import OfficeHours
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.prospect_models import ProspectLink

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("said")]


def handoff(name: str) -> Handoff:
    rows = Handoff.objects.select_related("work__clock", "giver", "receiver", "account")
    return rows.get(account__name=name)


def test_the_draft_of_a_deal_in_commit_is_more_than_half_ready_and_lacks_what_is_due_then():
    draft = handoff("Nimbus Paper Works")
    assert draft.state == Handoff.State.DRAFT
    assert 50 <= draft.readiness <= 70
    assert draft.work is None
    given = set(draft.answers.values_list("item__key", flat=True))
    assert not {"value_hypothesis", "draft_plan"} & given


def test_the_executive_has_two_to_complete_and_one_draft():
    turns = queries.turns(User.objects.get(username="liam"))
    assert {one.account.name for one in turns.begun} == {"Juniper Row Bakeries", "Tidewater Freight Lines"}
    assert [one.account.name for one in turns.drafts] == ["Nimbus Paper Works"]
    assert turns.first_due_at is not None
    assert turns.first_due_at > now()


def test_two_items_came_back_with_coded_reasons():
    returned = handoff("Tidewater Freight Lines")
    assert returned.state == Handoff.State.RETURNED
    assert set(returned.returns.values_list("reason", flat=True)) == {"vague_value", "wrong_contact"}


def test_one_ran_out_of_time_and_the_leaders_know():
    late = handoff("Halcyon Dental Group")
    assert late.work is not None
    assert late.work.clock is not None
    assert late.work.clock.level == Clock.Level.ESCALATED


def test_one_waits_for_the_customer_and_its_clock_stands_still():
    waiting = handoff("Ironwood Legal Partners")
    assert waiting.work is not None
    assert waiting.work.is_waiting
    assert waiting.promised, "what was promised does not move"


def test_an_expansion_has_the_short_one():
    assert handoff("Delmar Aerospace Components").version.template.key == "expansion"


def test_one_was_accepted_with_every_promise_judged():
    accepted = handoff("Kestrel Hill Robotics")
    assert accepted.state == Handoff.State.ACCEPTED
    verdicts = set(accepted.promises.values_list("verdict", flat=True))
    assert verdicts == {"can_keep", "needs_product", "cannot_keep"}


def test_its_plan_is_shared_ticked_and_led_to_a_win():
    link = PlanLink.objects.select_related("plan", "stakeholder").get()
    assert link.opens_at(now())
    ticked = link.plan.tasks.filter(done_by_customer=link.stakeholder)
    assert ticked.exists()
    assert link.plan.tasks.filter(side=PlanTask.Side.THEIRS, their_owner=link.stakeholder, state="open").count() == 3
    assert link.plan.objectives.filter(state="closed").exclude(evidence="").exists()
    assert PlanWin.objects.get(plan=link.plan).thanks_to is not None


def test_office_hours_have_a_next_date_and_somebody_came():
    series = {one.title: one for one in hours.complete_rows(OfficeHours.objects.all())}
    weekly, clinic = (
        hours.shown(one, at=now()) for one in (series["Office hours: ask us anything"], series["Reports clinic"])
    )
    assert weekly.next_at is not None
    assert not weekly.is_due
    assert {one.state for one in weekly.series.sessions.all()} == {"planned", "held", "left_out"}
    assert clinic.is_due, "she has not said yet who came"
    assert Touch.objects.filter(purpose="office_hours", account=weekly.series.plan.account).count() >= 2
    reviewed = weekly.series.plan
    assert reviewed.review.due_at > now() - dt.timedelta(days=1)


def test_a_prospect_looked_at_their_page_and_another_one_was_taken_back(client):
    page, gone = ProspectLink.objects.order_by("pk").select_related("template")
    assert (page.company, page.deal.account.name) == ("Nimbus Paper Works", "Nimbus Paper Works")
    assert page.last_seen_at is not None
    opened, closed = (client.get("/s/" + prospects.address(one).partition("/s/")[2]) for one in (page, gone))
    assert (opened.status_code, closed.status_code) == (200, 410)
    assert "Nimbus Paper Works" in opened.content.decode()


def test_risks_have_a_next_step_and_one_came_true():
    assert set(Risk.objects.filter(state="open").exclude(next_step="").values_list("owner__username", flat=True)) == {
        "maya",
        "ethan",
    }
    assert Risk.objects.get(state="closed").lesson
