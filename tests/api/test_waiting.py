"""The clock of a piece of work stands still while others have to act, and goes on."""

import datetime as dt

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from tests.api.conftest import problems
from tests.factories import accounts, retention


def test_a_clock_stands_still_and_goes_on(with_key):
    api = with_key("admin")
    account, due_at = accounts.AccountFactory(), now() + dt.timedelta(days=1)
    clock = retention.ClockFactory(account=account, due_at=due_at, promised_at=due_at)
    path = f"work-items/{retention.WorkItemFactory(account=account, clock=clock, due_at=due_at).pk}/"
    problems(api.post(f"{path}go-on/"), 409)
    assert "reason" in problems(api.post(f"{path}wait/", {"reason": "holiday"}))
    assert api.post(f"{path}wait/", {"reason": "customer"}).status_code == 200
    problems(api.post(f"{path}wait/", {"reason": "customer"}), 409)
    last = AuditEntry.objects.latest("pk").pk
    assert api.post(f"{path}go-on/").status_code == 200
    entries = AuditEntry.objects.filter(pk__gt=last)
    assert {one.object_type for one in entries} >= {"clock", "pause"}
    assert {one.door for one in entries} == {"api"}
    assert all(one.before or one.after for one in entries)
    assert api.one(f"clocks/{clock.pk}/")["state"] == "running"


def test_work_without_a_clock_cannot_wait(with_key):
    api = with_key("admin")
    path = f"work-items/{retention.WorkItemFactory().pk}/"
    for verb in ("wait", "go-on"):
        assert "No clock runs" in api.post(f"{path}{verb}/", {"reason": "customer"}).json()["detail"]
