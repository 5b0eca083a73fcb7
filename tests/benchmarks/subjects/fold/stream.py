"""A stream of signals as products send them: the same for the same size, in requests of 500 items."""

import datetime as dt
import random
import uuid
from dataclasses import dataclass
from typing import Any

import msgspec
from django.db import connection

from accounts.ingestion.models import (
    AccountActivity,
    EventName,
    Feature,
    FeatureActivity,
    InboxRequest,
    Milestone,
    SignalEvent,
    SourceCount,
    UserActivity,
)
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source, Workspace
from tests.benchmarks.book import AT, analyze, insert
from tests.benchmarks.harness import FIGURES

BATCH = 500
ACCOUNTS = 200
NAMES = [f"Thing {number} Done" for number in range(30)]
DAY = dt.timedelta(days=1)


@dataclass
class World:
    """What the benchmarks are given: the source, and how many accounts the run is about."""

    source: Source
    size: int

    @property
    def events(self) -> int:
        """Signals a round, all in the last two days."""
        return 20_000 if self.size >= FIGURES else 5_000

    @property
    def users(self) -> int:
        """Those who send them."""
        return self.events // 10

    @property
    def rounds(self) -> int:
        return 3 if self.size >= FIGURES else 1


def prepare(size: int) -> World:
    """Accounts and users who have been active before."""
    Workspace.objects.create(company="Benchmark")
    source = Source.objects.create(key="product", name="Product")
    world = World(source, size)
    insert(Account, ["id", "key", "name", "root_id", "created_at"], map(_account, range(1, ACCOUNTS + 1)))
    insert(
        ProductUser,
        ["id", "source_id", "external_id", "account_id", "first_seen_at", "last_seen_at"],
        (_user(n, source.pk) for n in range(1, world.users + 1)),
    )
    insert(
        AccountActivity,
        ["account_id", "source_id", "first_event_at", "last_event_at"],
        ((n, source.pk, AT - 60 * DAY, AT - 9 * DAY) for n in range(1, ACCOUNTS + 1)),
    )
    for number in range(12):
        Feature.objects.create(key=f"f{number}", name=f"Feature {number}", events=NAMES[number : number + 1])
    Milestone.objects.create(key="m", name="Milestone", events=NAMES[:1])
    analyze()
    return world


def _account(n: int) -> tuple[Any, ...]:
    return n, f"account-{n}", f"Account {n}", n, AT - 900 * DAY


def _user(n: int, source_id: int) -> tuple[Any, ...]:
    return n, source_id, f"user-{n}", n % ACCOUNTS + 1, AT - 60 * DAY, AT - 9 * DAY


def requests(world: World, *, seed: int) -> list[bytes]:
    """Bodies of batches, each item about 390 bytes as a server's SDK writes it."""
    dice = random.Random(seed)
    return [
        msgspec.json.encode({"batch": [_item(dice, world.users) for _ in range(BATCH)], "sentAt": AT.isoformat()})
        for _ in range(world.events // BATCH)
    ]


def _item(dice: random.Random, users: int) -> dict[str, Any]:
    at = AT - dice.random() * 2 * DAY
    return {
        "integrations": {},
        "anonymousId": None,
        "timestamp": at.isoformat(timespec="milliseconds"),
        "context": {"library": {"name": "analytics-python", "version": "2.4.0"}},
        "userId": f"user-{dice.randint(1, users)}",
        "type": "track",
        "messageId": str(uuid.UUID(int=dice.getrandbits(128), version=4)),
        "event": dice.choice(NAMES),
        "properties": {"plan": dice.choice(["free", "team"]), "n": dice.randrange(1000), "page": "/reports/overview"},
    }


def fill_inbox(world: World, bodies: list[bytes]) -> None:
    """Puts requests into the inbox, as the doors do."""
    InboxRequest.objects.bulk_create(
        InboxRequest(source=world.source, call="batch", received_at=AT, body=body) for body in bodies
    )


def empty() -> None:
    """Takes away every signal and what it left, but not who was active before: the fold's usual day, not its first."""
    ProductUser.objects.update(last_seen_at=AT - 9 * DAY)
    AccountActivity.objects.update(last_event_at=AT - 9 * DAY)
    tables = (SignalEvent, InboxRequest, UserActivity, FeatureActivity, EventName, SourceCount)
    names = ", ".join(f'"{table._meta.db_table}"' for table in tables)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {names} CASCADE")
            return
        for table in tables:
            cursor.execute(f'DELETE FROM "{table._meta.db_table}"')


AT_ONCE = 500_000


def old_ids(world: World, count: int) -> None:
    """Signals of the last 400 days, most of all days alike, with ids as clients draw them: the database makes them."""
    columns = "day, source_id, message, type, name, account_id, product_user_id, at"
    with connection.cursor() as cursor:
        for first in range(0, count, AT_ONCE):
            last = min(first + AT_ONCE, count) - 1
            old = _OLD[connection.vendor].format(
                source=world.source.pk,
                first=first,
                last=last,
                users=world.users,
                accounts=ACCOUNTS,
                began=int(AT.timestamp()),
            )
            old = old.replace("STEP", f"{400 * 86_400 / count:.6f}")
            cursor.execute(f"INSERT INTO {SignalEvent._meta.db_table} ({columns}) {old}")


_OLD = {
    "postgresql": """
        SELECT (at AT TIME ZONE 'UTC')::date, {source}, md5(n::text)::uuid, 'track', 'Old', u % {accounts} + 1, u, at
        FROM (SELECT n, n * 7919 % {users} + 1 AS u, to_timestamp({began} - n * STEP) AS at
            FROM generate_series({first}::bigint, {last}) n) old
    """,
    "sqlite": """
        WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last})
        SELECT date(at, 'unixepoch'), {source}, lower(hex(randomblob(16))), 'track', 'Old', u % {accounts} + 1, u,
            datetime(at, 'unixepoch')
        FROM (SELECT n, n * 7919 % {users} + 1 AS u, CAST({began} - n * STEP AS INTEGER) AS at FROM numbers)
    """,
}
