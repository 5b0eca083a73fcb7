import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models

from accounts.facts.queries import rows_of
from accounts.foundation.scope import Owner, among, extend_ownership
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import User
from retention.slas import clocks
from retention.slas.business_time import in_words, span_in_words
from retention.slas.models import Clock, Pause
from retention.work.models import WorkItem
from retention.work.registry import Attention, Reason, attention, reasons, reasons_of_many


@extend_ownership
def accounts_with_open_work(user: Owner, reach: str) -> models.QuerySet[Any]:
    """The accounts for which `user` has open work: whoever is handed a task sees the account it is about."""
    return WorkItem.objects.filter(among("assignee", user), state=WorkItem.State.OPEN).values("account")


def open_for(user: User) -> models.QuerySet[Any]:
    """The open work of `user` and of those for whom they stand in, most urgent first."""
    mine = WorkItem.objects.filter(among("assignee", user), state=WorkItem.State.OPEN)
    return mine.select_related("account", "assignee", "clock")


def reason(item: WorkItem) -> Reason | None:
    """Why `item` exists; None where a person made it."""
    return next((found for provider in reasons.values() if (found := provider(item))), None)


def reasons_of(items: Sequence[WorkItem]) -> dict[int, Reason]:
    """Why each of these exists, as far as a machine raised it; in a constant number of queries."""
    found: dict[int, Reason] = {}
    for provider in reasons_of_many.values() if items else ():
        found = {**provider(items), **found}
    return found


def is_overdue(item: WorkItem, *, at: dt.datetime) -> bool:
    """Whether `item` is open past its due time. Who waits for others is not late."""
    return item.is_open and item.due_at < at and not item.is_waiting


@dataclass(frozen=True)
class ClockFace:
    """A clock in words."""

    given: str
    hours: str
    state: str
    promised_at: dt.datetime
    pauses: list[Pause]


def clock_face(item: WorkItem, *, at: dt.datetime) -> ClockFace | None:
    """What the clock of `item` says at `at`; None where none runs for it."""
    clock = item.clock
    if clock is None:
        return None
    pauses = list(clock.pauses.select_related("by"))
    its = clocks.hours_of(clock)
    calendar = clock.calendar.name if clock.calendar else "Monday to Friday, 9 to 17"
    is_business = its.length(clock.duration)[1]
    return ClockFace(
        given=in_words(clock.duration),
        hours=calendar if is_business else "day and night",
        state=time_left(clock, at=at),
        promised_at=clock.promised_at,
        pauses=pauses,
    )


WITH_CLOCK = ("clock__pauses", "clock__calendar__closed_days")
"""What to prefetch with work items of which `time_left` is asked."""


def time_left(clock: Clock, *, at: dt.datetime) -> str:
    """How much time a clock has left at `at`, or how it ended, as a short sentence."""
    if clock.state == Clock.State.MET:
        return "Done in time." if clock.breached_at is None else "Done after the time was over."
    if clock.state == Clock.State.CANCELLED:
        return "No longer needed."
    its = clocks.hours_of(clock)
    left = clocks.course(clock).left(its, at)
    if its.length(clock.duration)[1]:
        amount = span_in_words(abs(left), its.day, called="business day")  # one of them may end today
    else:
        amount = span_in_words(abs(left), dt.timedelta(days=1))
    if left < dt.timedelta(0):
        return f"The time has been over for {amount}."
    return f"Stands still with {amount} left." if clock.state == Clock.State.PAUSED else f"{amount} left."


@dataclass(frozen=True)
class Attended:
    """An account that needs attention, with every reason and what is at stake."""

    account: Account
    reasons: list[Attention]
    arr_minor: int | None


def needing_attention(user: User, *, limit: int = 20) -> list[Attended]:
    """The accounts within the user's own reach that need a look, the most urgent first."""
    found: dict[int, list[Attention]] = {}
    for provider in attention.values():
        for one in provider(user, None):
            found.setdefault(one.account_id, []).append(one)
    accounts = listed().for_user(user).in_bulk(list(found))  # type: ignore[attr-defined]
    facts = rows_of(accounts)
    attended = [
        Attended(
            account,
            sorted(found[account.pk], key=lambda one: -one.weight),
            facts[account.pk].arr_minor if account.pk in facts else None,
        )
        for account in accounts.values()
    ]
    return sorted(attended, key=_urgency)[:limit]


def _urgency(one: Attended) -> tuple[Any, ...]:
    """Sorts by weight, then by what is due first, then by what is at stake (unknown after known), then by name."""
    first, arr = one.reasons[0], one.arr_minor
    return (-first.weight, first.due_at is None, first.due_at, arr is None, -(arr or 0), one.account.name)


def attention_of(account: Account, user: User) -> list[Attention]:
    """Every reason why `account` needs a look, the most urgent first."""
    found = [one for provider in attention.values() for one in provider(user, account)]
    return sorted(found, key=lambda one: -one.weight)
