import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.team.services import must_be_here
from retention.slas import clocks
from retention.slas.hours import followed_by, hours, zone_of
from retention.slas.models import Clock
from retention.work import effort
from retention.work.models import WorkItem
from retention.work.registry import WorkKind, work_kinds

MOST_HOURS = 9_999
"""What a clock can be given, in business hours: some five years."""


class AlreadyClosed(ValidationError):
    """Somebody closed the item before; nothing was changed."""


@transaction.atomic
def open_item(
    account: Account,
    *,
    title: str,
    assignee: User | None,
    by: Any,
    at: dt.datetime,
    due_at: dt.datetime | None = None,
    within: str = "",
    kind: str = "task",
    guidance: str = "",
) -> WorkItem:
    """A new piece of work for `assignee` (None: for whoever takes it).

    It is due at `due_at`, or `within` such as 1 bd: then a clock runs, in the business hours of the assignee.
    """
    clock = _clock(account, within, assignee, by=by, at=at) if within else None
    if (due_at := clock.due_at if clock else due_at) is None:
        raise ValidationError({"due_at": "Say by when it must be done."})
    item = WorkItem(
        account=account,
        kind=kind,
        title=title[:250],
        guidance=guidance,
        assignee=assignee,
        due_at=due_at,
        clock=clock,
        created_at=at,
    )
    if kind not in work_kinds:
        raise ValidationError({"kind": f"There is no kind of work called {kind}."})
    item.full_clean()
    audit.create(item, verb="work.open", by=by, at=at)
    user = assignee.pk if assignee else None
    happened("work.opened", account, by=by, at=at, subject=item, title=item.title, kind=kind, user=user)
    return item


def _clock(account: Account, within: str, assignee: User | None, *, by: Any, at: dt.datetime) -> Clock:
    calendar, zone = followed_by(assignee), zone_of(assignee)
    return clocks.start(account, duration=within, calendar=calendar, zone=zone, by=by, at=at)


def time_until(due_at: dt.datetime, assignee: User | None, *, at: dt.datetime) -> str:
    """The time to give somebody for a promised instant: whole business hours, over on that day; empty where none are.

    They end before it, unless the last whole hour before it is of another day.
    """
    its = hours(followed_by(assignee), zone=zone_of(assignee))
    whole = its.passed(at, due_at) // dt.timedelta(hours=1)
    day = due_at.astimezone(ZoneInfo(its.zone)).date()
    for count in range(max(whole, 1), min(whole + 2, MOST_HOURS)):
        if its.due(f"{count} bh", start=at).astimezone(ZoneInfo(its.zone)).date() == day:
            return f"{count} bh"
    return ""


@transaction.atomic
def promise_anew(item: WorkItem, *, due_at: dt.datetime, within: str, by: Any, at: dt.datetime) -> WorkItem:
    """It is due at another time; the clock that ran counts for nothing, and one of `within` begins, if there is one."""
    take_open(item)
    if item.clock is not None:
        clocks.stop(item.clock, by=by, at=at, is_cancelled=True)
    clock = _clock(item.account, within, item.assignee, by=by, at=at) if within else None
    due = clock.due_at if clock else due_at
    audit.update(item, verb="work.move", by=by, at=at, due_at=due, clock=clock)
    return item


@transaction.atomic
def wait(item: WorkItem, *, reason: str, by: Any, at: dt.datetime) -> WorkItem:
    """Others have to act first: the clock of `item` stands still until `go_on`."""
    take_open(item)
    if item.clock is None:
        raise clocks.NotPossible("No clock runs for this work; change its due time instead.")
    clocks.pause(item.clock, reason=reason, by=by, at=at)
    return item


@transaction.atomic
def go_on(item: WorkItem, *, by: Any, at: dt.datetime) -> WorkItem:
    """Nobody is waited for any more: the clock goes on, and the due time moves by as long as it stood still."""
    take_open(item)
    if item.clock is None:
        raise clocks.NotPossible("No clock runs for this work.")
    clocks.resume(item.clock, by=by, at=at)
    return follow(item, by=by, at=at)


def follow(item: WorkItem, *, by: Any, at: dt.datetime) -> WorkItem:
    """The due time is that of the clock."""
    if item.clock is not None:
        audit.update(item, verb="work.move", by=by, at=at, due_at=item.clock.due_at)
    return item


@transaction.atomic
def close(
    item: WorkItem,
    *,
    outcome: str,
    by: Any,
    at: dt.datetime,
    note: str = "",
    minutes: int | None = None,
    is_from_its_page: bool = False,
) -> WorkItem:
    """Ends `item` with one of its kind's outcomes; dismissing it needs a note that says why.

    Work that is done on a page of its own is ended by what happens there alone (`is_from_its_page`).
    """
    kind = _may_end(item, outcome, note=note, minutes=minutes, is_from_its_page=is_from_its_page)
    state = WorkItem.State.DONE if outcome in kind.done else WorkItem.State.DISMISSED
    take_open(item)
    audit.update(
        item,
        verb="work.close",
        by=by,
        at=at,
        state=state,
        outcome=outcome,
        note=note.strip(),
        minutes=item.minutes if minutes is None else (item.minutes or 0) + minutes,
        snoozed_until=None,
        closed_at=at,
        closed_by=by,
    )
    if minutes:
        effort.note(item, minutes=minutes, by=by, at=at)
    if item.clock is not None:
        clocks.stop(item.clock, by=by, at=at, is_cancelled=state == WorkItem.State.DISMISSED)
    happened("work.closed", item.account, by=by, at=at, subject=item, title=item.title, kind=item.kind, outcome=outcome)
    return item


def _may_end(item: WorkItem, outcome: str, *, note: str, minutes: int | None, is_from_its_page: bool) -> WorkKind:
    """The kind of the item, which can end so; refuses what does not fit it."""
    kind = work_kinds[item.kind]
    if kind.page and not is_from_its_page:
        raise ValidationError({"outcome": f"This ends by what is done on the page of the {kind.label.lower()} itself."})
    if outcome not in {**kind.done, **kind.dismissed}:
        choices = ", ".join([*kind.done, *kind.dismissed])
        raise ValidationError({"outcome": f"Choose one of the outcomes of this work: {choices}."})
    if outcome in kind.dismissed and not note.strip():
        raise ValidationError({"note": "Say in a sentence why it was not needed; it improves the rule that raised it."})
    if minutes is not None:
        effort.check(minutes, least=0)
    return kind


@transaction.atomic
def reassign(item: WorkItem, *, to: User | None, by: Any, at: dt.datetime) -> WorkItem:
    """Hands an open item to somebody else, who sees it at once: nobody snoozes for others."""
    must_be_here(to, field="assignee")
    take_open(item)
    before = audit.update(item, verb="work.reassign", by=by, at=at, assignee=to, snoozed_until=None)
    if "assignee" in before:
        user = to.pk if to else None
        happened("work.reassigned", item.account, by=by, at=at, subject=item, title=item.title, user=user)
    return item


def take_open(item: WorkItem) -> None:
    """Locks the row, reads it anew and refuses one that is closed: two people may press the button at once."""
    item.refresh_from_db(from_queryset=WorkItem.objects.select_for_update())
    if not item.is_open:
        who = item.closed_by or "The system"
        raise AlreadyClosed(f"{who} closed this on {item.closed_at:%d %b %Y at %H:%M} UTC. Nothing was changed.")
