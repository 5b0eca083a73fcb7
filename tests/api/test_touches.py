"""Touches, reviews, pulses, next steps and survey answers as a program keeps them."""

import pytest

from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from accounts.touches.models import BusinessReview, NextStep, Pulse, SurveyResponse, Touch
from tests.api.conftest import problems
from tests.factories.accounts import StakeholderFactory

pytestmark = pytest.mark.django_db
NORTHWIND = {"account": "northwind-traders"}


@pytest.fixture
def ada(northwind):
    return stakeholders.add(northwind, name="Ada Moreau", by=None, at=now())


def made(api, path, body):
    response = api.post(path, NORTHWIND | body)
    assert response.status_code == 201, response.content
    return response.json()


def done(api, path, body=None):
    response = api.post(path, body)
    assert response.status_code == 200, response.content
    return response.json()


def test_a_touch_is_logged_corrected_and_taken_back(api, ada, amelia):
    touch = made(api, "touches/", {"kind": "call", "text": "Hello", "stakeholders": [ada.pk], "colleagues": ["amelia"]})
    assert (touch["is_two_way"], touch["stakeholders"], touch["colleagues"]) == (True, [ada.pk], ["amelia"])
    assert api.one(f"touches/{touch['id']}/")["text"] == "Hello"
    assert api.patch(f"touches/{touch['id']}/", {"text": ""}).json()["text"] == ""
    assert api.one(f"stakeholders/{ada.pk}/")["last_engaged_at"] == touch["happened_at"]
    assert api.send("DELETE", f"touches/{touch['id']}/").status_code == 204
    assert api.list("touches/") == []


def test_somebody_elses_touch_is_not_taken_back(api, northwind, as_user, amelia):
    touch = made(api, "touches/", {"kind": "call"})
    problems(as_user(amelia).send("DELETE", f"touches/{touch['id']}/"), 409)
    assert Touch.objects.exists()


def test_a_review_is_planned_and_held_once(api, ada):
    review = made(api, "reviews/", {"planned_for": "2026-05-12T14:00:00Z", "stakeholders": [ada.pk]})
    held = done(api, f"reviews/{review['id']}/hold/", {"outcome": "growth", "next_step": "Offer seats"})
    assert (held["state"], held["stakeholders"]) == ("held", [ada.pk])
    assert api.one(f"touches/{held['touch']}/")["purpose"] == "business_review"
    assert api.list("next-steps/", state="open")[0]["text"] == "Offer seats"
    problems(api.post(f"reviews/{review['id']}/hold/", {"outcome": "growth"}), 409)
    problems(api.post(f"reviews/{review['id']}/cancel/"), 409)
    other = made(api, "reviews/", {"planned_for": "2026-05-12T14:00:00Z"})
    assert done(api, f"reviews/{other['id']}/cancel/")["state"] == "cancelled"


def test_next_steps_replace_each_other_and_are_done_once(api, northwind):
    first = made(api, "next-steps/", {"text": "Call", "due_on": "2026-05-12"})
    second = made(api, "next-steps/", {"text": "Write"})
    assert api.one(f"next-steps/{first['id']}/")["state"] == "replaced"
    assert done(api, f"next-steps/{second['id']}/complete/")["state"] == "done"
    problems(api.post(f"next-steps/{second['id']}/complete/"), 409)


def test_a_pulse_is_set_and_a_loop_closed_once(api, northwind, ada):
    assert made(api, "pulses/", {"value": "amber", "reason": "Quiet"})["value"] == "amber"
    answer = made(api, "survey-responses/", {"kind": "nps", "score": 3, "comment": "Slow", "stakeholder": ada.pk})
    assert done(api, f"survey-responses/{answer['id']}/close-loop/")["loop_closed_at"]
    problems(api.post(f"survey-responses/{answer['id']}/close-loop/"), 409)


BAD = [
    ("touches/", {"kind": "fax"}, "kind"),
    ("touches/", {}, "kind"),
    ("touches/", {"kind": "call", "happened_at": "2999-01-01T00:00:00Z"}, "happened_at"),
    ("touches/", {"kind": "call", "happened_at": "0001-01-01T00:00:00+14:00"}, "happened_at"),
    ("touches/", {"kind": "call", "minutes": -1}, "minutes"),
    ("touches/", {"kind": "call", "stakeholders": [10**30]}, "stakeholders"),
    ("touches/", {"kind": "call", "stakeholders": [999_999]}, "stakeholders"),
    ("touches/", {"kind": "call", "stakeholders": "Ada"}, "stakeholders"),
    ("touches/", {"kind": "call", "colleagues": ["nobody"]}, "colleagues"),
    ("touches/", {"kind": "call", "text": "x" * 20_001}, "text"),
    ("touches/", {"kind": "call", "mood": "good"}, "mood"),
    ("touches/", {"kind": "call", "account": "nowhere"}, "account"),
    ("reviews/", {"planned_for": "soon"}, "planned_for"),
    ("pulses/", {"value": "purple"}, "value"),
    ("pulses/", {"value": "red", "reason": "x" * 501}, "reason"),
    ("next-steps/", {"text": ""}, "text"),
    ("next-steps/", {"text": "x", "due_on": "tomorrow"}, "due_on"),
    ("survey-responses/", {"kind": "nps", "score": 11}, "score"),
    ("survey-responses/", {"kind": "csat", "score": 0}, "score"),
    ("survey-responses/", {"kind": "nps", "score": 9, "received_at": "2999-01-01T00:00:00Z"}, "received_at"),
    ("survey-responses/", {"kind": "nps", "score": 9, "stakeholder": "Ada"}, "stakeholder"),
]


@pytest.mark.parametrize(("path", "body", "field"), BAD)
def test_a_mistake_names_its_field_and_nothing_is_kept(api, northwind, path, body, field):
    errors = problems(api.post(path, NORTHWIND | body))
    assert [name for name in errors if name.partition("[")[0] == field], errors
    for model in (Touch, BusinessReview, NextStep, Pulse, SurveyResponse):
        assert not model.objects.exists()


def test_people_of_another_account_are_refused(api, northwind):
    stranger = StakeholderFactory(name="Zoe Elsewhere")
    errors = problems(api.post("touches/", NORTHWIND | {"kind": "call", "stakeholders": [stranger.pk]}))
    assert "Zoe Elsewhere" in errors["stakeholders"]


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("touches/", "kind", "fax"),
        ("touches/", "is_two_way", "perhaps"),
        ("touches/", "after", "then"),
        ("reviews/", "state", "late"),
        ("pulses/", "value", "purple"),
        ("next-steps/", "due_before", "soon"),
        ("survey-responses/", "kind", "gut"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(api, path, name, value):
    assert name in problems(api.get(path, **{name: value}))


def test_another_team_sees_and_changes_none_of_it(api, ada, as_user, carla, amelia):
    session = as_user(carla)
    rows = {
        "touches/": made(api, "touches/", {"kind": "call", "text": "Secret"}),
        "reviews/": made(api, "reviews/", {"planned_for": "2026-05-12T14:00:00Z"}),
        "pulses/": made(api, "pulses/", {"value": "red"}),
        "next-steps/": made(api, "next-steps/", {"text": "Call"}),
        "survey-responses/": made(api, "survey-responses/", {"kind": "nps", "score": 3}),
    }
    for path, row in rows.items():
        assert session.list(path) == []
        problems(session.get(f"{path}{row['id']}/"), 404)
        assert len(as_user(amelia).list(path)) == 1
    for path in ("reviews/{}/cancel/", "next-steps/{}/complete/", "survey-responses/{}/close-loop/"):
        row = rows[path.partition("{")[0]]
        problems(session.post(path.format(row["id"])), 404)
    problems(session.patch(f"touches/{rows['touches/']['id']}/", {"text": "Mine"}), 404)
    assert "no account" in problems(session.post("touches/", NORTHWIND | {"kind": "call"}))["account"]
