"""Audiences on the REST API: defined, sized, listed page by page, each for whom the caller may see."""

from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from retention.audiences.models import Audience
from tests.api.conftest import problems
from tests.factories import accounts, retention

BODY = {"key": "champions", "name": "Champions", "roles": ["champion"]}


def known(account, name: str, **values) -> None:
    values = {"email": "a@b.example", "roles": ["champion"]} | values
    stakeholders.add(account, name=name, by=None, at=now(), **values)


def test_an_audience_is_defined_whole_sized_and_removed(with_key, northwind):
    api = with_key("admin")
    for name, values in {"Ada": {}, "Bo": {"email": ""}, "Cy": {"left_at": now()}, "Di": {"roles": ["admin"]}}.items():
        known(northwind, name, **values)
    made = api.post("audiences/", BODY)
    assert made.status_code == 200, made.content
    assert made.json()["needs_email"] is True
    assert api.one("audiences/champions/size/") == {"people": 1, "accounts": 1, "left_out": {"left": 1, "no_email": 1}}
    assert [one["name"] for one in api.list("audiences/champions/members/")] == ["Ada"]
    api.post("audiences/", BODY | {"roles": ["admin", "champion"], "needs_email": False})
    assert [one["name"] for one in api.list("audiences/champions/members/")] == ["Ada", "Bo", "Di"]
    assert [one["name"] for one in api.list("audiences/champions/members/", role="admin")] == ["Di"]
    assert api.send("DELETE", "audiences/champions/").status_code == 204
    assert not Audience.objects.filter(key="champions").exists()
    problems(api.get("audiences/champions/"), 404)
    problems(api.get("audiences/champions/members/"), 404)


def test_what_is_wrong_is_named(with_key, starter):
    api = with_key("admin")
    asked = {
        "roles": {"roles": ["king"]},
        "topics": {"topics": ["weather"]},
        "condition.fact": {"condition": {"fact": "moon", "operator": "isKnown"}},
        "key": {"key": "No Key"},
        "stage": {"stage": "won"},
    }
    for place, change in asked.items():
        assert any(one.startswith(place) for one in problems(api.post("audiences/", BODY | change))), place
    assert "roles" in problems(api.post("audiences/", {"key": "all", "name": "Everybody"}))
    assert with_key("read").post("audiences/", BODY).status_code == 403
    assert not Audience.objects.filter(key="champions").exists()


def test_members_come_page_by_page_and_to_each_their_own(with_key, as_user, northwind, amelia, carla):
    for number in range(5):
        known(northwind, f"N {number}")
    known(accounts.AccountFactory(), "Elsewhere")
    api, row = with_key("read"), retention.AudienceFactory(key="champions")
    first = api.get("audiences/champions/members/", limit=4).json()
    rest = api.client.get(first["next"], headers=api.headers).json()
    assert [one["name"] for one in first["results"] + rest["results"]] == [*(f"N {n}" for n in range(5)), "Elsewhere"]
    assert rest["next"] is None
    assert len(as_user(amelia).list("audiences/champions/members/")) == 5
    assert as_user(carla).list("audiences/champions/members/") == []
    assert as_user(carla).one("audiences/champions/size/")["people"] == 0
    row.condition = {"fact": "moon", "operator": "isKnown"}
    row.save()
    problems(api.get("audiences/champions/members/"), 409)
    problems(api.get("audiences/champions/size/"), 409)


def test_somebody_says_what_they_want_to_hear_about(with_key, northwind):
    api = with_key("write")
    body = {"account": northwind.key, "name": "Ada", "topics": ["events", "training"]}
    made = api.post("stakeholders/", body).json()
    assert made["topics"] == ["events", "training"]
    changed = api.send("PATCH", f"stakeholders/{made['id']}/", '{"topics": ["security", "events"]}')
    assert changed.json()["topics"] == ["events", "security"]
    assert [one["id"] for one in api.list("stakeholders/", topic="security")] == [made["id"]]
    assert "topics" in str(problems(api.post("stakeholders/", body | {"topics": ["weather"]})))
