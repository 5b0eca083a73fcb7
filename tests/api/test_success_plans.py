"""Success plans over the API: started, worked on by two, closed with evidence, shared and taken back."""

import pytest

from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from retention.success_plans.models import PlanObjective
from tests.api.conftest import problems

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(northwind):
    return stakeholders.add(northwind, name="Ines", roles=["champion"], by=None, at=now())


@pytest.fixture
def plan(api, northwind, ines):
    made = api.post("success-plans/", {"account": northwind.key, "template": "pilot", "lists": ["launch"]})
    assert made.status_code == 201, made.content
    return made.json()


def test_a_plan_is_started_with_what_its_templates_say(api, plan):
    assert (plan["template"], plan["path"], plan["state"]) == ("pilot", None, "open")
    assert len(api.list("plan-objectives/", plan=plan["id"])) == 3
    assert {task["side"] for task in api.list("plan-tasks/", plan=plan["id"])} == {"ours", "theirs"}
    again = api.post(f"success-plans/{plan['id']}/add-tasks/", {"template": "launch"})
    assert "part of this plan already" in problems(again)["template"]


def test_two_who_save_the_same_row_are_told_both_versions(api, plan):
    row = api.list("plan-objectives/", plan=plan["id"])[0]
    path = f"plan-objectives/{row['id']}/"
    assert api.patch(path, {"effort": "1 hour", "version": row["version"]}).json()["version"] == row["version"] + 1
    refused = api.patch(path, {"effort": "3 hours", "version": row["version"]})
    assert refused.status_code == 409
    assert "1 hour" in refused.json()["detail"]
    assert "3 hours" in refused.json()["detail"]
    assert "version" in problems(api.patch(path, {"effort": "3 hours"}))


def test_an_objective_closes_with_evidence_and_a_next_step_alone(api, plan, amelia):
    row = api.list("plan-objectives/", plan=plan["id"])[0]
    path = f"plan-objectives/{row['id']}/close/"
    assert set(problems(api.post(path, {}))) == {"evidence", "next_step"}
    closed = api.post(path, {"evidence": "It ran twice.", "next_step": "The next team"}).json()
    assert (closed["state"], closed["next_step"]) == ("closed", "The next team")
    assert api.post(path, {}).status_code == 409
    assert api.post(f"plan-objectives/{row['id']}/reopen/").json()["state"] == "open"


def test_rows_are_added_to_a_plan_until_it_is_completed(api, plan, ines):
    number = plan["id"]
    objective = api.post("plan-objectives/", {"plan": number, "goal": "Ten users", "target": "10"}).json()
    task = {"plan": number, "side": "theirs", "title": "Invite ten users", "their_owner": ines.pk}
    task = api.post("plan-tasks/", task | {"objective": objective["id"]}).json()
    assert api.post(f"plan-tasks/{task['id']}/finish/").json()["state"] == "done"
    assert api.post(f"plan-tasks/{task['id']}/reopen/").json()["state"] == "open"
    win = {"plan": number, "title": "Faster", "before": "4 h", "after": "20 min", "happened_on": "2026-04-20"}
    assert api.post("plan-wins/", win | {"thanks_to": ines.pk}).json()["thanks_to"] == ines.pk
    first = api.one(f"success-plans/{number}/")["review_due_at"]
    reviewed = api.post(f"success-plans/{number}/review/").json()
    assert (reviewed["reviewed_at"] is not None, reviewed["review_due_at"] >= first) == (True, True)
    assert api.post(f"success-plans/{number}/complete/").json()["state"] == "closed"
    refused = api.post("plan-objectives/", {"plan": number, "goal": "One more"})
    assert refused.status_code == 409
    assert api.post(f"success-plans/{number}/review/").status_code == 409
    assert PlanObjective.objects.filter(plan=number).count() == 4
    assert api.post(f"success-plans/{number}/go-on/").json()["state"] == "open"


def test_a_link_opens_the_page_until_it_is_revoked(api, with_key, client, plan, ines):
    link = api.post("plan-links/", {"plan": plan["id"], "stakeholder": ines.pk, "language": "fr"}).json()
    path = link["address"][link["address"].index("/s/") :]
    assert client.get(path).status_code == 200
    assert with_key("read").one(f"plan-links/{link['id']}/")["address"] is None
    assert api.post(f"plan-links/{link['id']}/revoke/").json()["address"] is None
    assert client.get(path).status_code == 410
    assert api.post(f"plan-links/{link['id']}/revoke/").status_code == 409


def test_what_is_not_theirs_to_see_does_not_exist(as_user, carla, plan):
    theirs = as_user(carla)
    assert theirs.list("success-plans/") == []
    assert theirs.get(f"success-plans/{plan['id']}/").status_code == 404
    assert "no success plan" in problems(theirs.post("plan-objectives/", {"plan": plan["id"], "goal": "x"}))["plan"]


def test_a_prospect_is_shown_a_template_until_it_is_taken_back(api, with_key, starter, client):
    made = api.post("prospect-links/", {"template": "public_onboarding", "company": "Fern", "language": "es"}).json()
    assert (made["is_open"], made["company"], made["deal"]) == (True, "Fern", None)
    path = "/s/" + made["address"].partition("/s/")[2]
    assert client.get(path).status_code == 200
    assert api.post(f"prospect-links/{made['id']}/revoke/").json()["address"] is None
    assert client.get(path).status_code == 410
    assert api.post(f"prospect-links/{made['id']}/revoke/").status_code == 409
    assert api.post("prospect-links/", {"template": "kickoff"}).status_code == 400
    assert "public_onboarding" in problems(api.post("prospect-links/", {"template": "none"}))["template"]
