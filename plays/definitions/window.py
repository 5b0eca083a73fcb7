"""The trigger *window*: so many days before or after a date of an account."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.calendar import services as calendar
from accounts.calendar.models import Calendar
from accounts.calendar.rules import AFTERWARDS, HOUR, Window
from accounts.facts.dates import date_facts
from accounts.facts.lookup import find
from plays.definitions.entered import READER
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import TriggerKind, Trouble, trigger_kinds
from retention.conditions.language import FactType

FIELDS = ("fact", "days", "before", "until", "hour")
MOST_DAYS = 3650


def check(window: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with a window."""
    if not isinstance(window, dict):
        return [Trouble("", "expected `fact` and `days`")]
    found = [
        Trouble(f".{name}", f"unknown key; a window has {', '.join(sorted(FIELDS))}")
        for name in window
        if name not in FIELDS
    ]
    if window.get("fact") not in date_facts():
        found.append(Trouble(".fact", f"expected a date of the product: {', '.join(date_facts())}"))
    found += _check_days(window)
    if not isinstance(window.get("before", True), bool):
        found.append(Trouble(".before", "expected true (before the date) or false (after it)"))
    if not _is_number(window.get("hour", HOUR), 23):
        found.append(Trouble(".hour", "expected an hour of the day from 0 to 23"))
    return found


def _check_days(window: Mapping[str, Any]) -> list[Trouble]:
    days, until, before = window.get("days"), window.get("until"), window.get("before", True)
    if not _is_number(days, MOST_DAYS):
        return [Trouble(".days", f"expected a whole number of days from 0 to {MOST_DAYS}")]
    if until is None:
        return []
    if not _is_number(until, MOST_DAYS + AFTERWARDS) or (until > days if before else until < days):
        limit = f"at most {days}, as it ends after it opens" if before else f"at least {days}, as it opens first"
        return [Trouble(".until", f"expected a whole number of days, {limit}")]
    return []


def _is_number(value: Any, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def meant(window: Mapping[str, Any]) -> dict[str, Any]:
    """The window without what goes without saying."""
    unsaid = {
        "before": True,
        "hour": HOUR,
        "until": AFTERWARDS + window["days"] if window.get("before") is False else 0,
    }
    return {name: value for name, value in window.items() if value is not None and value != unsaid.get(name)}


def follow(version: PlayVersion, by: Any, at: dt.datetime) -> None:
    """Follows the window; what is open already starts nothing."""
    draft = calendar.CalendarDraft(
        key=version.play.watch_key,
        reader=READER,
        kind=Calendar.Kind.WINDOW,
        rule=version.trigger,
        after_stop=version.after_stop,
    )
    calendar.follow(draft, by=by, at=at)


def forget(play: Play, by: Any, at: dt.datetime) -> None:
    """Follows it no longer."""
    calendar.forget(play.watch_key, by=by, at=at)


def words(version: PlayVersion) -> str:
    """`90 days before Decision date, at 9:00 where the account is`."""
    window, fact = Window.read(version.trigger), find(version.trigger["fact"])
    label = fact.label if fact else window.fact
    side = "before" if window.before else "after"
    days = f"{window.days} day{'s' if window.days != 1 else ''} {side} {label}" if window.days else f"on {label}"
    return f"{days}, at {window.hour}:00 where the account is"


trigger_kinds.add("window", TriggerKind("Days before or after a date", check, follow, forget, words, meant, FIELDS))
