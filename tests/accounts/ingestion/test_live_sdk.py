"""The real Python SDK against a live server, from its first call to the work it leads to."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connections
from segment.analytics.client import Client

from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.ingestion.models import InboxRequest, SignalEvent
from accounts.portfolio.models import Account, AccountEvent
from plays.definitions.models import Play
from plays.runs.models import Run
from retention.work.models import WorkItem

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

Send = Callable[[], None]


def story(client: Client, *, at: dt.datetime) -> None:
    """12 people were active 31 to 60 days ago, 2 of them in the last 30 days: 60 tracks in all."""
    for number in range(12):
        user = f"user-{number}"
        _call(client.group, user, "acct-42", {"name": "Northwind"}, at - dt.timedelta(days=61), f"group-{number}")
        _call(
            client.identify, user, {"email": f"{user}@northwind.example"}, at - dt.timedelta(days=61), f"who-{number}"
        )
        days = [33, 40, 47, 54] + ([2, 4, 6, 8, 10, 12] if number < 2 else [])
        for day in days:
            _call(client.track, user, "Report Viewed", {"n": day}, at - dt.timedelta(days=day), f"t-{number}-{day}")


def _call(verb: Callable[..., Any], *args: Any) -> None:
    *said, at, message = args
    verb(*said, timestamp=at, message_id=message)


@pytest.fixture(autouse=True)
def _server_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread of the server that keeps its connection would keep PostgreSQL from dropping the test database."""
    monkeypatch.setitem(connections.settings["default"], "CONN_MAX_AGE", 0)


@pytest.fixture(params=[False, True], ids=["plain", "gzip"])
def send(request: pytest.FixtureRequest, live_server: Any, ingest_key: str) -> Send:
    """Sends the story; raises what the SDK reports as failed."""
    at = now()

    def run() -> None:
        failed: list[Exception] = []
        client = Client(
            ingest_key,
            host=live_server.url,
            gzip=request.param,
            on_error=lambda error, items: failed.append(error),
            max_retries=1,
            upload_size=20,
        )
        story(client, at=at)
        client.shutdown()
        assert failed == []

    return run


def counts() -> list[int]:
    return [table.objects.count() for table in (SignalEvent, AccountEvent, Run, WorkItem)]


def test_the_story_becomes_facts_a_run_and_one_piece_of_work(
    northwind: Account, usage_drop: Play, send: Send, pump: Any
) -> None:
    send()
    assert InboxRequest.objects.count() >= 84 / 20
    pump()
    facts = AccountFacts.objects.get(account=northwind)
    assert facts.active_users_30d == 2
    assert facts.active_users_change_30d == pytest.approx(-0.8333, abs=1e-4)
    assert SignalEvent.objects.filter(type="track").count() == 60
    assert (Run.objects.count(), WorkItem.objects.count()) == (1, 1)

    before = counts()
    send()
    pump()
    assert counts() == before
