"""A whole installation in processes of its own, a stream of signals, and now and then one that starts a play."""

import datetime as dt
import json
import os
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.workspace.models import Source
from plays.definitions import services as definitions
from plays.definitions.services import PlayDraft, StepDraft
from plays.runs.models import Run
from retention.evaluation.models import Watch
from tests.benchmarks.harness import FIGURES, Drift, Result, agree, at_least, at_most, figure
from tests.chaos.conftest import FOUND
from tests.chaos.installation import Installation, wait_until

RATE = {"postgresql": 1_000, "sqlite": 200}
"""Signals a second that arrive besides."""
BATCH = 50
ACCOUNTS = 200
USERS = 2_000
WARM = 8.0
"""Seconds before the first is measured: at first every account is used for the first time, and many plays start."""
PAUSE = 0.2
"""Seconds between two signals that start a run."""
LOOK = 0.02
PATIENCE = 60
TASK = {"title": "Say hello to {account}", "owner": "csm", "due": "1 bd"}


@dataclass
class World:
    """A running installation, and the accounts whose first signal starts a play."""

    place: Installation
    probes: list[str]
    seconds: float
    sent: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)


def prepare(size: int) -> World:
    """Accounts, a play that waits for the first active user, a web server and a worker."""
    folder = Path(tempfile.mkdtemp(prefix="holdfast-latency-"))
    place = Installation(folder, os.environ["DATABASE_URL"], more=FOUND)
    source = Source.objects.get(key="product")
    seconds = 30.0 if size >= FIGURES else 3.0
    probes = [f"probe-{number}" for number in range(int(seconds / PAUSE))]
    for name in [*probes, *(f"busy-{number}" for number in range(ACCOUNTS))]:
        account = portfolio.create(name=name, by=None, at=now())
        identity.link(account, source=source, value=name, by=None, at=now())
    trigger = {"fact": "active_users_30d", "operator": "greaterThan", "value": 0}
    draft = PlayDraft(
        key="hello",
        name="Hello",
        purpose="To be measured.",
        priority="internal",
        trigger=trigger,
        again_after_days=None,
        steps=(StepDraft("task", "human_task", dict(TASK)),),
    )
    definitions.activate(definitions.publish(draft, by=None, at=now()).play, by=None, at=now())
    place.start("web")
    place.start("work")
    wait_until(place.is_serving, PATIENCE)
    wait_until(lambda: Watch.objects.get(key="play:hello").preparing == Watch.Preparing.DONE, 2 * PATIENCE)
    return World(place, probes, seconds)


def signal_to_run(world: World) -> Iterator[Result]:
    """From the answer to a signal until its run exists, while signals arrive"""
    rate = RATE[connection.vendor]
    try:
        stream = threading.Thread(target=_stream, args=(world, rate))
        stream.start()
        time.sleep(WARM)
        began = time.monotonic()
        before = world.sent
        taken = _probe(world)
        arrived = (world.sent - before) / (time.monotonic() - began)
        world.is_over.set()
        stream.join(PATIENCE)
        agree("runs", Run.objects.filter(account__name__startswith="probe-").count(), len(world.probes))
    finally:
        world.is_over.set()
        world.place.end()
    p95 = statistics.quantiles(taken, n=20)[-1]
    sys.stderr.write(f"  {len(taken)} runs, median {statistics.median(taken):.2f} s, longest {max(taken):.2f} s\n")
    yield figure(f"Signal answered until its run exists, p95, {rate} signals a second besides", p95, "s", at_most(2))
    yield figure("Signals that arrived meanwhile", arrived, "/s", at_least(0.9 * rate))


def _probe(world: World) -> list[float]:
    """The seconds of each probe, from its answer until another connection sees its run."""
    answered: dict[str, float] = {}
    seen: dict[str, float] = {}
    sender = threading.Thread(target=_send_probes, args=(world, answered))
    sender.start()
    deadline = time.monotonic() + world.seconds + PATIENCE
    while len(seen) < len(world.probes):
        if time.monotonic() > deadline:
            raise Drift(f"{len(world.probes) - len(seen)} of {len(world.probes)} signals started nothing")
        found = _runs() - seen.keys()
        seen |= dict.fromkeys(found, time.monotonic())
        time.sleep(LOOK)
    sender.join()
    return [max(0.0, seen[name] - answered[name]) for name in world.probes]


def _runs() -> set[str]:
    """The names of the accounts that a run was started for, among those that are measured."""
    rows = Run.objects.filter(play__key="hello", account__name__startswith="probe-")
    return set(rows.values_list("account__name", flat=True))


def _send_probes(world: World, answered: dict[str, float]) -> None:
    for name in world.probes:
        _post(world.place, [_item(name, f"user-of-{name}", f"first-of-{name}")])
        answered[name] = time.monotonic()
        time.sleep(PAUSE)


def _stream(world: World, rate: int) -> None:
    """Sends batches at a steady rate, whatever the server does."""
    began, number = time.monotonic(), 0
    while not world.is_over.is_set():
        names = range(number * BATCH, (number + 1) * BATCH)
        _post(
            world.place, [_item(f"busy-{name % ACCOUNTS}", f"user-{name % USERS}", f"stream-{name}") for name in names]
        )
        number += 1
        world.sent += BATCH
        wait = began + number * BATCH / rate - time.monotonic()
        if wait > 0:
            world.is_over.wait(wait)


def _item(group: str, user: str, message: str) -> dict[str, Any]:
    at = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
    context = {"groupId": group}
    return {
        "type": "track",
        "event": "Report Viewed",
        "userId": user,
        "messageId": message,
        "timestamp": at,
        "context": context,
    }


def _post(place: Installation, items: list[dict[str, Any]]) -> None:
    status, answer = place.post(json.dumps({"batch": items}).encode())
    agree("status of a batch", status, 200)
    agree("signals put aside", answer.get("quarantined", []), [])
