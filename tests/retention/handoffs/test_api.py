"""Handing over through the REST API: the same rules, and 409 where it is not somebody's turn."""

import pytest

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.stakeholders import services as stakeholders
from retention.handoffs import services
from retention.handoffs.models import Handoff
from tests.api.conftest import as_user, problems, with_key  # noqa: F401
from tests.cast import person
from tests.retention.handoffs.handing import completed, fits_badly

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(with_key):  # noqa: F811
    return with_key("write")


@pytest.fixture
def address(handoff):
    return f"handoffs/{handoff.pk}/"


def test_it_is_read_item_by_item(api, address, handoff):
    found = api.get(address).json()
    assert (found["state"], found["template"], found["giver"]) == ("open", "sales_to_cs", "sal")
    items = {one["key"]: one for one in found["items"]}
    assert items["use_cases"] == items["use_cases"] | {"revision": 0, "is_done": False, "blocks": True, "value": None}
    assert set(found["promised"]) == {"kickoff", "activated", "first_value"}


def test_an_item_is_saved_and_a_stale_save_tells_both(api, address):
    save = f"{address}items/use_cases/"
    assert api.patch(save, {"value": "Reports", "revision": 0}).status_code == 200
    answer = api.patch(save, {"value": "Alerts", "revision": 0})
    assert answer.status_code == 409
    assert "Reports" in answer.json()["detail"]
    assert "Alerts" in answer.json()["detail"]
    assert api.patch(f"{address}items/nothing/", {"value": "x", "revision": 0}).status_code == 404


@pytest.mark.parametrize("value", ["Lena", 10**30, True, [], {"phone": "1"}, {"name": ["a"]}, {"name": ""}, -1])
def test_somebody_who_is_nobody_of_the_account_is_refused(api, address, handoff, value):
    answer = api.patch(f"{address}items/champion/", {"value": value, "revision": 0})
    assert answer.status_code == 400
    assert not handoff.answers.filter(item__key="champion").exists()


def test_a_stakeholder_is_named_by_number_or_added(api, address, handoff):
    lena = stakeholders.add(handoff.account, name="Lena Ortiz", by=None, at=now())
    assert api.patch(f"{address}items/champion/", {"value": lena.pk, "revision": 0}).status_code == 200
    new = {"name": "Tom Ames", "email": "tom@northwind.example"}
    assert api.patch(f"{address}items/admin/", {"value": new, "revision": 0}).status_code == 200
    assert handoff.account.stakeholders.count() == 2


def test_a_plan_is_drafted_or_named_by_number(api, address, handoff, account):
    save = f"{address}items/draft_plan/"
    for value in ("Ours", 10**30, True, [], -1):
        assert api.patch(save, {"value": value, "revision": 0}).status_code == 400
    plan = account.success_plans.get()  # that of the won deal
    answer = api.patch(save, {"value": plan.pk, "revision": 0})
    assert answer.status_code == 200, answer.content
    item = next(one for one in answer.json()["items"] if one["key"] == "draft_plan")
    assert (item["value"], item["is_done"]) == (plan.pk, True)
    assert api.patch(save, {"value": "draft", "revision": 1}).status_code == 400  # the deal has one


def test_measures_say_what_they_count(api, handoff):
    [found] = api.list("onboarding-measures/", days=30)
    assert (found["won"], found["handoffs"], found["to_accepted"]["open"]) == (1, [handoff.pk], 1)
    assert api.list("onboarding-measures/", by="ae")[0]["group"] == "Sal Tester"
    for wrong in ({"days": "7"}, {"by": "moon"}, {"since": "x"}, {"days": "x"}):
        assert api.get("onboarding-measures/", **wrong).status_code == 400


def test_what_lacks_something_is_not_submitted(api, address):
    answer = api.post(f"{address}submit/", {})
    assert answer.status_code == 409
    assert "Still missing: Champion." in answer.json()["detail"]


def test_it_goes_there_and_back_and_is_accepted(api, address, handoff, sal, amelia):
    services.promise(handoff, what="SSO by March", by=sal, at=now())
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    back = {"items": [{"item": "effort", "reason": "vague_value", "note": "How many hours?"}]}
    assert api.post(f"{address}return/", back).json()["state"] == "returned"
    assert api.post(f"{address}return/", back).status_code == 409
    line = next(one for one in api.get(address).json()["items"] if one["key"] == "effort")
    assert line["returned"]["reason"] == "vague_value"
    services.save(
        handoff, handoff.version.items.get(key="effort"), "4 h a week", revision=line["revision"], by=sal, at=now()
    )
    services.submit(handoff, by=sal, at=now())
    assert api.post(f"{address}accept/", {}).status_code == 409
    one = handoff.promises.get()
    assert api.post(f"{address}judge/", {"promise": one.pk, "verdict": "can_keep"}).status_code == 200
    assert api.post(f"{address}accept/", {}).json()["state"] == "accepted"
    assert AuditEntry.objects.filter(verb="handoff.accept", door="api").exists()


def test_a_promise_is_put_right_and_struck(api, address, handoff, sal):
    made = services.promise(handoff, what="SSO by March", by=sal, at=now())
    path = f"{address}promises/{made.pk}/"
    [changed] = api.send("PATCH", path, {"what": "SSO by May", "due_on": "2026-05-29"}).json()["promises"]
    assert (changed["what"], changed["due_on"]) == ("SSO by May", "2026-05-29")
    assert AuditEntry.objects.filter(verb="promise.change", door="api").exists()
    wrong = api.send("PATCH", path, {"what": ""})
    assert (wrong.status_code, "what" in wrong.content.decode()) == (400, True)
    assert api.send("PATCH", f"{address}promises/{made.pk + 1}/", {"what": "x"}).status_code == 404
    assert api.send("DELETE", path).json()["promises"] == []
    assert api.send("DELETE", path).status_code == 404
    kept = services.promise(handoff, what="Training", by=sal, at=now())
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    for verb in ("PATCH", "DELETE"):
        assert api.send(verb, f"{address}promises/{kept.pk}/", {}).status_code == 409
    assert handoff.promises.get().what == "Training"


def test_the_same_key_begins_one_by_hand_once(api, account, sal):
    body = {"account": account.key, "template": "cs_to_support", "receiver": "sal"}
    plain, api.headers = api.headers, api.headers | {"Idempotency-Key": "begin-1"}
    first, again = api.post("handoffs/", body), api.post("handoffs/", body)
    api.headers = plain
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Handoff.objects.count() == 1
    assert api.post("handoffs/", body).status_code == 400


def test_waiting_and_calling_off(api, address):
    assert api.post(f"{address}wait/", {"reason": "customer"}).status_code == 200
    assert api.post(f"{address}wait/", {"reason": "customer"}).status_code == 409
    assert api.post(f"{address}go-on/", {}).status_code == 200
    assert api.post(f"{address}cancel/", {"reason": "They signed with a partner."}).json()["state"] == "cancelled"
    assert api.post(f"{address}go-on/", {}).status_code == 409


def test_checklists_are_read(api):
    found = api.get("handoff-templates/sales_to_cs/").json()
    assert found["starts_with"] == "new"
    value = next(one for one in found["sections"] if one["key"] == "value")
    assert value["items"][0]["raci"] == {"sales": "AR", "cs": "C", "support": "I"}


def test_a_leader_alone_signs_a_bad_fit_off(api, as_user, address, handoff, sal, amelia, carla):  # noqa: F811
    lea = as_user(person("lea", role="leader", group=None))
    sign = f"{address}sign-fit/"
    assert lea.one(address)["fits_badly"] is False
    assert "nothing to sign off" in lea.post(sign, {"note": "Strategic"}).json()["detail"]
    fits_badly(handoff)
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    assert "a leader has to sign it off" in as_user(amelia).post(f"{address}accept/").json()["detail"]
    for user in (amelia, sal):
        assert problems(as_user(user).post(sign, {"note": "Strategic"}), 403) == {}
    assert api.post(sign, {"note": "Strategic"}).status_code == 403  # a key is nobody who takes responsibility
    assert as_user(carla).post(sign, {"note": "Strategic"}).status_code == 404
    assert "note" in problems(lea.post(sign, {"note": " "}))
    signed = lea.post(sign, {"note": "Strategic"}).json()
    assert (signed["fits_badly"], signed["fit_signed_by"], signed["fit_note"]) == (True, "lea", "Strategic")
    assert AuditEntry.objects.get(verb="handoff.sign_fit").door == "api"
    assert "Lea Tester signed it off already" in lea.post(sign, {"note": "Again"}).json()["detail"]
    assert lea.post(f"{address}cancel/", {"reason": "No"}).status_code == 403  # everything else stays to read
    assert as_user(amelia).post(f"{address}accept/").json()["state"] == "accepted"
