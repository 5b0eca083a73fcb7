import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from accounts.foundation.keys import key_from, keyed_hash, matches, new_secret, validate_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Northwind Traders", "northwind-traders"),
        ("Müller & Söhne GmbH", "muller-sohne-gmbh"),
        ("  --Acme_Inc--  ", "acme_inc"),
        ("株式会社", "account"),
        ("", "account"),
        ("x" * 300, "x" * 70),
    ],
)
def test_a_key_is_made_of_the_letters_of_a_name(name, key):
    assert key_from(name, fallback="account") == key


@given(st.text())
def test_every_name_makes_a_key(name):
    validate_key(key_from(name, fallback="account"))


@pytest.mark.parametrize("key", ["", "Upper", "has space", "-first", "_first", "a\n", "ä", "a.b", "a/b"])
def test_refuses_what_is_no_key(key):
    with pytest.raises(ValidationError):
        validate_key(key)


def test_secrets_are_long_differ_and_hold_no_separator():
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(secret) >= 40 and secret.isascii() and secret.isalnum() for secret in secrets)


def test_the_hash_of_a_secret_depends_on_the_installation(settings):
    stored = keyed_hash("secret")
    assert "secret" not in stored
    assert matches("secret", stored)
    assert not matches("Secret", stored)
    settings.SECRET_KEY = "another installation"
    assert not matches("secret", stored)


def test_a_rotated_installation_key_still_matches_while_it_is_a_fallback(settings):
    settings.SECRET_KEY = "old"
    stored = keyed_hash("secret")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    assert matches("secret", stored)
    settings.SECRET_KEY_FALLBACKS = []
    assert not matches("secret", stored)
