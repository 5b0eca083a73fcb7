"""What comes in by files and what jobs do leaves whole entries too, and each names its door."""

from typing import Any

import pytest
from django.test import Client
from django.utils.module_loading import import_string

from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.team.models import User
from config.schedules import JOBS
from plays.definitions.models import Play
from plays.playbook.registry import kinds
from tests.api.test_trail import faults
from tests.cast import send, usage


def after(last: int) -> list[AuditEntry]:
    return list(AuditEntry.objects.filter(pk__gt=last).order_by("pk"))


def newest() -> int:
    return AuditEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def test_every_kind_of_file_leaves_whole_entries_of_an_import(starter: Any) -> None:
    entries = list(AuditEntry.objects.filter(door="import"))
    assert not faults(entries, None, "import")
    assert len({one.verb for one in entries}) >= len(kinds), "each kind of file defines something of its own"


def test_what_signals_bring_about_is_done_by_a_job(
    client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any
) -> None:
    last = newest()
    send(client, ingest_key, usage())
    pump()
    entries = after(last)
    assert not faults(entries, None, "job")
    assert {"run.start", "work.open"} <= {one.verb for one in entries}


@pytest.mark.parametrize("job", [job for job in JOBS if job.name != "demo"], ids=lambda job: job.name)
def test_a_recurring_job_says_that_it_was_a_job(
    job: Any, client: Client, ingest_key: str, northwind: Account, usage_drop: Play, amelia: User
) -> None:
    send(client, ingest_key, usage())
    last = newest()
    import_string(job.function)()
    assert not faults(after(last), None, "job")
