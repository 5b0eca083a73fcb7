"""Logging a touch from any page of the console, and the short forms beside an account."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.team.models import User
from accounts.touches import services
from accounts.touches.models import BusinessReview, NextStep, Pulse, SurveyResponse, Touch
from accounts.touches.queries import latest_pulse, open_step
from tests.cast import person

pytestmark = pytest.mark.django_db
LOG = "/admin/accounts/touch/log/"
UNDO = "/admin/accounts/touch/undo/"
FETCHED = {"X-Requested-With": "fetch"}


def page_of(user: User) -> Client:
    client = Client(headers=FETCHED)
    client.force_login(user)
    return client


def a_call(account: Account, **values: Any) -> dict[str, Any]:
    return {"account": account.pk, "kind": "call", "purpose": "check_in", "went": "both", "text": "All well."} | values


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/book/", "/admin/accounts/account/", "/admin/retention/workitem/", "/admin/plays/play/"]
)
def test_every_page_offers_to_log_a_touch_and_shows_the_keys(path: str, northwind: Account, amelia: User) -> None:
    text = page_of(amelia).get(path).content.decode()
    assert f'href="{LOG}"' in text
    assert 'id="hf-keys"' in text


def test_the_page_of_an_account_names_it(northwind: Account, amelia: User) -> None:
    client = page_of(amelia)
    assert (
        f"{LOG}?account={northwind.pk}"
        in client.get(f"/admin/accounts/account/{northwind.pk}/change/").content.decode()
    )
    assert "Northwind Traders" in client.get(LOG, {"account": northwind.pk}).content.decode()


def test_who_only_reads_is_not_offered_it_and_cannot(northwind: Account) -> None:
    client = page_of(person("lea", role="leader", group=None))
    assert LOG not in client.get("/admin/").content.decode()
    assert client.post(LOG, a_call(northwind)).status_code == 403
    assert not Touch.objects.exists()


def test_one_form_logs_the_touch_sets_what_comes_next_and_is_taken_back_whole(northwind: Account, amelia: User) -> None:
    services.set_next_step(northwind, text="Earlier", by=amelia, at=now())
    client = page_of(amelia)
    form = a_call(northwind, next_step="Send the offer", due_on="2030-01-01", pulse="amber", minutes="20")
    answer = client.post(LOG, form).json()
    assert answer["message"] == "Call with Northwind Traders is logged."
    touch, step, pulse = Touch.objects.get(), open_step(northwind), latest_pulse(northwind)
    assert (touch.minutes, touch.words.text, touch.logged_by) == (20, "All well.", amelia)
    assert step is not None
    assert pulse is not None
    assert (step.text, pulse.value) == ("Send the offer", "amber")

    assert client.post(UNDO, {"undo": answer["undo"]}).json() == {"message": "Taken back."}
    assert not Touch.objects.exists()
    assert latest_pulse(northwind) is None
    again = open_step(northwind)
    assert again is not None
    assert again.text == "Earlier"


def test_undo_is_for_whoever_did_it(northwind: Account, amelia: User, bruno: User, carla: User) -> None:
    token = page_of(amelia).post(LOG, a_call(northwind)).json()["undo"]
    assert page_of(bruno).post(UNDO, {"undo": token}).status_code == 409
    assert page_of(carla).post(UNDO, {"undo": token}).status_code == 404
    for wrong in ("", "x", token + "x"):
        assert page_of(amelia).post(UNDO, {"undo": wrong}).status_code == 409
    assert page_of(amelia).get(UNDO).status_code == 405
    assert Touch.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"account": ""}, "Choose the account"),
        ({"account": "x" * 30}, "Choose the account"),
        ({"kind": "fax"}, "not one of the available choices"),
        ({"minutes": "-5"}, "greater than or equal to 0"),
        ({"happened_at": "2099-01-01T10:00"}, "still to come"),
        ({"due_on": "2030-01-01"}, "Say what is to be done until then"),
        ({"stakeholders": "999999"}, "not one of the available choices"),
        ({"text": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_a_mistake_is_said_and_what_was_typed_is_kept(
    northwind: Account, amelia: User, wrong: dict[str, str], says: str
) -> None:
    response = page_of(amelia).post(
        LOG, a_call(northwind, next_step="") | {"minutes": "17", "purpose": "training"} | wrong
    )
    text = response.content.decode()
    assert response.status_code == 400
    assert says in text
    assert 'value="training" selected' in text
    assert not Touch.objects.exists()


def test_another_teams_account_cannot_be_chosen_or_found(northwind: Account, carla: User) -> None:
    client = page_of(carla)
    assert "Choose the account" in client.post(LOG, a_call(northwind)).content.decode()
    assert client.get("/admin/accounts/touch/accounts/", {"q": "north"}).json() == {"accounts": []}
    for below in ("next-step", "pulse"):
        assert (
            client.post(f"/admin/accounts/touch/{below}/{northwind.pk}/", {"text": "x", "value": "red"}).status_code
            == 404
        )
    assert client.post(f"/admin/accounts/touch/review/{northwind.pk}/plan/").status_code == 404
    assert not Touch.objects.exists()


def test_choosing_the_account_offers_its_people_and_keeps_what_was_typed(northwind: Account, amelia: User) -> None:
    stakeholders.add(northwind, name="Ada Moreau", by=None, at=now())
    client = page_of(amelia)
    assert client.get("/admin/accounts/touch/accounts/", {"q": "wind"}).json() == {
        "accounts": [{"id": northwind.pk, "name": "Northwind Traders"}]
    }
    text = client.post(LOG, a_call(northwind, fill="1", text="Half a sentence")).content.decode()
    assert "Ada Moreau" in text
    assert "Half a sentence" in text
    assert not Touch.objects.exists()


def test_an_unanswered_mail_and_a_note_are_no_contact(northwind: Account, amelia: User) -> None:
    client = page_of(amelia)
    client.post(LOG, a_call(northwind, kind="email", went="open"))
    client.post(LOG, a_call(northwind, kind="note"))
    client.post(LOG, a_call(northwind, kind="email", went="them"))
    told = list(Touch.objects.order_by("pk").values_list("is_two_way", "direction"))
    assert told == [(False, "outbound"), (False, "outbound"), (True, "inbound")]


def test_beside_the_account_next_step_pulse_and_review_are_set_in_place(northwind: Account, amelia: User) -> None:
    client = page_of(amelia)
    at = f"/admin/accounts/touch/{{}}/{northwind.pk}/"
    assert client.post(at.format("next-step"), {"text": "Call Ada", "due_on": "2020-01-01"}).status_code == 200
    assert client.post(at.format("pulse"), {"value": "red", "reason": "Their sponsor left."}).status_code == 200
    planned = client.post(
        f"/admin/accounts/touch/review/{northwind.pk}/plan/", {"kind": "business", "planned_for": "2030-01-01T10:00"}
    )
    assert planned.status_code == 200
    SurveyResponse.objects.create(
        account=northwind, kind="nps", score=2, comment="Slow", received_at=now(), recorded_at=now()
    )
    text = client.get(f"/admin/accounts/account/{northwind.pk}/change/").content.decode()
    for shown in ("Call Ada", "overdue", "At risk", "Their sponsor left.", "Business review", "1 Jan 2030"):
        assert shown in text, shown
    people = client.get(f"/admin/accounts/account/{northwind.pk}/change/?tab=people").content.decode()
    assert "NPS 2" in people
    assert "Slow" in people

    review = BusinessReview.objects.get()
    assert client.post(f"/admin/accounts/touch/review/{review.pk}/hold/", {"outcome": "growth"}).status_code == 200
    assert client.post(f"/admin/accounts/touch/review/{review.pk}/cancel/").status_code == 409
    assert client.post(f"/admin/accounts/touch/survey/{SurveyResponse.objects.get().pk}/close/").status_code == 200
    assert client.post(f"/admin/accounts/touch/next-step/{northwind.pk}/done/").status_code == 200
    assert client.post(f"/admin/accounts/touch/next-step/{northwind.pk}/done/").status_code == 409
    assert (Touch.objects.count(), NextStep.objects.get().state, Pulse.objects.get().value) == (1, "done", "red")


def test_without_a_script_the_form_is_a_page(northwind: Account, amelia: User) -> None:
    client = Client()
    client.force_login(amelia)
    assert "<html" in client.get(LOG, {"account": northwind.pk}).content.decode()
    response = client.post(LOG, a_call(northwind))
    assert response["Location"] == f"/admin/accounts/account/{northwind.pk}/change/"
