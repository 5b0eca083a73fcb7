"""Audiences in the console: counted, made with a look at who would be in them, read, narrowed, exported, removed."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.stakeholders import services as stakeholders
from retention.audiences import services
from retention.audiences.drafts import AudienceDraft
from retention.audiences.models import Audience
from tests.cast import person
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db
ACTIVE = {"fact": "account_state", "operator": "equal", "value": "active"}
SAID = {"name": "Champions", "meaning": "To thank them", "roles": ["champion"], "condition": "", "needs_email": "on"}


def page(name: str, *args: object, query: str = "") -> str:
    return reverse(f"admin:retention_audience_{name}", args=args) + query


def shown(client, name: str, *args: object, query: str = "") -> str:
    answer = client.get(page(name, *args, query=query))
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.fixture
def audience(northwind):
    for name, values in {
        "Ada": {},
        "Bo": {"topics": ["events"]},
        "Cy": {"left_at": now()},
        "Di": {"email": ""},
    }.items():
        values = {"email": f"{name.lower()}@northwind.example"} | values
        stakeholders.add(northwind, name=f"{name} Quill", roles=["champion"], by=None, at=now(), **values)
    Audience.objects.all().delete()
    return services.define(AudienceDraft("champions", "Champions", roles=["champion"]), by=None, at=now())


@pytest.fixture
def operator(client, audience):
    client.force_login(person("olga", role="operator", group=None))
    return client


def test_the_list_counts_what_one_may_see(operator, audience, client, carla):
    assert operator.get(page("changelist")).context["rows"][0][2].people == 2
    client.force_login(carla)
    rows = client.get(page("changelist")).context["rows"]
    assert [(one.name, size.people) for one, _, size in rows] == [("Champions", 0)]


def test_the_page_shows_members_and_who_is_left_out_for_which_reason(operator, audience, client, carla):
    told = shown(operator, "change", audience.pk)
    assert "Ada Quill" in told
    assert "Cy Quill" not in told
    assert "Left out: left the company" in told
    assert "Cy Quill" in shown(operator, "change", audience.pk, query="?out=left")
    assert "Di Quill" in shown(operator, "change", audience.pk, query="?out=no_email")
    found = shown(operator, "change", audience.pk, query="?q=bo+north&role=champion")
    assert ("Bo Quill" in found, "Ada Quill" in found) == (True, False)
    assert "Nobody of them" in shown(operator, "change", audience.pk, query="?role=finance&out=sideways&page=x%00")
    client.force_login(carla)
    assert "Quill" not in shown(client, "change", audience.pk)
    assert client.get(page("change", 10**9)).status_code == 404


def test_the_file_holds_what_is_shown(operator, audience, northwind, client, carla):
    northwind.name = "=Northwind"
    northwind.save()
    head, *rows = b"".join(operator.get(page("export", audience.pk)).streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert "E-mail" in head
    assert [row.split(",")[:3] for row in rows] == [
        ["'=Northwind", northwind.key, "Ada Quill"],
        ["'=Northwind", northwind.key, "Bo Quill"],
    ]
    assert "Events and webinars" in rows[1]
    client.force_login(carla)
    assert b"Quill" not in b"".join(client.get(page("export", audience.pk)).streaming_content)


def test_whoever_edits_sees_who_would_be_in_it(operator, audience):
    answer = operator.post(page("size"), SAID)
    assert b"2 people at 1 account" in answer.content
    assert b"1 left out: no e-mail address" in answer.content
    assert b"3 people" in operator.post(page("size"), SAID | {"needs_email": ""}).content
    assert b"Choose a role" in operator.post(page("size"), {}).content
    assert b"Choose a role" in operator.get(page("size")).content
    assert b"Mend what is marked" in operator.post(page("size"), SAID | {"roles": ["king"]}).content
    assert b"Mend what is marked" in operator.post(page("size"), SAID | {"condition": "{"}).content
    assert b"Nobody is in it now" in operator.post(page("size"), SAID | {"topics": ["security"]}).content


def test_an_audience_is_made_changed_and_removed(operator, audience):
    assert operator.post(page("new"), SAID | {"condition": json.dumps(ACTIVE)}).status_code == 302
    made = Audience.objects.get(key="champions_2")
    assert (made.meaning, made.roles, made.condition) == ("To thank them", ["champion"], ACTIVE)
    assert operator.get(page("change", made.pk)).context["words"]["accounts"].endswith("is Active")
    assert operator.post(page("edit", made.pk), SAID | {"name": "Thanks", "topics": ["events"]}).status_code == 302
    made.refresh_from_db()
    assert (made.key, made.name, made.topics, made.condition) == ("champions_2", "Thanks", ["events"], None)
    assert operator.get(page("remove", made.pk)).status_code == 302
    assert operator.post(page("remove", made.pk)).status_code == 302
    assert not Audience.objects.filter(pk=made.pk).exists()
    verbs = AuditEntry.objects.filter(object_id=str(made.pk), object_type="audience").order_by("pk")
    assert [one.verb for one in verbs] == ["audience.define", "audience.change", "audience.remove"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": ""}, "required"),
        ({"roles": []}, "it would be everybody"),
        ({"roles": ["king"]}, "king"),
        ({"condition": '{"fact": "moon", "operator": "isKnown"}'}, "moon"),
        ({"condition": json.dumps(ACTIVE | {"heldFor": {"days": 3}})}, "heldFor"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_what_was_typed_stays(operator, audience, change, told):
    answer = operator.post(page("new"), SAID | change)
    assert answer.status_code == 400
    assert told in answer.content.decode()
    assert "To thank them" in answer.content.decode()
    assert Audience.objects.count() == 1


def test_only_who_defines_changes_anything(client, audience, amelia):
    client.force_login(amelia)
    assert "Edit" not in shown(client, "change", audience.pk)
    for name, args in (("new", ()), ("edit", (audience.pk,)), ("remove", (audience.pk,))):
        assert client.post(page(name, *args), SAID).status_code == 403, name
    assert Audience.objects.get() == audience


def test_a_fact_that_is_gone_is_told_everywhere(operator, audience):
    Audience.objects.update(condition={"fact": "moon", "operator": "isKnown"})
    assert "A fact it asks for is gone" in shown(operator, "changelist")
    assert "Nobody can say who is in it" in shown(operator, "change", audience.pk)
    assert operator.get(page("export", audience.pk)).status_code == 302
    assert operator.get(page("edit", audience.pk)).status_code == 200


def test_the_account_says_who_of_its_people_is_in_which(client, audience, northwind, amelia):
    client.force_login(amelia)
    answer = client.get(reverse("admin:accounts_account_change", args=[northwind.pk]) + "?tab=people").content.decode()
    panel = answer[answer.index("panel-audiences") :]
    panel = panel[: panel.index("</section>")]
    assert ("Ada Quill" in panel, "Champions" in panel, "Cy Quill" in panel) == (True, True, False)
    assert "in 1 audience" in panel


def test_many_cost_the_queries_of_few(operator, audience, northwind):
    def grow(count: int) -> None:
        for number in range(count):
            stakeholders.add(northwind, name=f"N {number}", email="n@n.example", roles=["champion"], by=None, at=now())
            stakeholders.add(
                accounts.AccountFactory(), name="N", email="n@n.example", roles=["champion"], by=None, at=now()
            )
            retention.AudienceFactory(condition=ACTIVE)

    def cost() -> list[int]:
        found = []
        for address in (page("changelist"), page("change", audience.pk)):
            with CaptureQueriesContext(connection) as queries:
                assert operator.get(address).status_code == 200
            found.append(len(queries))
        return found

    grow(2)
    cost()
    few = cost()
    grow(20)
    assert cost() == few
