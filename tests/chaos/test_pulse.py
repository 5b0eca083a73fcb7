"""The demo book living on beside a served installation: its facts are what a rebuild makes of them.

Days of it take minutes, so that only `make chaos` lives them. The quick form is an hour, in
tests/config/demo/test_pulse.py.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import databases
from tests.chaos.conftest import SERVER
from tests.chaos.installation import Installation, wait_until

pytestmark = pytest.mark.processes
DAYS, MINUTES = 3, 10
"""The book ends so many days ago, and lives on until now in beats of so many minutes."""

BOOK = f"""
import datetime as dt, django, pathlib
django.setup()
from django.core.management import call_command
from accounts.foundation.clock import now, utc_day
from accounts.team import keys
from accounts.workspace.models import Source
from config import schedules
from django_q.models import Schedule
from plays.playbook.services import import_folder
import_folder(pathlib.Path("plays/playbook/starter"), by=None, at=now())
call_command("demo", as_of=utc_day(now()) - dt.timedelta(days={DAYS}))
schedules.sync()  # whose own beat would tell all at once
Schedule.objects.filter(name="demo").update(next_run=now() + dt.timedelta(days=1))
print(keys.issue(name="pulse", scope="ingest", source=Source.objects.get(key="product"), by=None, at=now())[1])
"""

LIVE = f"""
import datetime as dt, django, http.client, os, time
from functools import partial
django.setup()
from django.db import transaction
from accounts.foundation.clock import now
from accounts.ingestion import services as ingestion
from accounts.workspace.models import Workspace
from config.demo import pulse
posted = []
def post(body):
    link = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]), timeout=60)
    link.request("POST", "/v1/batch", body, {{"Authorization": "Bearer " + os.environ["WRITE_KEY"]}})
    answer = link.getresponse()
    assert answer.status == 200, answer.read()
    posted.append(len(body))
# Over the wire, as a product would; after the commit, because on SQLite a beat holds the write lock until then.
ingestion.accept = lambda body, **request: transaction.on_commit(partial(post, body))
at, until, beats = Workspace.objects.get().demo_told_until, now(), 0
while at < until:
    at = min(at + dt.timedelta(minutes={MINUTES}), until)
    beats += pulse.pulse(at=at)
    time.sleep(0.2)  # whoever waits for SQLite's write lock asks ten times a second
print(beats, len(posted))
"""

CHECK = """
from django.core.management import execute_from_command_line
execute_from_command_line(["manage.py", "facts", "rebuild", "--check"])
"""


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Installation]:
    """An installation with a demo book that ends some days ago; nothing runs yet."""
    with databases.new(SERVER) as url:
        installation = Installation(tmp_path, url, key="made below")
        try:
            installation.key = installation.run(BOOK).strip().splitlines()[-1]
            yield installation
        finally:
            installation.end()


def due(place: Installation) -> int:
    """What the pump has still to do about what came."""
    [(marks,)] = place.rows("SELECT count(*) FROM accounts_dirtyaccount")
    [(reactions,)] = place.rows("SELECT count(*) FROM accounts_reaction WHERE state = 'due'")
    return place.waiting() + int(marks) + int(reactions)


def test_days_of_it_in_many_beats_leave_facts_as_a_rebuild_would(demo: Installation) -> None:
    [(before,)] = demo.rows("SELECT count(*) FROM accounts_signalevent")
    demo.start("web")
    demo.start("work")
    wait_until(demo.is_serving)
    demo.environment["WRITE_KEY"] = demo.key
    living = demo.start("-c", LIVE)
    wait_until(lambda: living.poll() is not None, 1800)
    assert living.returncode == 0, demo.logs()
    wait_until(lambda: not due(demo), 120)
    [(after,)] = demo.rows("SELECT count(*) FROM accounts_signalevent")
    [*_, said] = demo.run(CHECK).strip().splitlines()
    beats, requests = (demo.folder / "-c.log").read_text().splitlines()[-1].split()
    sys.stdout.write(
        f"\n{DAYS} days of the demo book in {beats} beats: {requests} requests over HTTP, "
        f"{after - before} signals used beside a worker; {said}\n"
    )
    assert int(beats) >= DAYS * 24 * 60 // MINUTES
    assert after > before
    assert said == "0 differences"
