"""`kind: business_calendar`: in which hours people work, and on which days they do not. Which team follows it stays."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError

from accounts.workspace.models import validate_time_zone
from plays.playbook import shape
from plays.playbook.layout import OneLine, given
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.slas import calendars
from retention.slas.models import MOST_DAYS, WEEKDAYS, BusinessCalendar, unknown_holidays

REQUIRED = ("key", "name", "days")
OPTIONAL = ("opens", "closes", "time_zone", "country", "subdivision", "closed", "default")
DAYS = [name.lower() for name in WEEKDAYS]
OPENS, CLOSES = "09:00", "17:00"


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=REQUIRED, optional=OPTIONAL)
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120) + _check_days(body["days"])
    found += _check_hours(body) + _check_place(body)
    if body.get("closed") is not None:
        found += _check_closed(body["closed"])
    return found if body.get("default") is None else found + shape.flag(body["default"], ".default")


def _check_days(value: Any) -> list[Trouble]:
    if isinstance(value, list) and value and all(day in DAYS for day in value) and len(set(value)) == len(value):
        return []
    return [Trouble(".days", f"expected at least one day of work, each once, of {', '.join(DAYS)}")]


def _check_hours(body: Body) -> list[Trouble]:
    found = []
    for name in ("opens", "closes"):
        if body.get(name) is not None and _time(body[name]) is None:
            found.append(Trouble(f".{name}", 'expected a time of day in quotes, such as "09:00"'))
    opens, closes = _time(body.get("opens") or OPENS), _time(body.get("closes") or CLOSES)
    if opens and closes and opens >= closes:
        found.append(Trouble(".closes" if body.get("closes") else ".opens", "the day must close after it opens"))
    return found


def _time(value: Any) -> dt.time | None:
    try:
        return dt.datetime.strptime(value, "%H:%M").time()
    except (TypeError, ValueError):
        return None


def _check_place(body: Body) -> list[Trouble]:
    found = []
    for name, longest in (("time_zone", 64), ("country", 2), ("subdivision", 10)):
        if body.get(name) is not None:
            found += shape.text(body[name], f".{name}", longest=longest)
    if found:
        return found
    if body.get("time_zone"):
        try:
            validate_time_zone(body["time_zone"])
        except ValidationError as error:
            found.append(Trouble(".time_zone", error.messages[0]))
    unknown = unknown_holidays(body.get("country") or "", body.get("subdivision") or "")
    return found + [Trouble(f".{name}", message) for name, message in unknown.items()]


def _check_closed(value: Any) -> list[Trouble]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        return [Trouble(".closed", "expected a list of days off, each with day and name")]
    if len(value) > MOST_DAYS:
        return [Trouble(".closed", f"these are {len(value)} days; {MOST_DAYS} fit. Leave out those that are over")]
    found: list[Trouble] = []
    seen: set[dt.date | None] = set()
    for index, one in enumerate(value):
        path = f".closed[{index}]"
        if trouble := shape.keys(one, required=["day", "name"], path=path):
            found += trouble
            continue
        day = _date(one["day"])
        if day is None:
            found.append(Trouble(f"{path}.day", "expected a date such as 2026-12-24"))
        elif day in seen:
            found.append(Trouble(f"{path}.day", "this day stands here already"))
        seen.add(day)
        found += shape.text(one["name"], f"{path}.name", longest=120)
    return found


def _date(value: Any) -> dt.date | None:
    try:
        return dt.datetime.strptime(value, "%Y-%m-%d").date()
    except (TypeError, ValueError):
        return None


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    calendars.define(key=body["key"], by=by, at=at, **_values(body))
    return f"business calendar {body['name']}"


def _values(body: Body) -> dict[str, Any]:
    """The fields of the calendar that a file describes."""
    return {
        "name": body["name"],
        "weekdays": sorted(DAYS.index(day) for day in body["days"]),
        "opens": _time(body.get("opens") or OPENS),
        "closes": _time(body.get("closes") or CLOSES),
        "time_zone": body.get("time_zone") or "",
        "country": body.get("country") or "",
        "subdivision": body.get("subdivision") or "",
        "is_default": bool(body.get("default")),
        "closed_days": {_date(one["day"]): one["name"] for one in body.get("closed") or []},
    }


def export() -> Iterable[tuple[str, Body]]:
    for calendar in BusinessCalendar.objects.order_by("key").prefetch_related("closed_days"):
        values = {name: getattr(calendar, name) for name in calendars.FIELDS}
        closed = {one.day: one.name for one in calendar.closed_days.all()}
        yield f"calendars/{calendar.key}.yaml", _written(calendar.key, values | {"closed_days": closed})


def definitions(body: Body) -> list[Definition]:
    return [Definition("business calendar", body["key"], "", _written(body["key"], _values(body)))]


def _written(key: str, values: dict[str, Any]) -> Body:
    days = sorted(values["closed_days"].items())
    return given(
        key=key,
        name=values["name"],
        days=[DAYS[day] for day in sorted(values["weekdays"])],
        opens=f"{values['opens']:%H:%M}",
        closes=f"{values['closes']:%H:%M}",
        time_zone=values["time_zone"] or None,
        country=values["country"] or None,
        subdivision=values["subdivision"] or None,
        default=values["is_default"] or None,
        closed=[OneLine(day=day.isoformat(), name=name) for day, name in days] or None,
    )


kinds.add("business_calendar", Kind(order=12, check=check, apply=apply, export=export, definitions=definitions))
