"""What people ask about their data, over the REST API."""

import pytest

from accounts.foundation.models import AuditEntry
from accounts.privacy import api, mentions
from accounts.stakeholders.models import Stakeholder
from tests.api.conftest import problems
from tests.factories.accounts import StakeholderFactory, TouchTextFactory

EMAIL = "ada@northwind.example"


@pytest.fixture
def admin(with_key):
    return with_key("admin")


@pytest.fixture
def ada(db):
    return StakeholderFactory(name="Ada Quillfeather", email=EMAIL)


def test_a_copy_and_then_an_erasure(admin, ada):
    note = TouchTextFactory(touch__account=ada.account, text="Ada Quillfeather called.")
    made = admin.post("person-requests/", {"kind": "copy", "person": EMAIL})
    assert made.status_code == 201, made.content
    assert made.json()["copy"]["names"] == ["Ada Quillfeather"]
    erased = admin.post("person-requests/", {"kind": "erasure", "person": EMAIL}).json()
    assert erased["copy"] is None
    assert erased["rows"] == {"accounts.Stakeholder": 1}
    assert erased["mentions"] == [{"model": "accounts.TouchText", "id": note.pk, "field": "text"}]
    assert Stakeholder.objects.get().name == "Erased person"
    assert [row["kind"] for row in admin.list("person-requests/")] == ["erasure", "copy"]
    refused = admin.post("stakeholders/", {"account": ada.account.key, "name": "Ada", "email": EMAIL})
    assert "asked us to forget" in problems(refused)["email"]
    again = {"account": ada.account.key, "name": "Ada", "email": EMAIL, "came_back": True}
    assert admin.post("stakeholders/", again).json()["email"] == EMAIL


def test_the_api_says_that_it_goes_on_and_erases_at_the_end(admin, ada, monkeypatch):
    monkeypatch.setattr(api, "STEP_S", 0.0)
    TouchTextFactory.create_batch(5, touch__account=ada.account, text="Ada Quillfeather called.")
    body, answers, before = {"kind": "erasure", "person": EMAIL}, 0, AuditEntry.objects.count()
    while (answer := admin.post("person-requests/", body)).status_code == 202:
        answers += 1
        assert answers < 200
        told = answer.json()
        assert 0 <= told["looked_through"] < told["whole"] == len(mentions.searched())
        assert AuditEntry.objects.count() == before
        assert Stakeholder.objects.get().name == "Ada Quillfeather"
        body |= {"so_far": told["so_far"]}
    assert answer.status_code == 201, answer.content
    assert answers > 10
    assert len(answer.json()["mentions"]) == 5
    refused = admin.post("person-requests/", {"kind": "erasure", "person": EMAIL})
    assert "nothing about such a person" in problems(refused)["person"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "copy", "person": "nobody@nowhere.example"}, "person"),
        ({"kind": "erasure", "person": " "}, "person"),
        ({"kind": "sale", "person": EMAIL}, "kind"),
        ({"kind": "copy"}, "person"),
        ({"kind": "copy", "person": EMAIL, "really": True}, "really"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_field(admin, body, field):
    assert field in problems(admin.post("person-requests/", body))


def test_a_key_that_only_writes_may_not(with_key, ada):
    problems(with_key("write").post("person-requests/", {"kind": "erasure", "person": EMAIL}), 403)
    assert Stakeholder.objects.get().name == "Ada Quillfeather"
