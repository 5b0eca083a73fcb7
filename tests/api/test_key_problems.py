"""Each way in which a key fails says which it is, and what to do."""

import datetime as dt
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.team import keys
from accounts.team.models import ApiKey, User
from accounts.workspace.services import connect_source
from tests.api.conftest import Api, problems

DAY = dt.timedelta(days=1)


def answered(response: Any, status: int) -> tuple[str, str]:
    problems(response, status)
    body = response.json()
    assert body["type"] == f"/api/problems/{body['code']}/"
    assert len(body["remedy"].split()) >= 3
    return body["code"], body["detail"]


@pytest.fixture
def made(starter):
    return keys.issue(name="CRM", scope="write", by=None, at=now())


def test_no_key(anonymous):
    assert answered(anonymous.get("accounts/"), 401)[0] == "not_authenticated"


@pytest.mark.parametrize("text", ["hf_000000000000_wrong", "nonsense", "", "hf_é_x", "x" * 5000])
def test_an_unknown_key(db, text):
    api = Api()
    api.headers = {"Authorization": f"Bearer {text}"}
    assert answered(api.get("accounts/"), 401)[0] == "key_unknown"


def test_a_revoked_key(made):
    key, text = made
    keys.revoke(key, by=None, at=now())
    assert answered(Api(text).get("accounts/"), 401) == ("key_revoked", "This key has been revoked.")


def test_an_expired_key(made):
    key, text = made
    ApiKey.objects.filter(pk=key.pk).update(expires_at=now())
    assert answered(Api(text).get("accounts/"), 401) == ("key_expired", "This key has expired.")


def test_a_key_whose_user_is_gone(made):
    key, text = made
    User.objects.filter(pk=key.user_id).update(is_active=False)
    assert answered(Api(text).get("accounts/"), 401)[0] == "key_user_inactive"


def test_a_key_that_reads_and_is_asked_to_write(with_key):
    code, detail = answered(with_key("read").post("accounts/", {"name": "x"}), 403)
    assert (code, detail) == ("key_scope", "This key has scope read: it may read and nothing else.")


def test_a_key_for_signals(ingest_key):
    code, detail = answered(Api(ingest_key).get("accounts/"), 403)
    assert code == "key_scope"
    assert "send signals to /v1/" in detail


def test_a_role_that_does_not_reach(as_user, amelia):
    assert answered(as_user(amelia).post("webhook-endpoints/", {}), 403)[0] == "permission_denied"


def test_a_key_of_one_source_speaks_for_no_other(starter, northwind, product):
    connect_source(key="crm", by=None, at=now())
    bound = Api(keys.issue(name="P", scope="write", source=product, by=None, at=now())[1])
    body = {"account": northwind.key, "source": "crm", "id": "a-1"}
    assert "product alone" in problems(bound.post("external-ids/", body))["source"].lower()
    assert bound.post("external-ids/", body | {"source": "product"}).status_code == 201
    assert bound.get("accounts/").status_code == 200
