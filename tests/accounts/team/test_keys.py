"""Keys of machines: shown once, kept as a hash, good until they are revoked, expire or lose their user."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.models import AuditEntry
from accounts.team import keys
from accounts.team.models import ApiKey, User
from tests.factories.accounts import AT, RoleFactory, SourceFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _roles(db):
    RoleFactory(key="integration")
    RoleFactory(key="administrator")


def issued(**values):
    return keys.issue(**{"name": "CRM", "scope": "write", "by": None, "at": AT, **values})


def test_the_text_identifies_the_key():
    key, text = issued()
    assert keys.identify(text, at=AT) == key
    assert keys.identify(f"  {text}\n", at=AT) == key


def test_only_a_hash_is_kept():
    key, text = issued()
    secret = text.split("_")[2]
    stored = " ".join(str(value) for value in ApiKey.objects.values().get(pk=key.pk).values())
    assert secret not in stored
    assert secret not in str(list(AuditEntry.objects.values()))


def test_it_acts_as_an_integration_user_who_cannot_sign_in():
    key, _ = issued()
    assert key.user.role.key == "integration"
    assert not key.user.has_usable_password()
    assert not key.user.is_staff
    assert issued(scope="admin")[0].user.role.key == "administrator"


def test_each_key_has_a_user_of_its_own():
    assert issued()[0].user != issued()[0].user


def test_issuing_leaves_an_entry_for_the_key_and_for_its_user():
    key, _ = issued()
    verbs = dict(AuditEntry.objects.values_list("verb", "object_id"))
    assert verbs == {"apikey.issue": str(key.pk), "user.add": str(key.user.pk)}


@pytest.mark.parametrize(
    "spoilt",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "x",
        lambda text: text.replace("hf_", "xx_"),
        lambda text: text.replace("_", "-"),
        lambda text: text.upper(),
        lambda text: f"hf_{text.split('_')[1]}_",
        lambda text: f"hf_nobody_{text.split('_')[2]}",
        lambda text: f"hf_\x00_{text.split('_')[2]}",
        lambda text: "hf_ü_ü",
    ],
)
def test_anything_else_identifies_nobody(spoilt):
    _, text = issued()
    assert keys.identify(spoilt(text), at=AT) is None


def test_a_revoked_key_is_none():
    key, text = issued()
    keys.revoke(key, by=None, at=AT)
    assert keys.identify(text, at=AT) is None
    assert AuditEntry.objects.filter(verb="apikey.revoke", object_id=key.pk).count() == 1


def test_revoking_again_keeps_the_time_of_the_first():
    key, _ = issued()
    keys.revoke(key, by=None, at=AT)
    keys.revoke(key, by=None, at=AT + dt.timedelta(days=1))
    assert ApiKey.objects.get().revoked_at == AT
    assert AuditEntry.objects.filter(verb="apikey.revoke").count() == 1


def test_a_key_ends_at_the_instant_it_expires():
    end = AT + dt.timedelta(days=1)
    key, text = issued(expires_at=end)
    assert keys.identify(text, at=end - dt.timedelta(seconds=1)) == key
    assert keys.identify(text, at=end) is None


def test_a_key_whose_user_was_deactivated_is_none():
    key, text = issued()
    User.objects.filter(pk=key.user_id).update(is_active=False)
    assert keys.identify(text, at=AT) is None


def test_the_last_use_is_noted_once_a_minute(django_assert_num_queries):
    key, text = issued()
    keys.seen(key, at=AT)
    key = keys.identify(text, at=AT)
    with django_assert_num_queries(0):
        keys.seen(key, at=AT + dt.timedelta(seconds=59))
    keys.seen(key, at=AT + dt.timedelta(seconds=61))
    assert ApiKey.objects.get().last_used_at == AT + dt.timedelta(seconds=61)


def test_a_key_that_sends_signals_names_its_source():
    with pytest.raises(ValidationError) as refused:
        issued(scope="ingest")
    assert "source" in refused.value.message_dict
    assert not ApiKey.objects.exists()
    assert not User.objects.exists(), "nor is its user left behind"
    source = SourceFactory()
    assert issued(scope="ingest", source=source)[0].source == source


@pytest.mark.parametrize(
    ("values", "field"), [({"scope": "everything"}, "scope"), ({"name": "x" * 121}, "name"), ({"name": ""}, "name")]
)
def test_refuses_what_is_no_key_and_leaves_nothing(values, field):
    with pytest.raises(ValidationError) as refused:
        issued(**values)
    assert field in refused.value.message_dict
    assert not ApiKey.objects.exists()
    assert not User.objects.exists()


def test_without_roles_it_says_how_to_get_them():
    User.objects.all().delete()
    type(RoleFactory()).objects.all().delete()
    with pytest.raises(keys.RoleMissing, match="playbook import"):
        issued()


def test_a_key_that_knocks_again_is_known_without_asking_the_database(django_assert_num_queries):
    key, text = issued()
    keys.recognise(text, at=AT)
    with django_assert_num_queries(0):
        assert keys.recognise(text, at=AT) == key


def test_a_key_that_this_process_revokes_is_forgotten_at_once(django_capture_on_commit_callbacks):
    key, text = issued()
    keys.recognise(text, at=AT)
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke(key, by=None, at=AT)
    assert keys.recognise(text, at=AT) is None


def test_a_key_that_another_process_revokes_is_forgotten_within_five_seconds(monkeypatch):
    key, text = issued()
    keys.recognise(text, at=AT)
    ApiKey.objects.filter(pk=key.pk).update(revoked_at=AT)
    later = keys.time.monotonic() + 5.1
    monkeypatch.setattr(keys.time, "monotonic", lambda: later)
    assert keys.recognise(text, at=AT) is None


def test_a_key_that_is_known_ends_at_the_instant_it_expires():
    end = AT + dt.timedelta(seconds=1)
    _, text = issued(expires_at=end)
    assert keys.recognise(text, at=AT)
    assert keys.recognise(text, at=end) is None


def test_a_known_key_is_noted_as_used_once_a_minute(django_assert_num_queries):
    _, text = issued()
    keys.seen(keys.recognise(text, at=AT), at=AT)
    with django_assert_num_queries(0):
        keys.seen(keys.recognise(text, at=AT), at=AT + dt.timedelta(seconds=59))
    later = AT + dt.timedelta(seconds=61)
    keys.seen(keys.recognise(text, at=later), at=later)
    assert ApiKey.objects.get().last_used_at == later


def test_a_key_outlives_the_secret_key_it_was_hashed_under_once_it_was_used(db, settings):
    _, used = keys.issue(name="used", scope="read", by=None, at=AT)
    _, unused = keys.issue(name="unused", scope="read", by=None, at=AT)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "the next one", [settings.SECRET_KEY]
    assert keys.identify(used, at=AT) is not None
    settings.SECRET_KEY_FALLBACKS = []
    assert keys.identify(used, at=AT) is not None
    assert keys.identify(unused, at=AT) is None
