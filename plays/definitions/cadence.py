"""The trigger *cadence*: every so often, for each account that meets a condition then."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from accounts.calendar import services as calendar
from accounts.calendar.models import Calendar
from accounts.calendar.rules import HOUR, Cadence
from accounts.workspace.models import validate_time_zone
from accounts.workspace.queries import workspace
from plays.definitions import fields
from plays.definitions.entered import READER
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import TriggerKind, Trouble, trigger_kinds
from retention.conditions.check import problems
from retention.conditions.language import FactType
from retention.evaluation.reading import in_words

FIELDS = ("every", "unit", "anchor", "hour", "zone", "for")
UNITS = ("days", "weeks", "months")
MOST = 366
YEARS = range(1970, 2200)


def check(cadence: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with it."""
    if not isinstance(cadence, dict):
        return [Trouble("", "expected `every`, `unit` and `anchor`")]
    found = fields.unknown_keys(cadence, FIELDS, "a cadence")
    if not _is_number(cadence.get("every"), 1, MOST):
        found.append(Trouble(".every", f"expected a whole number from 1 to {MOST}"))
    if cadence.get("unit") not in UNITS:
        found.append(Trouble(".unit", f"expected one of {', '.join(UNITS)}"))
    if not _is_day(cadence.get("anchor")):
        found.append(Trouble(".anchor", "expected the first day, such as 2026-01-31, from 1970 to 2199"))
    if not _is_number(cadence.get("hour", HOUR), 0, 23):
        found.append(Trouble(".hour", "expected an hour of the day from 0 to 23"))
    found += _check_zone(cadence.get("zone"))
    if cadence.get("for") is not None:
        wrong = problems(cadence["for"], facts, allow_held_for=False)
        found += [Trouble(".for" + one.path.removeprefix("$"), one.message) for one in wrong]
    return found


def _is_number(value: Any, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_day(value: Any) -> bool:
    try:
        return isinstance(value, str) and dt.datetime.strptime(value, "%Y-%m-%d").year in YEARS and len(value) == 10
    except ValueError:
        return False


def _check_zone(zone: Any) -> list[Trouble]:
    try:
        if zone is not None:
            validate_time_zone(str(zone))
    except ValidationError:
        return [Trouble(".zone", "expected the name of a time zone, such as Europe/Berlin")]
    return []


def meant(cadence: Mapping[str, Any]) -> dict[str, Any]:
    """The cadence without what goes without saying."""
    return {name: value for name, value in cadence.items() if value is not None and (name, value) != ("hour", HOUR)}


def rule_of(trigger: Mapping[str, Any]) -> dict[str, Any]:
    """The rule as a calendar follows it; without a zone of its own, in the workspace's."""
    rule = {name: value for name, value in trigger.items() if name != "for"}
    return {"hour": HOUR, "zone": workspace().time_zone} | rule


def follow(version: PlayVersion, by: Any, at: dt.datetime) -> None:
    """Follows the rhythm; what came before opens nothing."""
    draft = calendar.CalendarDraft(
        key=version.play.watch_key,
        reader=READER,
        kind=Calendar.Kind.CADENCE,
        rule=rule_of(version.trigger),
        after_stop=version.after_stop,
    )
    calendar.follow(draft, by=by, at=at)


def forget(play: Play, by: Any, at: dt.datetime) -> None:
    """Follows it no longer."""
    calendar.forget(play.watch_key, by=by, at=at)


def words(version: PlayVersion) -> str:
    """`every 3 months from 1 Jan 2026 on, at 9:00 in Europe/Berlin, for each account of which: Stage is Adopted`."""
    rule = Cadence.read(rule_of(version.trigger))
    often = rule.unit.removesuffix("s") if rule.every == 1 else f"{rule.every} {rule.unit}"
    condition = version.trigger.get("for")
    whom = f"for each account of which this is true then: {in_words(condition)}" if condition else "for every account"
    day = f"{rule.anchor:%d %b %Y}".removeprefix("0")
    return f"every {often} from {day} on, at {rule.hour}:00 in {rule.zone}, {whom}"


trigger_kinds.add("cadence", TriggerKind("Every so often", check, follow, forget, words, meant, FIELDS))
