"""What a template says: objectives, tasks and points of an agenda, as an author writes them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.exceptions import ValidationError

from accounts.foundation.keys import KEY, KEY_LENGTH
from accounts.portfolio.models import AccountMember
from accounts.stakeholders.models import StakeholderRole
from retention.slas import business_time
from retention.slas.models import WEEKDAYS as WEEK

MANY = 40
"""Objectives, tasks or points of one template: a longer list is read by nobody."""
LONGEST = {"name": 120, "goal": 250, "measure": 250, "effort": 120, "unit": 40, "title": 250, "result": 500}
LONGEST |= {"text": 500, "key": KEY_LENGTH, "objective": KEY_LENGTH, "fact": KEY_LENGTH}
MOST_TIMES = 52
"""Dates of office hours that a template plans: a year of weekly ones."""
OURS, THEIRS = "ours", "theirs"
SIDES = {OURS: "Ours", THEIRS: "The customer's"}
ROLES = {OURS: dict(AccountMember.Part.choices), THEIRS: dict(StakeholderRole.Role.choices)}
"""By side, the roles that a task may have: parts of the account team, or roles at the customer."""
WEEKDAYS = tuple(day.lower() for day in WEEK)
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
Wrong = dict[str, list[str]]


@dataclass(frozen=True)
class ObjectiveDraft:
    """One objective of a template: what is to be reached, how it is measured, and by when after the start."""

    key: str
    goal: str
    measure: str = ""
    due: str = ""
    effort: str = ""
    baseline: str = ""
    target: str = ""
    unit: str = ""
    fact: str = ""
    """The fact that measures it; empty: somebody says the value."""
    alert_percent: int | None = None
    """From its date on, somebody is told when the fact falls below this share of the target."""
    role: str = ""
    """Who owns it at the customer; empty: the champion."""
    is_shared: bool = True


@dataclass(frozen=True)
class TaskDraft:
    """One task of a template: whose it is, how long it takes, when it is due after the start, what comes of it."""

    key: str
    title: str
    side: str = OURS
    role: str = ""
    minutes: int | None = None
    due: str = ""
    result: str = ""
    objective: str = ""
    repeat_days: int | None = None
    times: int | None = None
    """How often a repeated task comes; None: until somebody ends it."""
    is_shared: bool = True


@dataclass(frozen=True)
class OfficeHoursDraft:
    """Office hours of a template: on which weekday, at what time of the customer's day, from when after the start."""

    key: str
    title: str
    weekday: str = "tuesday"
    time: str = "15:00"
    minutes: int = 45
    starts: str = ""
    """How long after the start they begin; empty: at once."""
    every_weeks: int = 1
    times: int | None = None
    """How often; None: until somebody ends them."""
    role: str = "csm"
    """Who of us holds them."""


@dataclass(frozen=True)
class PointDraft:
    """One point of an agenda."""

    title: str
    minutes: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Content:
    """All that a version of a template says. Which of the lists it has depends on its kind."""

    objectives: Sequence[ObjectiveDraft] = field(default_factory=list)
    tasks: Sequence[TaskDraft] = field(default_factory=list)
    agenda: Sequence[PointDraft] = field(default_factory=list)
    office_hours: Sequence[OfficeHoursDraft] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """What is stored of it: what says nothing is left out."""
        return {name: [_said(row) for row in rows] for name in PARTS if (rows := getattr(self, name))}


PARTS: dict[str, type[Any]] = {
    "objectives": ObjectiveDraft,
    "tasks": TaskDraft,
    "agenda": PointDraft,
    "office_hours": OfficeHoursDraft,
}


def _said(row: Any) -> dict[str, Any]:
    defaults = {one.name: one.default for one in fields(row)}
    return {name: value for name, value in asdict(row).items() if value != defaults[name]}


def read(stored: Mapping[str, Any]) -> Content:
    """The content that `as_json` wrote, or that a checked file says."""
    made: dict[str, list[Any]] = {}
    for name, draft in PARTS.items():
        known = {one.name for one in fields(draft)}
        rows = stored.get(name) or []
        made[name] = [draft(**{key: row[key] for key in row if key in known and row[key] is not None}) for row in rows]
    return Content(**made)


def check(content: Content) -> None:
    """Raises ValidationError naming each field that is wrong: `tasks[2].due`."""
    wrong: Wrong = {}
    for name in PARTS:
        rows = getattr(content, name)
        if len(rows) > MANY:
            wrong[name] = [f"At most {MANY} of them; split the template."]
        for place, row in enumerate(rows[:MANY]):
            _check_row(row, f"{name}[{place}]", wrong)
        _refuse_twice(name, rows, wrong)
    known = {one.key for one in content.objectives}
    for place, task in enumerate(content.tasks):
        if task.objective and task.objective not in known:
            wrong[f"tasks[{place}].objective"] = ["There is no objective with this key in the template."]
    if not any(getattr(content, name) for name in PARTS):
        wrong["content"] = ["A template has at least one objective, task or point."]
    if wrong:
        raise ValidationError(wrong)


def _refuse_twice(name: str, rows: Sequence[Any], wrong: Wrong) -> None:
    seen: set[str] = set()
    for place, row in enumerate(rows):
        key = getattr(row, "key", None)
        if key is not None and key in seen:
            wrong[f"{name}[{place}].key"] = ["Another one has this key already; choose another key."]
        seen.add(key or "")


def _check_row(row: Any, path: str, wrong: Wrong) -> None:
    for name, value in vars(row).items():
        if problem := _problem(row, name, value):
            wrong[f"{path}.{name}"] = [problem]


def _problem(row: Any, name: str, value: Any) -> str:
    if name in ("key", "goal", "title") and not value:
        return "Say something here."
    if isinstance(value, str) and len(value) > LONGEST.get(name, 250):
        return f"At most {LONGEST.get(name, 250)} characters."
    if name == "key" and not KEY.fullmatch(value):
        return "Use lower-case letters, digits, hyphens and underscores."
    if name in ("due", "starts") and value:
        return _no_duration(value)
    if name in ("baseline", "target") and value:
        return _no_number(value)
    if isinstance(row, OfficeHoursDraft) and name in HOURS:
        return HOURS[name](value)
    if name in ("minutes", "repeat_days", "times", "alert_percent") and value is not None:
        return "" if isinstance(value, int) and 0 < value <= 10_000 else "Give a whole number from 1 to 10,000."
    if name == "side" and value not in SIDES:
        return f"Choose one of {', '.join(SIDES)}."
    if name == "role" and value:
        known = ROLES[OURS] if isinstance(row, OfficeHoursDraft) else ROLES.get(getattr(row, "side", THEIRS), {})
        return "" if value in known else f"Choose one of {', '.join(known)}."
    return ""


def _within(most: int) -> Callable[[Any], str]:
    def problem(value: Any) -> str:
        is_right = value is None or isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most
        return "" if is_right else f"Give a whole number from 1 to {most}."

    return problem


def _no_weekday(value: Any) -> str:
    return "" if value in WEEKDAYS else f"Choose one of {', '.join(WEEKDAYS)}."


def _no_time(value: Any) -> str:
    return "" if isinstance(value, str) and TIME.fullmatch(value) else "Give hours and minutes, such as 15:00."


HOURS: dict[str, Callable[[Any], str]] = {
    "weekday": _no_weekday,
    "time": _no_time,
    "minutes": _within(480),
    "every_weeks": _within(12),
    "times": _within(MOST_TIMES),
}
"""By field of office hours, what is wrong with a value."""


def _no_duration(text: str) -> str:
    try:
        business_time.parse(text)
    except business_time.NotADuration as error:
        return str(error)
    return ""


def _no_number(text: str) -> str:
    try:
        is_number = Decimal(text).is_finite()
    except InvalidOperation:
        is_number = False
    return "" if is_number and len(text) < 15 else "Give a number, such as 12.5."
