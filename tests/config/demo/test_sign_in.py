"""Who can sign in to the demo book."""

import io

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.team.models import Role, User


def table(said: str) -> list[tuple[str, str]]:
    """User name and password of each row."""
    header, *rows = said.strip().splitlines()
    assert header.split() == ["Role", "User", "name", "Password"]
    return [(row.split()[-2], row.split()[-1]) for row in rows]


def printed_again() -> str:
    said = io.StringIO()
    call_command("demo", "--signin", stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_every_role_of_people_can_sign_in(said: str, client: Client):
    for username, password in table(said):
        assert client.login(username=username, password=password), username
    roles = {User.objects.get(username=username).role.key for username, _ in table(said)}
    assert roles == set(Role.objects.exclude(key="integration").values_list("key", flat=True))


@pytest.mark.django_db
def test_nobody_is_above_the_scope_table(said: str):
    assert not User.objects.filter(is_superuser=True).exists()


@pytest.mark.django_db
def test_the_others_have_no_password(said: str, client: Client):
    assert not User.objects.get(username="yuto").has_usable_password()


@pytest.mark.django_db
def test_the_same_table_is_printed_again(said: str):
    assert printed_again() == said


@pytest.mark.django_db
def test_who_left_is_not_listed(said: str):
    User.objects.filter(username="liam").update(is_active=False)
    assert "liam" not in printed_again()
    assert "maya" in printed_again()
