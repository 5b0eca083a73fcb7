"""Definitions are published over the API as in the console: checked, asked about, and accounts placed silently."""

from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.portfolio.models import Account, AccountEvent
from config.api.examples import EXAMPLES
from retention.health.models import HealthModel
from retention.lifecycle import preview
from retention.lifecycle.models import AccountStage, Lifecycle, StagePlacement
from retention.segments.models import AccountSegment, Dimension
from tests.factories.accounts.book import AccountFactory
from tests.retention.evaluation.facts import evaluate, know


@pytest.fixture
def api(with_key: Any, northwind: Account) -> Any:
    know(northwind, employees=700, closed_won_at=now())
    evaluate(now())
    return with_key("admin")


def _stage(**values: Any) -> dict[str, Any]:
    return {"key": "a", "name": "A", "enter": {"fact": "closed_won_at", "operator": "isKnown"}} | values


@pytest.mark.parametrize("path", ["dimensions", "lifecycles", "health-models"])
def test_a_definition_is_published_and_the_same_again_is_the_same_version(api: Any, path: str) -> None:
    body = EXAMPLES[f"{path.replace('-', '_')}_create"]
    for _ in range(2):
        made = api.post(f"{path}/", body)
        assert made.status_code == 200, made.content
    told = made.json()
    version = told["version"]
    assert (version["number"] if isinstance(version, dict) else version) == 1
    assert api.get(f"{path}/{body['key']}/").json() == told


def test_accounts_are_placed_silently(api: Any, northwind: Account) -> None:
    moves = AccountEvent.objects.filter(kind="segment.changed")
    before = moves.count()
    assert api.post("dimensions/", EXAMPLES["dimensions_create"]).status_code == 200
    assert AccountSegment.objects.get(account=northwind, dimension__key="company_growth").segment.key == "large"
    assert moves.count() == before


@pytest.mark.parametrize(
    ("path", "change", "place"),
    [
        ("dimensions", {"segments": [{"key": "a", "name": "A", "condition": {"fact": "no"}}]}, "segments"),
        ("lifecycles", {"stages": []}, "stages"),
        (
            "lifecycles",
            {"stages": [{"key": "a", "name": "A", "enter": {"fact": "no", "operator": "isKnown"}}]},
            "stages[0].enter.fact",
        ),
        ("lifecycles", {"is_primary": True}, "is_primary"),
        ("lifecycles", {"stages": [_stage(behind_days=9, stuck_days=3)]}, "stages[0].stuck_days"),
        ("lifecycles", {"stages": [_stage(raci={"cs": "X"})]}, "stages[0].raci"),
        ("lifecycles", {"stages": [_stage(), _stage()]}, "stages[1].key"),
        ("dimensions", {"segments": [{"key": "a", "name": "A", "time_share": 500}]}, "time_share"),
        ("health-models", {"measures": []}, "measures"),
        ("health-models", {"applies": {"fact": "no", "operator": "isKnown"}}, "applies.fact"),
        ("health-models", {"weight": 1}, "weight"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_published(api: Any, path: str, change: Any, place: str) -> None:
    body = EXAMPLES[f"{path.replace('-', '_')}_create"] | change
    answer = api.post(f"{path}/", body)
    assert answer.status_code == 400, answer.content
    assert place in answer.content.decode()
    for model in (Dimension, Lifecycle, HealthModel):
        assert not model.objects.filter(key=body["key"]).exists()


def test_moving_much_of_the_book_asks_first_with_numbers(api: Any, northwind: Account) -> None:
    for path, change in {
        "dimensions": lambda body: [one["condition"].update(value=5000) for one in body["segments"][:2]],
        "lifecycles": lambda body: body["stages"][0].update(enter={"fact": "closed_won_at", "operator": "isUnknown"}),
    }.items():
        body = _copied(EXAMPLES[f"{path}_create"])
        assert api.post(f"{path}/", body).status_code == 200
        change(body)
        asked = api.post(f"{path}/", body)
        assert asked.status_code == 400, path
        assert "1 of 1 accounts (100 %) move" in asked.content.decode()
        assert api.post(f"{path}/", body | {"confirmed": True}).json()["version"] == 2


def test_a_book_whose_ids_are_far_from_one_is_looked_at(with_key: Any) -> None:
    far = AccountFactory(pk=2_000_000_000)
    know(far, closed_won_at=now())
    api, body = with_key("admin"), _copied(EXAMPLES["lifecycles_create"])
    assert api.post("lifecycles/", body).status_code == 200
    body["stages"][0].update(enter={"fact": "closed_won_at", "operator": "isUnknown"})
    assert "1 of 1 accounts (100 %) move" in api.post("lifecycles/", body).content.decode()


def test_what_was_not_looked_at_in_time_is_asked_about(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    body = _copied(EXAMPLES["lifecycles_create"])
    assert api.post("lifecycles/", body).status_code == 200
    body["stages"][0].update(normal_days=3, behind_days=5, stuck_days=9)
    monkeypatch.setattr(preview, "WITHIN_S", -1)
    asked = api.post("lifecycles/", body)
    assert asked.status_code == 400
    assert "only 0 accounts were looked at in time" in asked.content.decode()


def _copied(body: Any) -> Any:
    if isinstance(body, dict):
        return {key: _copied(value) for key, value in body.items()}
    return [_copied(one) for one in body] if isinstance(body, list) else body


def test_who_may_not_edit_definitions_publishes_none(with_key: Any, northwind: Account) -> None:
    for key in ("read", "write"):
        for path in ("dimensions", "lifecycles", "health_models"):
            answer = with_key(key).post(f"{path.replace('_', '-')}/", EXAMPLES[f"{path}_create"])
            assert answer.status_code == 403, (key, path)


def test_an_account_is_moved_by_hand_and_given_back(api: Any, with_key: Any, northwind: Account) -> None:
    body = EXAMPLES["stage_placements_create"] | {"account": northwind.key}
    assert with_key("read").post("stage-placements/", body).status_code == 403
    made = with_key("write").post("stage-placements/", body)
    assert made.status_code == 201, made.content
    assert AccountStage.objects.get(account=northwind, lifecycle__is_primary=True).stage.key == "paused"
    [row] = api.list("stage-placements/", account=northwind.key, ended="false")
    assert (row["stage"], row["reason"]) == ("paused", body["reason"])
    again = api.post("stage-placements/", body)
    assert again.status_code == 400
    assert "choose another one" in again.content.decode()
    path = f"stage-placements/{row['id']}/end/"
    assert api.post(path, {}).json()["ended_because"] == "hand"
    assert api.post(path, {}).status_code == 409
    assert AccountStage.objects.get(account=northwind, lifecycle__is_primary=True).stage.key == "closed_won"
    assert StagePlacement.objects.count() == 1
