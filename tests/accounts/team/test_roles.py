"""What each role of the starter playbook may do, and how roles are changed."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.team import services as team
from accounts.team.backends import GrantBackend
from accounts.team.models import Grant, Role, User
from tests import trail
from tests.cast import person
from tests.factories.accounts import AT, UserFactory

AREAS = ["accounts", "work", "runs", "definitions", "signals", "people", "settings", "audit"]
VIEWS = {
    "accounts": "accounts.view_account",
    "work": "retention.view_workitem",
    "runs": "plays.view_run",
    "definitions": "plays.view_play",
    "signals": "accounts.view_source",
    "people": "accounts.view_user",
    "settings": "accounts.view_workspace",
    "audit": "accounts.view_auditentry",
}


def letters(user: User) -> str:
    """For each area: - nothing, v may see, e may change."""
    found = ""
    for area in AREAS:
        view, change = VIEWS[area], VIEWS[area].replace("view_", "change_")
        found += "e" if user.has_perm(change) else "v" if user.has_perm(view) else "-"
        if user.has_perm(change):
            assert user.has_perm(view), "who may change may see"
    return found


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        # accounts, work, runs, definitions, signals, people, settings, audit
        ("csm", "eeev-v--"),
        ("ae", "eev--v--"),
        ("cs_manager", "eeev-v--"),
        ("leader", "vvvv-v--"),
        ("operator", "eeeeeev-"),
        ("administrator", "eeeeeeev"),
        ("integration", "eeevev--"),
    ],
)
def test_what_a_role_may(role, expected, starter):
    assert letters(person("somebody", role=role, group=None)) == expected


def test_who_has_left_may_nothing(starter):
    user = person("somebody", role="administrator", group=None)
    user.is_active = False
    assert letters(user) == "--------"
    assert not user.has_module_perms("accounts")


def test_without_a_role_one_may_nothing(db):
    assert letters(UserFactory()) == "--------"


def test_nobody_may_nothing(db):
    nobody, backend = AnonymousUser(), GrantBackend()
    assert not backend.has_perm(nobody, "accounts.view_account")
    assert not backend.has_module_perms(nobody, "accounts")


def test_models_of_others_are_for_superusers(starter):
    admin = person("somebody", role="administrator", group=None)
    assert not admin.has_perm("django_q.view_schedule")
    assert not admin.has_perm("accounts.view_nothing")
    assert UserFactory(is_superuser=True).has_perm("django_q.view_schedule")


def test_the_side_bar_shows_the_apps_one_may_see_something_of(starter):
    csm = person("somebody", role="csm", group=None)
    assert csm.has_module_perms("plays")
    assert not csm.has_module_perms("content")
    assert not csm.has_module_perms("django_q")


def test_permissions_cost_one_query(starter, django_assert_num_queries):
    user = User.objects.select_related("role").get(pk=person("somebody", role="csm", group=None).pk)
    with django_assert_num_queries(1):
        letters(user)


def test_django_permissions_give_nothing(starter):
    """Rows of Django's own permission tables, whoever made them, open no door."""
    from django.contrib.auth.models import Permission

    user = person("somebody", role="csm", group=None)
    user.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    user = User.objects.get(pk=user.pk)
    assert not user.has_perm("accounts.view_auditentry")
    assert user.get_all_permissions() == set()


def define(**values) -> Role:
    given = {
        "key": "analyst",
        "name": "Analyst",
        "description": "Reads.",
        "home": "csm",
        "grants": {"accounts": ("all", "view"), "work": ("team", "edit")},
        "by": None,
        "at": AT,
    }
    return team.define_role(**{**given, **values})


def grants_of(role: Role) -> dict[str, tuple[str, str]]:
    return {grant.area: (grant.reach, grant.access) for grant in Grant.objects.filter(role=role)}


def test_a_role_has_exactly_the_grants_it_was_given(db):
    role = define()
    assert grants_of(role) == {"accounts": ("all", "view"), "work": ("team", "edit")}
    define(grants={"accounts": ("own", "edit"), "runs": ("all", "view")})
    assert Role.objects.get() == role
    assert grants_of(role) == {"accounts": ("own", "edit"), "runs": ("all", "view")}


def test_each_change_of_a_role_is_in_the_trail(db):
    define()
    trail.forget()
    define(grants={"accounts": ("own", "view"), "runs": ("all", "view")}, name="Reader")
    entries = AuditEntry.objects.values_list("verb", "before", "after")
    told = {verb: (before, after) for verb, before, after in entries}
    assert told.keys() == {"role.change", "grant.remove", "grant.change", "grant.add"}
    assert told["role.change"] == ({"name": "Analyst"}, {"name": "Reader"})
    assert told["grant.change"] == ({"reach": "all"}, {"reach": "own"})


def test_defining_it_again_changes_nothing(db):
    define()
    trail.forget()
    define()
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"key": "No Key"}, "key"),
        ({"home": "nowhere"}, "home"),
        ({"grants": {"everything": ("all", "view")}}, "area"),
        ({"grants": {"work": ("galaxy", "view")}}, "reach"),
    ],
)
def test_refuses_what_is_no_role_and_leaves_nothing(values, field, db):
    with pytest.raises(ValidationError) as refused:
        define(**values)
    assert field in refused.value.message_dict
    assert not Role.objects.exists()


def test_a_user_added_without_a_password_cannot_sign_in_yet(starter, client):
    user = team.add_user(
        username="dana",
        email="dana@anchor.example",
        first_name="Dana",
        last_name="Tester",
        role=Role.objects.get(key="csm"),
        by=None,
        at=AT,
    )
    assert not user.has_usable_password()
    assert not client.login(username="dana", password="")


def test_a_user_signs_in_with_the_password_they_were_given(amelia, client):
    assert client.login(username="amelia", password="amelia-pass-1")
    assert not client.login(username="amelia", password="amelia-pass-2")


def test_adding_a_user_keeps_their_words_out_of_the_trail(amelia):
    entry = AuditEntry.objects.get(verb="user.add", object_id=amelia.pk)
    assert "amelia" not in str(entry.after).lower()


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "amelia"}, "username"),
        ({"email": "no address"}, "email"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_refuses_a_user_that_cannot_be(values, field, amelia):
    given = {
        "username": "new",
        "email": "new@anchor.example",
        "first_name": "N",
        "last_name": "N",
        "role": amelia.role,
        "by": None,
        "at": AT,
    }
    count = User.objects.count()
    with pytest.raises(ValidationError) as refused:
        team.add_user(**{**given, **values})
    assert field in refused.value.message_dict
    assert User.objects.count() == count


def test_the_leader_of_a_team_is_in_the_trail(east, bruno):
    east.refresh_from_db()
    assert east.manager == bruno
    assert AuditEntry.objects.get(verb="team.lead").after == {"manager": bruno.pk}
