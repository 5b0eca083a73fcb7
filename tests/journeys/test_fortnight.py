"""Fourteen days of a whole machine: signals, contracts and silence, and a full pass after each step finds nothing."""

import datetime as dt
import json
import random

import pytest

from accounts.contracts import services as contracts
from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.identity import services as identity
from accounts.ingestion.fold import fold
from accounts.ingestion.services import accept
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace.models import Source, Workspace
from plays.definitions.models import Play
from plays.definitions.services import activate
from retention.evaluation import fullpass, passes
from retention.evaluation.models import Edge, Incident

pytestmark = pytest.mark.django_db
FEATURES = ["Report Viewed", "Alert Created", "Dashboard Viewed", "Audience Created"]
BEGAN = dt.datetime(2026, 3, 20, 7, 30, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
SILENCE = range(5, 10)
"""The days on which the product says nothing; its facts may be 48 hours old."""


@pytest.fixture
def book(product: Source) -> list[Account]:
    Source.objects.update(stale_after_hours=48)
    Workspace.objects.update(time_zone="America/New_York")  # the clocks had changed there shortly before
    activate(Play.objects.get(key="usage_drop"), by=None, at=BEGAN)
    accounts = [portfolio.create(name=f"Account {number}", by=None, at=BEGAN) for number in range(8)]
    for number, account in enumerate(accounts):
        identity.link(account, source=product, value=f"acct-{number}", by=None, at=BEGAN)
    return accounts


def say(product: Source, account: int, chance: random.Random, at: dt.datetime) -> None:
    """Some people of the account used something on some of the sixty days before."""
    items = []
    for _ in range(chance.randint(1, 25)):
        user, when = f"user-{account}-{chance.randrange(12)}", at - chance.random() * 60 * DAY
        items.append({"type": "group", "userId": user, "groupId": f"acct-{account}", "timestamp": when.isoformat()})
        items.append({"type": "track", "userId": user, "event": chance.choice(FEATURES), "timestamp": when.isoformat()})
    for item in items:
        item["messageId"] = f"m-{chance.getrandbits(60)}"
    accept(json.dumps({"batch": items}).encode(), call="batch", source=product, at=at)


def sell(account: Account, chance: random.Random, at: dt.datetime) -> None:
    starts = at.date() - chance.randint(0, 360) * DAY
    contracts.sign(
        account,
        starts_on=starts,
        ends_on=starts + chance.choice([365, 366, 372, 395]) * DAY,
        arr_minor=chance.randint(0, 10) * 100_000,
        currency="USD",
        signed_at=at,
        by=None,
        at=at,
    )


def catch_up(at: dt.datetime) -> None:
    """What the pump does, at this moment."""
    work = (
        fold,
        lambda: projection.project_dirty(at=at),
        lambda: aging.project_aged(at=at),
        lambda: passes.evaluate_dirty(at=at),
    )
    while sum(stage() for stage in work):
        pass


@pytest.mark.parametrize("seed", [1, 2])
def test_after_every_step_a_full_pass_finds_nothing(book: list[Account], product: Source, seed: int) -> None:
    chance, at, unknown = random.Random(seed), BEGAN, 0
    while at < BEGAN + 14 * DAY:
        day = (at - BEGAN) // DAY
        for number in chance.sample(range(len(book)), chance.randint(0, 3)):
            if day not in SILENCE:
                say(product, number, chance, at)
            if chance.random() < 0.3:
                sell(book[number], chance, at)
        catch_up(at)
        report = fullpass.run(at=at)
        assert (report.turned, report.missed.total()) == (0, 0), at
        assert projection.differences(at=at) == {}, at
        unknown += AccountFacts.objects.filter(last_active_at__isnull=False, active_users_30d=None).exists()
        at += chance.choice([1, 3, 9, 15]) * HOUR + dt.timedelta(seconds=chance.randint(0, 3000))
    assert unknown, "the silence of the product was noticed"
    assert {"data", "time"} <= set(Edge.objects.values_list("cause", flat=True))
    assert not Incident.objects.exists()
