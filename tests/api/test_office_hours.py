"""Office hours over the API: planned, moved, attended, and refused where they cannot be."""

import pytest

from accounts.foundation.clock import now
from accounts.touches.models import Touch
from retention.success_plans.office_hours.models import OfficeHoursSession
from tests.api.conftest import problems
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db
RULE = {"title": "Ask us", "host": "amelia", "weekday": "tuesday", "time": "15:00", "time_zone": "Europe/Berlin"}
RULE |= {"starts_on": str(now().date())}


@pytest.fixture
def series(api, northwind, amelia):
    plan = retention.SuccessPlanFactory(account=northwind)
    made = api.post("office-hours/", RULE | {"plan": plan.pk})
    assert made.status_code == 201, made.content
    return made.json()


def test_a_series_is_planned_for_a_plan(api, series, northwind):
    assert (series["accounts"], series["time"], series["every_weeks"]) == ([northwind.key], "15:00", 1)
    assert series["next_at"] > now().isoformat()
    assert [one["id"] for one in api.list("office-hours/", account=northwind.key, ended="false")] == [series["id"]]


def test_who_came_is_a_touch(api, series, northwind):
    ines = accounts.StakeholderFactory(account=northwind)
    path = f"office-hours/{series['id']}/"
    early = api.post(f"{path}hold/", {"came": [ines.pk]})
    assert (early.status_code, "not begun" in early.content.decode()) == (400, True)
    OfficeHoursSession.objects.update(starts_at=now())
    assert api.post(f"{path}hold/", {"came": [ines.pk]}).json()["last_came"] == 1
    assert Touch.objects.get().purpose == "office_hours"
    skipped = api.post(f"{path}leave-out/", {"reason": "A holiday"}).json()
    assert skipped["next_at"] > series["next_at"]
    stranger = accounts.StakeholderFactory()
    OfficeHoursSession.objects.filter(state="planned").update(starts_at=now())
    assert "Not invited" in problems(api.post(f"{path}hold/", {"came": [stranger.pk]}))["came"]


def test_what_is_wrong_is_named(api, series, northwind):
    for change, field in (
        ({"time": "25:00"}, "time"),
        ({"time": "15:00:30"}, "time"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"weekday": "someday"}, "weekday"),
        ({"every_weeks": 13}, "every_weeks"),
        ({"minutes": 0}, "minutes"),
        ({"join_url": "javascript:alert(1)"}, "join_url"),
        ({"until": "1999-01-01"}, "until"),
        ({"accounts": []}, "accounts"),
        ({"accounts": [northwind.key]}, "accounts"),
        ({"host": "nobody"}, "host"),
    ):
        refused = api.patch(f"office-hours/{series['id']}/", change)
        assert refused.status_code == 400, change
        assert field in problems(refused) or field == "until", change
    both = api.post("office-hours/", RULE | {"plan": series["plan"], "accounts": [northwind.key]})
    assert "either" in problems(both)["accounts"]


def test_a_series_replaces_the_task_that_came_again(api, series, northwind):
    plan = retention.SuccessPlanFactory(account=northwind)
    task = retention.PlanTaskFactory(plan=plan, side="ours", repeat_days=7)
    for wrong in ({"accounts": [northwind.key]}, {"plan": series["plan"]}):
        refused = api.post("office-hours/", RULE | wrong | {"instead_of": task.pk})
        assert (refused.status_code, list(problems(refused))) == (400, ["instead_of"])
    assert api.post("office-hours/", RULE | {"plan": plan.pk, "instead_of": task.pk}).status_code == 201
    assert list(plan.tasks.values_list("state", "repeat_days")) == [("skipped", None)]


def test_an_ended_one_stays_ended(api, series):
    path = f"office-hours/{series['id']}/"
    assert api.post(f"{path}end/").json()["next_at"] is None
    for verb, body in (("end/", None), ("hold/", {"came": []}), ("leave-out/", {"reason": "x"})):
        assert api.post(f"{path}{verb}", body).status_code == 409
    assert api.patch(path, {"minutes": 30}).status_code == 409


def test_several_customers_are_invited_together(api, northwind, amelia):
    other = accounts.AccountFactory()
    made = api.post("office-hours/", RULE | {"accounts": [northwind.key, other.key]})
    assert sorted(made.json()["accounts"]) == sorted([northwind.key, other.key])
    changed = api.patch(f"office-hours/{made.json()['id']}/", {"accounts": [other.key]})
    assert changed.json()["accounts"] == [other.key]
