"""Due times in business time: Monday to Friday, 9 to 17, in the zone of whoever has to act."""

import datetime as dt
import re
import zoneinfo

OPENS, CLOSES = dt.time(9), dt.time(17)
DAY = dt.timedelta(hours=CLOSES.hour - OPENS.hour)
_DURATION = re.compile(r"(\d{1,4}) (bh|bd|d)")


class NotADuration(ValueError):
    """A text that is no duration of ours."""


def parse(text: str) -> tuple[int, str]:
    """`4 bh` (business hours), `1 bd` (business days) or `3 d` (calendar days) as number and unit."""
    found = _DURATION.fullmatch(text.strip())
    if not found:
        raise NotADuration(f"{text!r} is no duration. Write 4 bh, 1 bd or 3 d.")
    return int(found[1]), found[2]


def due(text: str, *, start: dt.datetime, zone: str) -> dt.datetime:
    """The instant at which `text` of time has passed since `start`, in UTC.

    A business day is eight business hours: what starts on Thursday at 15:00 is due on Friday at 15:00.
    """
    number, unit = parse(text)
    if unit == "d":
        return start + dt.timedelta(days=number)
    return _after(dt.timedelta(hours=number) if unit == "bh" else number * DAY, start=start, zone=zone)


def _after(left: dt.timedelta, *, start: dt.datetime, zone: str) -> dt.datetime:
    tz = zoneinfo.ZoneInfo(zone)
    day = start.astimezone(tz).date()
    while True:
        opens, closes = (dt.datetime.combine(day, time, tz).astimezone(dt.UTC) for time in (OPENS, CLOSES))
        begin = max(start, opens)
        if day.weekday() < 5 and begin < closes:
            if left <= closes - begin:
                return begin + left
            left -= closes - begin
        day += dt.timedelta(days=1)
