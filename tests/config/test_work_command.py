"""`manage.py work` and `manage.py web` on their own, as a service file starts them."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django_q.models import Schedule

from accounts.foundation.clock import now
from config import cluster, schedules
from config.cluster import Flag, Pulse
from config.processes import MARKER
from tests.threads import at_once

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.processes
@pytest.mark.parametrize("command", ["work", "web"])
def test_refuses_a_database_that_was_not_migrated(command: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", MARKER)}
    done = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=ROOT,
        env=environment | {"DATABASE_URL": f"sqlite:///{tmp_path}/empty.sqlite3", "SECRET_KEY": "x"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("The database lacks ")
    assert done.stderr.strip().endswith("Bring it up to date first: .venv/bin/python manage.py migrate")
    assert done.stderr.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_workers_that_start_at_once_write_each_recurring_job_once() -> None:
    Schedule.objects.all().delete()
    at_once(*[schedules.sync] * 4)
    assert sorted(row.name for row in Schedule.objects.all()) == sorted(job.name for job in schedules.JOBS)


def test_a_flag_tells_whoever_shares_it_and_waits_no_longer_than_asked() -> None:
    flag = Flag()
    began = time.monotonic()
    assert not flag.wait(0.05)
    assert time.monotonic() - began < 5
    flag.set()
    assert flag.is_set()
    assert flag.wait(60)
    flag.close()


def test_an_idle_cluster_without_a_beat_is_in_trouble_and_a_busy_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    pulse = Pulse()
    monkeypatch.setattr(cluster, "QUIET", -1)
    assert pulse.is_still()
    pulse.begins()
    assert not pulse.is_still()
    pulse.ends(task={"name": "four-words-of-luck"})
    assert pulse.is_still()
    monkeypatch.setattr(cluster, "QUIET", 60)
    pulse.arrives()
    assert not pulse.is_still()


def test_a_beat_is_no_job() -> None:
    pulse = Pulse()
    pulse.ends(task={"name": "beat"})
    assert pulse.worked_at is None
    pulse.ends(task={"name": "four-words-of-luck"})
    assert pulse.worked_at is not None
    assert abs((now() - pulse.worked_at).total_seconds()) < 10
