"""Requests that real SDKs sent, replayed byte for byte: all end in the same activity and facts."""

import datetime as dt
import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.test import Client

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion import ring
from accounts.ingestion.models import AccountActivity, QuarantinedItem, SignalEvent, SignalPayload, UserActivity, Visit
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.team import keys
from accounts.workspace import services as workspace
from tests.cast import basic

pytestmark = pytest.mark.real_inputs

RECORDED = ("segment-analytics-python-2.4.0", "segment-analytics-python-2.4.0-gzip", "segment-analytics-node-3.1.0")
RECORDED_AT = "2026-11-21T20:30:00Z"


def recording(name: str) -> list[dict[str, Any]]:
    folder = os.environ.get("REAL_INPUTS")
    if not folder:
        pytest.skip("REAL_INPUTS is not set, so there are no recorded requests to replay.")
    return json.loads((Path(folder) / "segment" / f"{name}.json").read_text(encoding="utf-8"))


def replay(client: Client, request: dict[str, Any], *, key: str, theirs: str) -> Any:
    """The recorded request with our key instead of theirs."""
    text = json.dumps(request["body_json"]).replace(theirs, key).encode()
    headers = {name: value for name, value in request["headers"] if name.lower() not in ("content-length", "host")}
    content_type = headers.pop("Content-Type")
    assert headers["Authorization"] == basic(theirs)
    headers["Authorization"] = basic(key)
    body = gzip.compress(text) if request["content_encoding"] == "gzip" else text
    return client.generic(request["method"], request["path"], body, content_type=content_type, headers=headers)


def outcome(account: Account) -> dict[str, Any]:
    """What is known of the account and its people, without when it was heard of."""
    facts = AccountFacts.objects.get(account=account)
    activity = UserActivity.objects.select_related("product_user").get(account=account)
    return {
        "facts": (facts.active_users_30d, facts.active_users_change_30d, facts.features_used_30d),
        "last": facts.last_active_at.replace(microsecond=0, second=0) if facts.last_active_at else None,
        "days": (activity.product_user.external_id, activity.last_day, activity.word_0),
        "person": ProductUser.objects.values_list("external_id", "name", "email", "account__key").get(),
        "signals": sorted(SignalEvent.objects.values_list("type", "name", "account__key", "product_user__external_id")),
        "payloads": SignalPayload.objects.count(),
        "visits": Visit.objects.count(),
        "waiting": list(QuarantinedItem.objects.values_list("reason", flat=True)),
    }


def counts() -> list[int]:
    return [
        table.objects.count()
        for table in (SignalEvent, SignalPayload, ProductUser, UserActivity, QuarantinedItem, Visit)
    ]


@pytest.fixture
def outcomes(client: Client, northwind: Account, pump: Any) -> dict[str, dict[str, Any]]:
    """The outcome of each recording, each in a world of its own."""
    found: dict[str, dict[str, Any]] = {}
    with time_machine.travel(RECORDED_AT, tick=False):
        for name in RECORDED:
            with transaction.atomic():
                source = workspace.connect_source(key=name.replace(".", "-"), by=None, at=now())
                identity.link(northwind, source=source, value="acct-42", by=None, at=now())
                _, text = keys.issue(name=name, scope="ingest", source=source, by=None, at=now())
                requests = recording(name)
                for request in requests:
                    theirs = request["basic_decoded"].removesuffix(":")
                    response = replay(client, request, key=text, theirs=theirs)
                    assert (response.status_code, response.json()) == (200, {"success": True, "accepted": 7})
                pump()
                found[name] = outcome(northwind)
                before = counts()
                replay(client, requests[0], key=text, theirs=theirs)
                pump()
                assert counts() == before
                transaction.set_rollback(True)
    return found


def test_the_three_recordings_end_in_the_same_activity_and_facts(outcomes: dict[str, dict[str, Any]]) -> None:
    first, second, third = outcomes.values()
    assert first == second == third


def test_they_say_what_was_recorded(outcomes: dict[str, dict[str, Any]], northwind: Account) -> None:
    found = outcomes[RECORDED[0]]
    assert found["facts"] == (1, None, 0)
    assert found["days"] == ("u-1", ring.day_number(dt.date(2026, 11, 21)), 1)
    assert found["person"] == ("u-1", "Ada Löveläce", "ada@example.com", northwind.key)
    kinds = [kind for kind, *_ in found["signals"]]
    assert kinds == ["alias", "group", "identify", "page", "screen", "track"]
    assert found["payloads"] == 3
    assert found["waiting"] == []
    assert found["visits"] == 1
    assert not AccountActivity.objects.exists()
