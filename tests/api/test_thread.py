"""The thread over the REST API alone: an account is created, its use drops, the work that came is read and done."""

from typing import Any

import pytest
from django.test import Client

from accounts.team.models import User
from tests.api.conftest import Api, problems
from tests.cast import send, usage

ACCOUNT = {
    "name": "Northwind Traders",
    "csm": "amelia",
    "external_ids": [{"source": "product", "id": "acct-42"}],
}


@pytest.fixture
def item(client: Client, api: Api, with_key: Any, ingest_key: str, amelia: User, pump: Any) -> dict[str, Any]:
    """The one piece of work that came of the signals, as its detail shows it."""
    assert with_key("admin").post("plays/usage_drop/activate/").json()["is_active"] is True
    assert api.post("accounts/", ACCOUNT).status_code == 201
    contract = {"account": "northwind-traders", "arr": 48000, "starts_on": "2026-01-01", "ends_on": "2099-12-31"}
    assert api.post("contracts/", contract).status_code == 201
    send(client, ingest_key, usage())
    pump()
    [listed] = api.list("work-items/", account="northwind-traders")
    return api.one(f"work-items/{listed['id']}/")


def test_facts_say_what_was_sent_and_where_from(item, api):
    facts = {fact["fact"]: fact for fact in api.list("accounts/northwind-traders/facts/")}
    assert facts["active_users_30d"]["value"] == 2
    assert facts["active_users_change_30d"]["value"] == pytest.approx(-0.8333, abs=1e-4)
    assert facts["active_users_30d"]["source"] == "product"
    assert facts["active_users_30d"]["observed_at"] is not None
    assert (facts["arr"]["value"], facts["arr"]["unit"], facts["arr"]["source"]) == (48000, "USD", "contracts")
    assert facts["contract_end_date"]["value"] == "2099-12-31"
    assert facts.keys() == {fact["key"] for fact in api.list("fact-definitions/")}


def test_the_stage_follows_its_criteria_with_evidence(item, api):
    assert api.one("accounts/northwind-traders/")["stage"] == "closed_won"
    assert [found["key"] for found in api.list("accounts/", stage="closed_won")] == ["northwind-traders"]
    [standing] = api.list("account-stages/", account="northwind-traders", lifecycle="go_to_market")
    assert (standing["lifecycle"], standing["stage"]) == ("go_to_market", "closed_won")
    [change] = api.list("stage-changes/", account="northwind-traders", lifecycle="go_to_market")
    assert (change["from_stage"], change["to_stage"]) == (None, "closed_won")
    assert [clause["fact"] for clause in change["evidence"]["clauses"]] == ["closed_won_at"]
    assert api.one(f"stage-changes/{change['id']}/") == change


def test_the_work_says_why_it_came(item):
    assert item["assignee"] == "amelia"
    assert item["state"] == "open"
    assert item["reason"]["title"] == "Usage drop"
    [clause] = item["reason"]["clauses"]
    assert clause["fact"] == "active_users_change_30d"
    assert clause["observed"] == pytest.approx(-0.8333, abs=1e-4)
    assert (clause["operator"], clause["value"], clause["truth"]) == ("lessThan", -0.3, True)
    assert clause["observed_text"] == "−83 %"
    assert {"next_step_agreed", "false_alarm"} <= {outcome["key"] for outcome in item["outcomes"]}


def test_the_run_and_its_decision_carry_the_same_reason(item, api):
    [run] = api.list("runs/", play="usage_drop", account="northwind-traders", state="open")
    assert [step["work_item"] for step in run["steps"]] == [item["id"]]
    assert run["reason"]["clauses"] == item["reason"]["clauses"]
    [decision] = api.list("decisions/", play="usage_drop", outcome="fired")
    assert decision["id"] == run["decision"]
    assert decision["reason"] == run["reason"]


def test_sending_everything_again_changes_nothing(item, api, client, ingest_key, pump):
    def counts() -> dict[str, int]:
        paths = ("runs/", "decisions/", "work-items/", "stage-changes/", "accounts/northwind-traders/timeline/")
        return {path: len(api.list(path)) for path in paths}

    before = counts()
    send(client, ingest_key, usage())
    pump()
    assert counts() == before


def test_closing_the_work_ends_the_run_and_the_timeline_tells_it(item, api, pump):
    closing = {"outcome": "next_step_agreed", "note": "Training on Thursday", "minutes": 25}
    closed = api.post(f"work-items/{item['id']}/close/", closing).json()
    assert (closed["state"], closed["outcome"], closed["minutes"]) == ("done", "next_step_agreed", 25)
    pump()
    [run] = api.list("runs/")
    assert run["state"] == "ended"
    assert [step["state"] for step in run["steps"]] == ["done"]
    told = api.list("accounts/northwind-traders/timeline/")
    assert [entry["kind"] for entry in told][:2] == ["run.ended", "work.closed"]
    assert "Spoke, next step agreed" in told[1]["sentence"]
    assert told[1]["actor"] == closed["closed_by"]


def test_work_is_closed_once(item, api):
    closing = {"outcome": "done"}
    assert api.post(f"work-items/{item['id']}/close/", closing).status_code == 200
    response = api.post(f"work-items/{item['id']}/close/", closing)
    problems(response, 409)
    assert "closed this on" in response.json()["detail"]
    problems(api.post(f"work-items/{item['id']}/reassign/", {"assignee": None}), 409)


@pytest.mark.parametrize(
    ("closing", "field"),
    [
        ({}, "outcome"),
        ({"outcome": "great"}, "outcome"),
        ({"outcome": 7.5}, "outcome"),
        ({"outcome": "false_alarm"}, "note"),
        ({"outcome": "done", "minutes": -1}, "minutes"),
        ({"outcome": "done", "minutes": 10**12}, "minutes"),
        ({"outcome": "done", "comment": "x"}, "comment"),
        ({"outcome": "done", "note": {"a": 1}}, "note"),
    ],
)
def test_a_wrong_closing_is_refused_and_the_work_stays_open(item, api, closing, field):
    assert list(problems(api.post(f"work-items/{item['id']}/close/", closing))) == [field]
    assert api.one(f"work-items/{item['id']}/")["state"] == "open"


def test_work_is_handed_to_somebody_else(item, api, bruno):
    handed = api.post(f"work-items/{item['id']}/reassign/", {"assignee": "bruno"})
    assert handed.json()["assignee"] == "bruno"
    assert api.list("work-items/", assignee="bruno")
    assert not api.list("work-items/", assignee="amelia")
    assert api.post(f"work-items/{item['id']}/reassign/", {"assignee": None}).json()["assignee"] is None
    assert [found["id"] for found in api.list("work-items/", unassigned="true")] == [item["id"]]
    assert "There are:" in problems(api.post(f"work-items/{item['id']}/reassign/", {"assignee": "x"}))["assignee"]


def test_work_is_found_by_what_the_lists_are_asked(item, api):
    assert api.list("work-items/", state="open", kind="task", due_before="2999-01-01T00:00:00Z")
    assert not api.list("work-items/", state="done")
    assert not api.list("work-items/", due_before="2020-01-01")


def test_her_csm_does_it_all_in_her_session(item, as_user, amelia):
    session = as_user(amelia)
    assert [found["key"] for found in session.list("accounts/")] == ["northwind-traders"]
    assert session.one(f"work-items/{item['id']}/")["reason"] == item["reason"]
    assert session.post(f"work-items/{item['id']}/close/", {"outcome": "done"}).json()["closed_by"] == "amelia"


def test_signals_wait_for_their_account_and_come_by_themselves(api, client, ingest_key, pump):
    send(client, ingest_key, usage(group="acct-77"))
    pump()
    waiting = api.list("quarantined-items/", group="acct-77", reason="unknown_account")
    assert waiting
    assert api.one(f"quarantined-items/{waiting[0]['id']}/") == waiting[0]
    assert api.post(f"quarantined-items/{waiting[0]['id']}/replay/").json() == {"replayed": 1}
    problems(api.post(f"quarantined-items/{waiting[0]['id']}/replay/"), 404)
    api.post("accounts/", {"name": "Late", "external_ids": [{"source": "product", "id": "acct-77"}]})
    pump()
    assert not api.list("quarantined-items/")
    facts = {fact["fact"]: fact["value"] for fact in api.list("accounts/late/facts/")}
    assert facts["active_users_30d"] == 2
