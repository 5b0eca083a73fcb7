"""Rows of business hours, clocks and work, for the lists of the API."""

from collections.abc import Callable
from typing import Any

from tests.factories import accounts, retention


def a_calendar(number: int) -> None:
    calendar = retention.BusinessCalendarFactory()
    retention.ClosedDayFactory(calendar=calendar)
    retention.TeamCalendarFactory(calendar=calendar)


def a_clock(number: int) -> None:
    retention.PauseFactory(clock=retention.ClockFactory(calendar=retention.BusinessCalendarFactory()))


def a_work_item(number: int) -> None:
    person = accounts.UserFactory()
    closed = {"state": "done", "outcome": "done", "closed_at": accounts.AT, "closed_by": person} if number % 2 else {}
    account = accounts.AccountFactory()
    clock = None if closed else retention.ClockFactory(account=account)
    retention.WorkItemFactory(account=account, clock=clock, assignee=person, **closed)


CLOCKS: dict[str, Callable[[int], Any]] = {"business-calendars": a_calendar, "clocks": a_clock}
WORK: dict[str, Callable[[int], Any]] = {"work-items": a_work_item}
