"""Deliveries under fire: workers are killed while they send. Webhooks arrive once by their id, mail never twice."""

import contextlib
import os
import random
import signal
import sys
import time

import pytest

from tests.accounts.outbox.receiver import Receiver
from tests.chaos.installation import IS_LONG, Installation, wait_until
from tests.chaos.mail import MailServer

pytestmark = pytest.mark.processes
COUNT, KILLS = (1_000, 100) if IS_LONG else (40, 4)

SEED = """
import django, sys
django.setup()
from accounts.foundation.clock import now
from accounts.outbox import services
from accounts.outbox.endpoints import services as endpoints
from accounts.portfolio import events
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.models import Workspace
Workspace.objects.update(outbound_mode="live")
endpoints.create(name="Receiver", url=RECEIVER, kinds=["account.changed"], by=None, at=now())
user = User.objects.create(username="amelia", email="amelia@anchor.example")
happenings = [events.Happening(Account.objects.get()) for _ in range(COUNT)]
events.happened_to_many("account.changed", happenings, by=None, at=now())
mails = [services.Message("test", f"mail:{n}", "email", subject="Hello", user=user) for n in range(COUNT)]
services.book(mails, at=now())
"""
# What a dead worker held comes free when its lease has run out; nobody is alive here, so that is brought forward.
WAKE = """
import django
django.setup()
from accounts.foundation import bell
from accounts.foundation.models import Bell
from accounts.outbox.models import Delivery
Delivery.objects.exclude(lease_until=None).update(lease_until=None)
Bell.objects.update(rung_at=None)
bell.ring()
"""
IN_FLIGHT = "SELECT count(*) FROM accounts_deliveryattempt WHERE ended_at IS NULL"
LEFT = "SELECT count(*) FROM accounts_delivery WHERE state = 'due'"
ENDED = "SELECT channel, outcome, count(*) FROM accounts_delivery GROUP BY channel, outcome"


def one(place: Installation, text: str) -> int:
    [(count,)] = place.rows(text)
    return int(count)


def kill_group(place: Installation, leader: int) -> None:
    """Ends a worker and all of its children at once; it leads a group of its own."""
    os.killpg(leader, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(leader, 0)


def test_nothing_arrives_twice_and_nothing_is_lost_though_workers_are_killed(place: Installation) -> None:
    dice, killed, in_flight = random.Random(5), 0, 0
    with Receiver(wait=0.05) as receiver, MailServer(wait=0.05) as mail:
        place.environment |= {"OUTBOUND_ALLOW": "127.0.0.1", "EMAIL_URL": mail.url}
        place.run(SEED.replace("RECEIVER", repr(receiver.url)).replace("COUNT", str(COUNT)))
        while killed < KILLS and one(place, LEFT):
            place.run(WAKE)
            worker = place.start("work")
            wait_until(lambda: one(place, IN_FLIGHT) or not one(place, LEFT), 60)
            time.sleep(dice.uniform(0, 0.3))
            in_flight += one(place, IN_FLIGHT)
            kill_group(place, worker.pid)
            killed += 1
        place.run(WAKE)
        place.start("work")
        wait_until(lambda: not one(place, LEFT), 240)
        ids, arrived = receiver.ids, mail.arrived
    ended = {(channel, outcome): count for channel, outcome, count in place.rows(ENDED)}
    unknown = ended.get(("email", "unknown"), 0)
    sys.stdout.write(
        f"\n{killed} workers were killed with {in_flight} sends in flight; "
        f"of {COUNT} webhooks {len(set(ids))} arrived, in {len(ids)} calls; "
        f"of {COUNT} mails {len(arrived)} arrived, twice {sum(n > 1 for n in arrived.values())}, unknown {unknown}\n"
    )
    assert killed > 0
    assert in_flight > 0, "nothing was in flight: nothing was tested"
    assert ended[("webhook", "sent")] == len(set(ids)) == COUNT
    assert max(arrived.values()) == 1
    assert ended.get(("email", "sent"), 0) + unknown == COUNT
    assert unknown <= killed
    assert ended.get(("email", "sent"), 0) <= len(arrived)
