"""Milestones and risks on the REST API: read by whoever sees the account, changed by whoever may change it."""

import datetime as dt

from accounts.facts import projection
from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from retention.milestones.models import AccountMilestone
from retention.risks.models import Risk
from tests.api.conftest import problems

DAY = dt.timedelta(days=1)


def test_a_program_says_that_a_milestone_was_reached_and_takes_it_back(with_key, northwind):
    api = with_key("write")
    body = {"account": northwind.key, "milestone": "value_proof", "reached_at": now().isoformat(), "evidence": " "}
    assert "evidence" in problems(api.post("account-milestones/", body))
    made = api.post("account-milestones/", body | {"evidence": "Minutes of the review."})
    assert made.status_code == 201, made.content
    while projection.project_dirty(at=now()):
        pass
    rows = {row["key"]: row["status"] for row in api.list(f"accounts/{northwind.key}/milestone-status/")}
    assert (rows["value_proof"], rows["first_value"]) == ("reached", "not_tracked")
    assert api.send("DELETE", f"account-milestones/{made.json()['id']}/").status_code == 204
    assert not AccountMilestone.objects.exists()


def test_a_risk_from_its_raising_to_its_end(with_key, northwind, amelia):
    api = with_key("write")
    day = (now() + DAY).date()
    body = {
        "account": northwind.key,
        "category": "commercial",
        "title": "Budget cut",
        "arr_minor": 4_800_000,
        "owner": "amelia",
        "next_step": "Ask for numbers",
        "next_step_on": f"{day}",
    }
    assert "next_step_on" in problems(api.post("risks/", body | {"next_step_on": "2020-01-01"}))
    assert not Risk.objects.exists()
    risk = api.post("risks/", body).json()
    path = f"risks/{risk['id']}"
    assert api.one(f"work-items/{risk['work_item']}/")["assignee"] == "amelia"
    remedies = api.post(f"{path}/remedies/", {"text": "Offer two years", "due_on": f"{day}"}).json()["remedies"]
    assert [one["text"] for one in remedies] == ["Offer two years"]
    assert api.post(f"{path}/review/", {"text": "They listen."}).status_code == 200
    assert "lesson" in problems(api.post(f"{path}/close/", {"outcome": "came_true"}))
    closed = api.post(f"{path}/close/", {"outcome": "came_true", "lesson": "Ask sooner."}).json()
    assert (closed["state"], closed["next_step"], closed["work_item"]) == ("closed", "", None)
    problems(api.post(f"{path}/close/", {"outcome": "resolved"}), status=409)
    assert api.list("risks/", state="open") == []


def test_a_reader_raises_nothing(with_key, northwind):
    assert with_key("read").post("risks/", {}).status_code == 403


def test_a_model_is_published_and_its_wrong_places_are_named(with_key, starter):
    api = with_key("admin")
    model = api.list("risk-models/")[0]
    body = {name: model[name] for name in ("medium_from", "high_from", "unknown_from", "signals")}
    assert api.post("risk-models/", body).json()["number"] == model["number"]
    assert api.post("risk-models/", body | {"high_from": 9}).json()["number"] == model["number"] + 1
    assert "high_from" in problems(api.post("risk-models/", body | {"high_from": 2}))


def test_a_milestone_that_moves_much_is_asked_about_first(with_key, northwind):
    api = with_key("admin")
    while projection.project_dirty(at=now()):
        pass
    routes = [{"key": "all", "name": "All", "condition": {"fact": "account_created_at", "operator": "isKnown"}}]
    body = {"key": "there", "name": "It is there", "routes": routes}
    assert api.post("value-milestones/", body).status_code == 200
    by_hand = body | {"routes": [{"key": "all", "name": "All"}]}
    refused = api.post("value-milestones/", by_hand)
    assert refused.status_code == 400
    assert "1 of 1 accounts (100 %) stand otherwise." in refused.content.decode()
    assert api.post("value-milestones/", by_hand | {"confirmed": True}).json()["routes"][0]["condition"] is None


def test_a_model_that_moves_much_is_asked_about_first(with_key, northwind):
    api = with_key("admin")
    while projection.project_dirty(at=now()):
        pass
    when = {"fact": "account_created_at", "operator": "isKnown"}
    body = {"signals": [{"key": "there", "name": "It is there", "points": 4, "when": when}]}
    refused = api.post("risk-models/", body)
    assert refused.status_code == 400
    assert "1 of 1 accounts (100 %) come into another tier." in refused.content.decode()
    assert api.list("risk-models/")[0]["number"] == 1
    assert api.post("risk-models/", body | {"confirmed": True}).json()["number"] == 2


def test_whom_we_must_know_is_published_and_told_for_an_account(with_key, northwind):
    api = with_key("admin")
    body = {"segments_by": "use_case", "lines": [{"people": 2, "roles": [{"role": "champion"}]}]}
    made = api.post("coverage-policies/", body).json()
    assert (made["number"], made["lines"][0]["roles"][0]["role"]) == (2, "champion")
    assert api.post("coverage-policies/", body).json()["number"] == 2
    twice = body | {"lines": body["lines"] * 2}
    assert "lines[1]" in problems(api.post("coverage-policies/", twice))
    assert "segments_by" in problems(api.post("coverage-policies/", body | {"segments_by": "mood"}))
    told = api.one(f"accounts/{northwind.key}/coverage/")
    assert (told["share"], told["missing"], told["single_threaded"]) == (None, ["champion"], None)
    stakeholders.add(northwind, name="Ada", roles=["champion"], by=None, at=now())
    told = api.one(f"accounts/{northwind.key}/coverage/")
    assert (told["share"], told["missing"], told["single_threaded"]) == (1, [], True)
