"""Users and teams in the console: invited, changed, let go with a plan first, taken back; and refused kindly."""

import re

import pytest
from django.core import mail

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.team.models import Role, Team, User
from accounts.workspace import services as workspace
from tests.cast import person

USERS, TEAMS = "/admin/accounts/user/", "/admin/accounts/team/"


@pytest.fixture
def ines(client, starter):
    user = person("ines", role="administrator", group=None)
    client.force_login(user)
    return user


def typed(**values):
    role = Role.objects.get(key="csm").pk
    return {
        "first_name": "Ada",
        "last_name": "L",
        "email": "ada@anchor.example",
        "role": role,
        "time_zone": "",
    } | values


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_an_invitation_shows_its_link_where_no_mail_goes_out(client, ines):
    answer = client.post(f"{USERS}add/", typed())
    assert "No mail went out" in words(answer)
    link = re.search(r'id="link">http://[^/]+(/admin/link/[^<]+)<', answer.content.decode()).group(1)
    assert client.get(link).status_code == 200
    assert User.objects.get(username="ada").role.key == "csm"
    assert "No mail went out" not in words(client.get(f"{USERS}{User.objects.get(username='ada').pk}/change/"))


def test_an_invitation_is_mailed_where_it_may_be(client, ines):
    workspace.set_outbound(mode="internal", allowed=[], by=None, at=now())
    answer = client.post(f"{USERS}add/", typed(), follow=True)
    assert "on its way to ada@anchor.example" in words(answer)
    assert "/admin/link/" in mail.outbox[0].body
    assert "/admin/link/" not in answer.content.decode()


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(client, ines):
    client.post(f"{USERS}add/", typed())
    answer = client.post(f"{USERS}add/", typed(first_name="Grace", email="ada@anchor.example"))
    assert answer.status_code == 400
    assert "has this address and works here already" in words(answer)
    assert 'value="Grace"' in answer.content.decode()
    answer = client.post(f"{USERS}add/", typed(email="other@anchor.example", username="a b"))
    assert "Enter a valid username" in words(answer)


def test_a_user_is_changed_and_the_trail_says_so(client, ines, amelia):
    role = Role.objects.get(key="ae").pk
    client.post(f"{USERS}{amelia.pk}/change/", typed(email=amelia.email, role=role, function="Deals"))
    amelia.refresh_from_db()
    assert (amelia.role.key, amelia.function) == ("ae", "Deals")
    entry = AuditEntry.objects.filter(verb="user.change").get()
    assert (entry.door, entry.actor_id) == ("console", ines.pk)


def test_the_list_shows_people_with_their_last_sign_in_and_machines_on_request(client, ines, amelia, write_key):
    text = words(client.get(USERS))
    assert "Amelia Tester" in text
    assert "Never" in text
    assert "key-writer" not in text
    assert "key-writer" in words(client.get(f"{USERS}?who=machines"))


def test_leaving_is_a_plan_first(client, ines, northwind, amelia, bruno):
    page = client.get(f"{USERS}{amelia.pk}/leave/")
    assert "Parts on accounts (1)" in words(page)
    assert client.post(f"{USERS}{amelia.pk}/leave/", {}).status_code == 400
    assert User.objects.get(pk=amelia.pk).is_active
    answer = client.post(f"{USERS}{amelia.pk}/leave/", {"accounts": bruno.pk}, follow=True)
    assert "everything handed over" in words(answer)
    assert "Take back" in words(answer)
    assert northwind.members.get().user == bruno
    answer = client.post(f"{USERS}{amelia.pk}/return/", follow=True)
    assert "Their link" in words(answer)
    assert User.objects.get(pk=amelia.pk).is_active


def test_an_heir_is_somebody_who_may(client, ines, northwind, amelia):
    lea = person("lea", role="leader", group=None)
    answer = client.post(f"{USERS}{amelia.pk}/leave/", {"accounts": lea.pk})
    assert answer.status_code == 400
    assert User.objects.get(pk=amelia.pk).is_active


def test_nobody_is_offered_to_lock_themselves_out(client, ines):
    page = client.get(f"{USERS}{ines.pk}/change/").content.decode()
    assert "Deactivate" not in page
    assert "Nobody changes their own role" in page
    assert client.get(f"{USERS}{ines.pk}/leave/").status_code == 302
    client.post(f"{USERS}{ines.pk}/change/", typed(email=ines.email))
    ines.refresh_from_db()
    assert ines.role.key == "administrator"


def test_an_operator_does_not_touch_an_administrator(client, ines, olga):
    client.force_login(olga)
    page = words(client.get(f"{USERS}{ines.pk}/change/"))
    assert "takes a role that reaches as far" in page
    assert client.post(f"{USERS}{ines.pk}/change/", typed()).status_code == 403
    assert client.get(f"{USERS}{ines.pk}/leave/").status_code == 403
    answer = client.post(f"{USERS}{ines.pk}/link/", follow=True)
    assert "may do more than you" in words(answer)
    assert "/admin/link/" not in answer.content.decode()
    assert (
        "Administrator"
        not in re.search(r'name="role".*?</select>', client.get(f"{USERS}add/").content.decode(), re.S)[0]
    )


def test_whoever_may_only_see_people_gets_no_form(client, amelia, ines):
    client.force_login(amelia)
    assert 'name="email"' not in client.get(f"{USERS}{ines.pk}/change/").content.decode()
    assert client.get(f"{USERS}add/").status_code == 403
    assert client.post(f"{TEAMS}add/", {"name": "X"}).status_code == 403


def test_a_team_is_formed_led_and_filled(client, ines, amelia, bruno, east):
    answer = client.post(f"{TEAMS}add/", {"name": "North", "manager": bruno.pk, "members": [amelia.pk]}, follow=True)
    assert "The team North is saved" in words(answer)
    team = Team.objects.get(name="North")
    assert (team.manager, list(team.members.all())) == (bruno, [amelia])
    client.post(f"{TEAMS}{team.pk}/change/", {"name": "Far North", "members": []})
    team.refresh_from_db()
    assert (team.name, team.manager, team.members.count()) == ("Far North", None, 0)
    assert "There is a team called East" in words(client.post(f"{TEAMS}{team.pk}/change/", {"name": "East"}))


def test_somebody_changes_their_own_password_and_the_trail_says_so(client, amelia):
    client.force_login(amelia)
    new = {"new_password1": "green-apple-9", "new_password2": "green-apple-9"}
    assert client.post("/admin/password_change/", new | {"old_password": "wrong"}).status_code == 200
    assert client.post("/admin/password_change/", new | {"old_password": "amelia-pass-1"}).status_code == 302
    assert client.get("/admin/").status_code == 200, "this session goes on"
    entry = AuditEntry.objects.filter(verb="user.set_password").get()
    assert (entry.actor_id, entry.door) == (amelia.pk, "console")
    assert "green" not in str(entry.after)
