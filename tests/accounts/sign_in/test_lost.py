"""Somebody lost their phone, typed a code twice, or tried too often: what they are told, and what helps them."""

import datetime as dt
from typing import Any

import pytest

from accounts.sign_in import factors
from accounts.sign_in.rules import demand
from accounts.team.models import Role, User
from tests.accounts.sign_in.conftest import AT, set_up, sign_in

pytestmark = pytest.mark.django_db
CODE, PAGE, OWN = "/admin/login/code/", "/admin/sign-in/", "/admin/security/"


def shown(client: Any, code: str) -> str:
    return client.post(CODE, {"code": code}).content.decode()


def test_a_code_that_did_count_is_told_from_a_wrong_one(maya: User) -> None:
    phone, codes = set_up(maya)
    sign_in("maya")[0].post(CODE, {"code": codes[0]})
    client, _ = sign_in("maya")
    assert "This code was used already" in shown(client, phone.code())
    assert "This recovery code was used already" in shown(client, codes[0])
    assert "not the code of this moment" in shown(client, "abcde-fghij")


def test_too_many_codes_are_told_from_too_many_passwords(maya: User) -> None:
    set_up(maya)
    client, _ = sign_in("maya")
    for _ in range(10):
        shown(client, "000000")
    told = shown(client, "000000")
    assert "Too many codes were tried. Try again in" in told
    assert "the right password" not in told


def test_a_reset_ends_the_sessions_on_what_was_lost_and_the_count_of_tries(
    maya: User, root: User, time_machine: Any
) -> None:
    lost, _ = sign_in("maya")
    set_up(maya)
    stranger, _ = sign_in("maya")
    for _ in range(11):
        shown(stranger, "000000")
    console, _ = sign_in("root")
    told = console.post(f"{PAGE}{maya.pk}/reset/", follow=True).content.decode()
    assert "signed out everywhere" in told
    assert "their password alone signs them in" in told
    assert lost.get("/admin/").status_code == 302
    phone, _ = set_up(maya)
    time_machine.move_to(AT + dt.timedelta(minutes=2), tick=False)
    client, _ = sign_in("maya")
    assert client.post(CODE, {"code": phone.code()}).status_code == 302, "they are let in with the new phone at once"


def test_a_reset_says_what_comes_next_where_it_is_demanded(maya: User, root: User) -> None:
    set_up(maya)
    demand(everybody=False, roles=[Role.objects.get(key="csm")], by=root, at=AT)
    console, _ = sign_in("root")
    told = console.post(f"{PAGE}{maya.pk}/reset/", follow=True).content.decode()
    assert "set it up anew before they get to any other page" in told


def test_whoever_resets_themselves_stays_on_the_page(root: User) -> None:
    console, _ = sign_in("root")
    set_up(root)
    assert console.post(f"{PAGE}{root.pk}/reset/", follow=True).status_code == 200
    assert not factors.is_on(root)


def test_turning_it_on_twice_is_no_wrong_code(maya: User) -> None:
    client, _ = sign_in("maya")
    client.get(OWN)
    phone, _ = set_up(maya)
    told = client.post(OWN, {"do": "enable", "code": phone.code()}).content.decode()
    assert "on already" in told
    assert "not the code of this moment" not in told


def test_a_browser_from_before_is_told_to_sign_in_again(maya: User, root: User) -> None:
    client, _ = sign_in("maya")
    set_up(maya)
    demand(everybody=True, roles=[], by=root, at=AT)
    assert "sign out here and in again, with a code" in client.get(OWN).content.decode()


@pytest.mark.parametrize("name", ["maya", "nobody-here"])
def test_a_wrong_password_says_what_to_do_and_not_who_is_known(maya: User, name: str) -> None:
    told = sign_in(name, password="not-the-one")[1].content.decode()
    assert "do not belong together" in told
    assert "Ask an administrator for a link" in told
    assert "staff account" not in told
