"""Users and teams over the API, as a directory that provides for them would call it."""

import pytest

from accounts.foundation.models import AuditEntry
from accounts.team.models import User
from tests.api.conftest import problems
from tests.cast import person

ADA = {"first_name": "Ada", "email": "ada@anchor.example", "role": "csm"}


@pytest.fixture
def admin(with_key):
    return with_key("admin")


def test_a_directory_adds_changes_and_lets_go(admin, client, east, bruno, northwind, amelia):
    made = admin.post("users/", ADA | {"team": "east", "username": "ada.l"})
    assert made.status_code == 201, made.content
    assert made.json().items() >= {"username": "ada.l", "team": "east", "is_active": True, "function": ""}.items()
    changed = admin.patch("users/ada.l/", {"function": "Onboarding", "team": None}).json()
    assert (changed["function"], changed["team"]) == ("Onboarding", None)
    link = admin.post("users/ada.l/sign-in-link/")
    assert link.status_code == 201
    assert client.get(link.json()["link"].partition("8000")[2]).status_code == 200
    plan = admin.post("users/amelia/deactivate/", {"dry_run": True}).json()
    assert (plan["done"], plan["counts"]) == (False, {"accounts": 1})
    assert "accounts" in problems(admin.post("users/amelia/deactivate/"))
    done = admin.post("users/amelia/deactivate/", {"heirs": {"accounts": "bruno"}})
    assert done.json()["done"] is True
    assert northwind.members.get().user == bruno
    problems(admin.post("users/amelia/deactivate/"), 409)
    assert admin.post("users/amelia/reactivate/").json()["is_active"] is True
    problems(admin.post("users/amelia/reactivate/"), 409)


def test_every_change_stands_in_the_trail(admin, east, bruno):
    admin.post("users/", ADA)
    admin.patch("users/ada/", {"team": "east"})
    entries = AuditEntry.objects.filter(object_type="user", object_id=str(User.objects.get(username="ada").pk))
    assert [(entry.verb, entry.door) for entry in entries.order_by("pk")] == [
        ("user.add", "api"),
        ("user.change", "api"),
    ]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "no address"}, "email"),
        ({"role": "no-such-role"}, "role"),
        ({"team": "no-such-team"}, "team"),
        ({"time_zone": "Mars/Olympus"}, "time_zone"),
        ({"username": "a b"}, "username"),
        ({"username": "amelia"}, "username"),
        ({"email": "AMELIA@anchor.example"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"is_superuser": True}, "is_superuser"),
    ],
)
def test_what_is_wrong_is_named(admin, amelia, body, field):
    assert field in problems(admin.post("users/", ADA | body))
    assert not User.objects.filter(first_name="Ada").exists()


def test_a_key_that_may_not_manage_people_does_not(api, as_user, amelia, olga):
    problems(api.post("users/", ADA), 403)
    problems(as_user(amelia).post("teams/", {"name": "X"}), 403)
    person("ines", role="administrator", group=None)
    assert "role" in problems(as_user(olga).post("users/", ADA | {"role": "administrator"}))
    problems(as_user(olga).post("users/ines/sign-in-link/"))
    problems(as_user(olga).patch("users/ines/", {"email": "olga@anchor.example"}))
    assert User.objects.get(username="ines").email == "ines@anchor.example"


def test_teams_are_formed_renamed_and_filled(admin, amelia, bruno, east):
    made = admin.post("teams/", {"name": "North", "manager": "bruno", "members": ["amelia"]})
    assert made.status_code == 201, made.content
    assert made.json() == {"key": "north", "name": "North", "manager": "bruno", "members": ["amelia"]}
    changed = admin.patch("teams/north/", {"name": "Far North", "members": ["bruno"]}).json()
    assert changed == {"key": "north", "name": "Far North", "manager": "bruno", "members": ["bruno"]}
    assert "name" in problems(admin.post("teams/", {"name": "EAST"}))
    assert "members[0]" in problems(admin.patch("teams/north/", {"members": ["nobody-here"]}))
    assert "heirs" in str(problems(admin.post("users/amelia/deactivate/", {"heirs": {"cats": "bruno"}})))
