"""Passwords are not guessed: so many tries of one account from one address, whatever is written into headers."""

from typing import Any

import pytest
from django.test import Client

from accounts.throttling import signing_in
from accounts.throttling.models import Allowance

pytestmark = pytest.mark.django_db


def try_to(client: Client, username: str, password: str, **headers: str) -> Any:
    return client.post("/admin/login/", {"username": username, "password": password}, headers=headers)


def wrong(client: Client, times: int, username: str = "amelia", **headers: str) -> list[int]:
    return [try_to(client, username, f"wrong-{n}", **headers).status_code for n in range(times)]


def test_after_ten_wrong_tries_not_even_the_right_password_is_looked_at(client, amelia):
    assert wrong(client, 11) == [200] * 10 + [429]
    response = try_to(client, "amelia", "amelia-pass-1")
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert "Try again in 15 minutes" in response.content.decode()
    assert 'name="password"' in response.content.decode(), "the page to sign in, not a bare error"
    assert "_auth_user_id" not in client.session


def test_however_the_name_is_written_it_is_one_account(client, amelia):
    assert wrong(client, 10) == [200] * 10
    assert wrong(client, 1, "AMELIA") == [429]


def test_a_name_that_nobody_has_is_counted_alike(client, amelia):
    assert wrong(client, 11, "nobody") == [200] * 10 + [429]


def test_others_and_other_addresses_are_not_locked_out(client, amelia, bruno):
    wrong(client, 11)
    assert try_to(client, "bruno", "bruno-pass-1").status_code == 302
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert try_to(elsewhere, "amelia", "amelia-pass-1").status_code == 302


def test_a_forged_address_changes_nothing(client, amelia):
    answers = [
        try_to(client, "amelia", "wrong", **{"X-Forwarded-For": f"198.51.100.{n}"}).status_code for n in range(12)
    ]
    assert answers == [200] * 10 + [429] * 2


def test_behind_a_trusted_proxy_the_address_is_the_one_it_saw(client, amelia, settings):
    settings.TRUSTED_PROXIES = ["127.0.0.1"]
    assert wrong(client, 11, **{"X-Forwarded-For": "198.51.100.1"})[-1] == 429
    assert try_to(client, "amelia", "amelia-pass-1", **{"X-Forwarded-For": "198.51.100.2"}).status_code == 302


def test_who_then_knows_the_password_begins_anew(client, amelia):
    wrong(client, 9)
    assert try_to(client, "amelia", "amelia-pass-1").status_code == 302
    assert not Allowance.objects.exists()
    client.logout()
    assert wrong(client, 10) == [200] * 10


def test_one_password_tried_on_everybody_ends_too(amelia, monkeypatch):
    monkeypatch.setattr(signing_in, "FROM_ONE_ADDRESS", signing_in.Limit("sign-in from an address", 3, 60))
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert [wrong(elsewhere, 1, f"user-{n}")[0] for n in range(4)] == [200, 200, 200, 429]
