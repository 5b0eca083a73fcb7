"""A key gets a new text without a moment in which neither is good."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.team import keys
from accounts.team.models import ApiKey, User
from tests.factories.accounts import AT, RoleFactory, SourceFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _roles(db):
    RoleFactory(key="integration")


def issued(**values):
    return keys.issue(**{"name": "CRM", "scope": "write", "by": None, "at": AT, **values})


def rotated(key, *, overlap=7 * DAY, at=AT):
    return keys.rotate(key, overlap=overlap, by=None, at=at)


def test_both_are_good_until_the_overlap_is_over():
    old, old_text = issued()
    new, new_text = rotated(old)
    almost = AT + 7 * DAY - dt.timedelta(seconds=1)
    assert (keys.identify(old_text, at=almost), keys.identify(new_text, at=almost)) == (old, new)
    assert keys.look_up(old_text, at=AT + 7 * DAY) is keys.Refusal.EXPIRED
    assert keys.identify(new_text, at=AT + 7 * DAY) == new


def test_the_new_one_is_the_same_caller():
    old, _ = issued(source=SourceFactory())
    new, text = rotated(old)
    assert (new.name, new.scope, new.source, new.user) == (old.name, old.scope, old.source, old.user)
    assert User.objects.count() == 1
    assert ApiKey.objects.get(pk=old.pk).replaced_by == new
    stored = str(list(ApiKey.objects.values())) + str(list(AuditEntry.objects.values()))
    assert text.split("_")[2] not in stored


def test_the_new_one_lives_as_long_as_the_old_one_was_meant_to():
    old, _ = issued(expires_at=AT + 90 * DAY)
    new, _ = rotated(old, at=AT + 80 * DAY, overlap=30 * DAY)
    assert new.expires_at == AT + 170 * DAY
    assert ApiKey.objects.get(pk=old.pk).expires_at == AT + 90 * DAY, "no longer than it would have been"


def test_each_of_the_two_leaves_an_entry():
    old, _ = issued()
    new, _ = rotated(old)
    found = set(AuditEntry.objects.exclude(verb="user.add").values_list("verb", "object_id"))
    assert found == {
        ("apikey.issue", str(old.pk)),
        ("apikey.rotate", str(new.pk)),
        ("apikey.replace", str(old.pk)),
    }


@pytest.mark.parametrize("overlap", [-DAY, 91 * DAY])
def test_an_overlap_has_bounds(overlap):
    old, _ = issued()
    with pytest.raises(ValidationError, match="0 to 90 days"):
        rotated(old, overlap=overlap)
    assert ApiKey.objects.count() == 1


def test_a_key_that_is_over_is_not_rotated():
    revoked, expired = issued()[0], issued(expires_at=AT + DAY)[0]
    keys.revoke(revoked, by=None, at=AT)
    with pytest.raises(ValidationError, match="revoked.*Make a new key"):
        rotated(revoked)
    with pytest.raises(ValidationError, match="expired.*Make a new key"):
        rotated(expired, at=AT + DAY)


def test_a_key_is_replaced_once():
    old, _ = issued()
    new, _ = rotated(old)
    with pytest.raises(ValidationError, match="took its place"):
        rotated(old)
    assert rotated(new)[0].user == old.user


def test_refuses_a_key_that_would_be_over_at_once():
    with pytest.raises(ValidationError) as refused:
        issued(expires_at=AT)
    assert "expires_at" in refused.value.message_dict


def test_why_a_key_opens_nothing_is_told_to_who_has_it_alone():
    key, text = issued(expires_at=AT + DAY)
    guessed = text[:-1] + ("a" if text[-1] != "a" else "b")
    assert keys.look_up(text, at=AT + DAY) is keys.Refusal.EXPIRED
    keys.revoke(key, by=None, at=AT)
    assert keys.look_up(text, at=AT) is keys.Refusal.REVOKED
    assert keys.look_up(guessed, at=AT) is keys.Refusal.UNKNOWN
