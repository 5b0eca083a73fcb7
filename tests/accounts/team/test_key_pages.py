"""API keys in the console: made, replaced and ended by those who may, with their text shown once."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.team import keys
from accounts.team.models import ApiKey, User
from tests.cast import person

pytestmark = pytest.mark.django_db
KEYS = "/admin/accounts/apikey/"


@pytest.fixture
def boss(starter: Any) -> User:
    return person("boss", role="administrator", group=None)


@pytest.fixture
def console(boss: User) -> Client:
    client = Client()
    client.force_login(boss)
    return client


def shown(response: Any) -> str:
    """The key that a page shows; empty where it shows none."""
    found = re.search(r'<code id="key">(\w+)</code>', response.content.decode())
    return found[1] if found else ""


def test_a_key_is_made_and_shown_once(console, product, boss):
    body = {"name": "Warehouse", "scope": "read", "source": product.pk, "ends_after_days": "30"}
    text = shown(console.post(f"{KEYS}add/", body))
    key = keys.identify(text, at=now())
    assert (key.name, key.scope, key.source) == ("Warehouse", "read", product)
    assert (key.expires_at - key.created_at).days == 30
    page = console.get(f"{KEYS}{key.pk}/change/")
    assert page.status_code == 200
    assert shown(page) == ""
    assert text.split("_")[2] not in page.content.decode()
    assert AuditEntry.objects.get(verb="apikey.issue").actor_id == boss.pk


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"name": "x", "scope": "ingest"}, "names the source"),
        ({"name": "", "scope": "read"}, "required"),
        ({"name": "x", "scope": "everything"}, "valid choice"),
        ({"name": "x", "scope": "read", "ends_after_days": "0"}, "greater than or equal to 1"),
        ({"name": "x", "scope": "read", "source": "999999"}, "valid choice"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(console, body, says):
    response = console.post(f"{KEYS}add/", body)
    assert response.status_code == 400
    assert says in response.content.decode()
    assert not ApiKey.objects.exists()


def test_a_key_is_replaced_and_both_are_good_for_a_while(console):
    old, old_text = keys.issue(name="CRM", scope="write", by=None, at=now())
    response = console.post(f"{KEYS}{old.pk}/rotate/", {"days": "7"})
    new = keys.identify(shown(response), at=now())
    assert new.user == old.user
    assert keys.identify(old_text, at=now()) == old
    page = console.get(f"{KEYS}{old.pk}/change/").content.decode()
    assert f"hf_{new.prefix}_" in page
    assert "Replace it" not in page


@pytest.mark.parametrize("days", ["91", "-1", "", "x"])
def test_an_overlap_that_is_none_is_refused_on_the_page(console, days):
    key, _ = keys.issue(name="CRM", scope="write", by=None, at=now())
    response = console.post(f"{KEYS}{key.pk}/rotate/", {"days": days})
    assert response.status_code == 400
    assert 'class="hf-error"' in response.content.decode()
    assert ApiKey.objects.count() == 1


def test_a_key_is_revoked(console):
    key, text = keys.issue(name="CRM", scope="write", by=None, at=now())
    console.post(f"{KEYS}{key.pk}/revoke/")
    assert keys.look_up(text, at=now()) is keys.Refusal.REVOKED
    page = console.get(f"{KEYS}{key.pk}/change/").content.decode()
    assert "This key has been revoked" in page
    assert "Replace it" not in page


def test_who_may_only_look_changes_nothing(olga):
    key, text = keys.issue(name="CRM", scope="write", by=None, at=now())
    client = Client()
    client.force_login(olga)
    page = client.get(f"{KEYS}{key.pk}/change/").content.decode()
    assert "CRM" in page
    assert "Revoke" not in page
    assert "Replace it" not in page
    answers = [
        client.get(f"{KEYS}add/"),
        client.post(f"{KEYS}add/", {"name": "x", "scope": "read"}),
        client.post(f"{KEYS}{key.pk}/rotate/", {"days": "7"}),
        client.post(f"{KEYS}{key.pk}/revoke/"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert keys.identify(text, at=now()) == key
    assert ApiKey.objects.count() == 1


def test_a_link_alone_does_nothing(console):
    key, text = keys.issue(name="CRM", scope="write", by=None, at=now())
    assert {console.get(f"{KEYS}{key.pk}/{verb}/").status_code for verb in ("rotate", "revoke")} == {404}
    assert keys.identify(text, at=now()) == key


def test_nobody_makes_a_key_that_may_more_than_they(starter, boss, bruno):
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as refused:
        keys.issue(name="x", scope="admin", by=bruno, at=now())
    assert "administrator" in refused.value.message_dict["scope"][0]
    assert keys.issue(name="x", scope="admin", by=boss, at=now())[0].scope == "admin"
