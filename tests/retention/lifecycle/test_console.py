"""Stages changed in the console: the effect is shown first, asked about where it is much, and then done exactly."""

import json
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.evaluation.queries import known_facts
from retention.lifecycle.funnel import funnel
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage
from retention.lifecycle.preview import plan
from retention.lifecycle.queries import position, towards
from retention.lifecycle.services import drafts_of
from tests.retention.evaluation.facts import DAY, evaluate, know
from tests.retention.lifecycle.test_stages import FAR, FEATURES, STAGES, WON, published, stage

pytestmark = pytest.mark.django_db
RACI = {"sales": "R", "cs": "A"}


@pytest.fixture
def book(olga: User) -> list[Account]:
    """Ten accounts: three use four features, the others one."""
    Lifecycle.objects.update(is_primary=False)
    published(STAGES, now())
    accounts = [portfolio.create(name=f"Account {number}", by=None, at=now()) for number in range(10)]
    for number, account in enumerate(accounts):
        know(account, closed_won_at=now(), features_used_30d=4 if number < 3 else 1, contract_end_date=FAR)
    evaluate(now())
    return accounts


def main() -> Lifecycle:
    return Lifecycle.objects.get(key="main")


def version() -> LifecycleVersion:
    found = main().versions.first()
    assert found is not None
    return found


def standing() -> dict[str, str]:
    rows = AccountStage.objects.filter(lifecycle=main()).select_related("account", "stage")
    return {row.account.name: row.stage.key if row.stage else "" for row in rows}


def asking(features: int) -> Any:
    return {"fact": "features_used_30d", "operator": "greaterThanInclusive", "value": features}


def body(enter: Any, **more: Any) -> dict[str, Any]:
    leave = {"fact": "features_used_30d", "operator": "lessThan", "value": 2}
    return {"name": "Adopted", "meaning": "In use", "enter": json.dumps(enter), "leave": json.dumps(leave), **more}


@pytest.fixture
def client(olga: User) -> Client:
    found = Client()
    found.force_login(olga)
    return found


@pytest.mark.parametrize(
    "change",
    [
        lambda drafts: [drafts[0], replace(drafts[1], enter=asking(5), leave=None), drafts[2]],
        lambda drafts: [drafts[0], replace(drafts[1], enter=asking(1)), drafts[2]],
        lambda drafts: [drafts[0], drafts[2]],
        lambda drafts: [drafts[1], drafts[0], drafts[2]],
        lambda drafts: [*drafts, stage("late", asking(4))],
        lambda drafts: [*drafts, replace(stage("late", asking(4)), enter_after_days=14)],
        lambda drafts: list(drafts),
    ],
)
def test_what_was_shown_is_what_is_done(book: list[Account], olga: User, change: Any) -> None:
    drafts = change(drafts_of(version()))
    shown, before = plan(main(), drafts, user=olga, at=now()), standing()
    published(drafts, now())
    after = standing()
    assert shown.count == sum(before[name] != after[name] for name in after)
    assert +shown.after == {key: list(after.values()).count(key) for key in set(after.values())}
    assert shown.total == 10


def test_a_stage_is_changed_after_its_effect_was_seen(book: list[Account], client: Client) -> None:
    address = f"/admin/retention/lifecycle/{main().pk}/stages/adopted/edit/"
    told = client.post(address, body(asking(4))).content.decode()
    assert "0 of 10 accounts would move" in told
    assert version().number == 1
    answer = client.post(address, body(asking(4), seen="10.0.0"), follow=True)
    assert "Version 2 is in force" in answer.content.decode()
    assert version().stages.get(key="adopted").enter == asking(4)


def test_what_empties_a_stage_or_moves_much_is_asked_twice(book: list[Account], client: Client) -> None:
    address = f"/admin/retention/lifecycle/{main().pk}/stages/adopted/edit/"
    given = body(asking(9)) | {"leave": ""}
    told = client.post(address, given).content.decode()
    assert "3 of 10 accounts would move" in told
    assert "Adopted: no account would be there any more" in told
    assert "More than a fifth" in told
    for unsure in ({"seen": "10.3.1"}, {"seen": "10.2.1", "sure": "yes"}):
        assert client.post(address, given | unsure).status_code == 400
    assert version().number == 1
    client.post(address, given | {"seen": "10.3.1", "sure": "yes"})
    assert version().number == 2
    assert set(standing().values()) == {"won"}


def test_a_stage_is_added_moved_and_removed(book: list[Account], client: Client) -> None:
    at = f"/admin/retention/lifecycle/{main().pk}"
    given = body(asking(4), seen="10.3.1", sure="yes", name="Power use!", raci_cs="AR", normal_days="30")
    client.post(f"{at}/add-stage/", given)
    keys = [one.key for one in version().stages.all()]
    assert keys == ["won", "adopted", "renewal", "power_use"]
    assert version().stages.get(key="power_use").raci == {"cs": "AR"}
    told = client.get(f"{at}/change/").content.decode()
    assert "Power use! is new: it is entered when “Features in regular use is at least 4”" in told
    client.post(f"{at}/stages/power_use/shift/", {"to": "earlier", "seen": "10.0.0"})
    assert "Now in this order: Won, Adopted, Power use!, Renewal." in client.get(f"{at}/change/").content.decode()
    assert [one.key for one in version().stages.all()] == ["won", "adopted", "power_use", "renewal"]
    client.post(f"{at}/stages/power_use/remove/", {"seen": "10.3.1", "sure": "yes"})
    assert [one.key for one in version().stages.all()] == ["won", "adopted", "renewal"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"enter": ""}, "Put at least one comparison in it"),
        ({"enter": '{"fact": "gone", "operator": "isKnown"}'}, "There is no fact"),
        ({"raci_cs": "A", "raci_sales": "A"}, "Exactly one function is accountable"),
        ({"raci_cs": "A"}, "At least one function is responsible"),
        ({"normal_days": "30", "stuck_days": "10"}, "Let the days rise"),
        ({"enter_after_days": "0"}, "greater than or equal to 1"),
        ({"name": ""}, "This field is required"),
        ({"enter": '{"fact": "stages_below", "operator": "contains", "value": "won"}'}, ""),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(book: list[Account], client: Client, change: Any, said: str) -> None:
    answer = client.post(f"/admin/retention/lifecycle/{main().pk}/stages/adopted/edit/", body(FEATURES) | change)
    assert answer.status_code in (200, 400)
    assert said in answer.content.decode()
    assert version().number == 1


def test_the_database_keeps_one_accountable_and_somebody_responsible(book: list[Account]) -> None:
    for wrong in ({"raci_cs": "A"}, {"raci_cs": "AR", "raci_sales": "A"}, {"raci_cs": "R"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Stage.objects.filter(key="won").update(**wrong)
    Stage.objects.filter(key="won").update(raci_cs="A", raci_sales="R")
    with pytest.raises(IntegrityError), transaction.atomic():
        Stage.objects.filter(key="won").update(behind_days=10, stuck_days=5)


def test_what_publishing_refuses_it_names(book: list[Account]) -> None:
    with pytest.raises(ValidationError, match="Exactly one function"):
        published([replace(STAGES[0], raci={"cs": "R"})], now())
    with pytest.raises(ValidationError, match="is no date of an account"):
        published([replace(STAGES[0], pace_from="arr")], now())
    with pytest.raises(ValidationError, match="at least one stage"):
        published([], now())
    assert version().number == 1


def test_who_is_behind_or_stuck_is_shown_with_days(book: list[Account], client: Client) -> None:
    pace = {"normal_days": 30, "behind_days": 45, "stuck_days": 60}
    published([replace(STAGES[0], raci=RACI, **pace), *STAGES[1:]], now())
    rows = AccountStage.objects.filter(lifecycle=main(), stage__key="won").order_by("account__name")
    for row, days in zip(rows, (10, 46, 61), strict=False):
        AccountStage.objects.filter(pk=row.pk).update(since=now() - days * DAY)
    told = client.get(f"/admin/retention/lifecycle/{main().pk}/stages/won/").content.decode()
    assert told.count(">Stuck</span>") == told.count(">Behind</span>") == 1
    assert "Accountable" in told
    told = client.get(f"/admin/retention/lifecycle/{main().pk}/change/").content.decode()
    assert 'hf-badge--bad">1<' in told


def test_the_flow_tells_who_went_on_fell_back_and_stayed(book: list[Account], client: Client, olga: User) -> None:
    know(book[0], closed_won_at=now(), features_used_30d=1, contract_end_date=FAR)
    know(book[5], closed_won_at=now(), features_used_30d=5, contract_end_date=FAR)
    evaluate(now())
    won, adopted, _ = funnel(version(), olga, at=now() + DAY)
    assert (won.entered, won.went_on, won.leaked, won.still, won.share) == (8, 1, 0, 7, 100)
    assert (adopted.entered, adopted.went_on, adopted.backs, adopted.still) == (4, 0, [("Won", 1)], 3)
    told = client.get(f"/admin/retention/lifecycle/{main().pk}/change/").content.decode()
    assert "1 to Won" in told


def test_pages_cost_the_same_for_few_and_many(book: list[Account], client: Client) -> None:
    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    at = f"/admin/retention/lifecycle/{main().pk}"
    addresses = [f"{at}/change/", f"{at}/stages/won/", f"{at}/rule/"]
    [queries(address) for address in addresses]
    before = [queries(address) for address in addresses]
    for number in range(5):
        know(portfolio.create(name=f"More {number}", by=None, at=now()), closed_won_at=now(), contract_end_date=FAR)
    evaluate(now())
    assert [queries(address) for address in addresses] == before


def test_an_account_works_towards_the_next_stage_and_what_is_missing_is_listed(book: list[Account]) -> None:
    adopted = {"all": [WON, FEATURES, {"any": [{"fact": "roles_active_30d", "operator": "greaterThan", "value": 1}]}]}
    published([replace(STAGES[0], raci={"cs": "AR"}), stage("adopted", adopted), STAGES[2]], now())
    assert towards(position(book[9]), known_facts(book[9])) is None, "nobody answers for a stage after this one"
    published([STAGES[0], stage("adopted", adopted), STAGES[2]], now())
    found = towards(position(book[9]), known_facts(book[9]))
    assert found is not None
    assert (found.stage.key, found.missing) == ("adopted", 2)
    assert [(one["fact"], one["observed"]) for one in found.clauses] == [
        ("features_used_30d", 1),
        ("roles_active_30d", None),
    ]


def test_nobody_without_the_right_changes_a_stage(book: list[Account], carla: User) -> None:
    client = Client()
    client.force_login(carla)
    at = f"/admin/retention/lifecycle/{main().pk}"
    for address in (f"{at}/add-stage/", f"{at}/stages/won/edit/", f"{at}/stages/won/remove/"):
        assert client.post(address, body(FEATURES)).status_code == 404
    assert version().number == 1
