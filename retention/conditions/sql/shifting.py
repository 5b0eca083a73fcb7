"""A time moved by an exact distance in SQL, from a typed column or from a number since 1970.

PostgreSQL gets intervals of hours and seconds only: its days follow the session's zone and are sometimes 23 hours long.
"""

from collections.abc import Callable
from datetime import timedelta

from ..values import Kind
from .columns import Dialect
from .places import Place

_DAY, _SECOND, _MICROSECOND = timedelta(days=1), timedelta(seconds=1), timedelta(microseconds=1)
# SQLite's division rounds towards zero, so microseconds are counted from the year 1, where none are negative.
_SECONDS_BEFORE_1970 = 62_135_596_800


def shifted(place: Place, span: timedelta) -> str:
    """SQL for the place's value moved by `span`, as a typed column keeps it; guard it as the value itself."""
    return _SHIFTS[place.dialect, place.kind, place.is_number](place.expression, span)


def _pg_instant(value: str, span: timedelta) -> str:
    return f"{value} + {_interval(span)}" if span else value


def _pg_json_instant(value: str, span: timedelta) -> str:
    """Seconds and the rest apart: an interval is multiplied as a float, and all microseconds at once exceed one."""
    number = f"{value}::bigint"
    seconds = f"({number} / 1000000) * INTERVAL '1 second'"
    rest = f"({number} %% 1000000) * INTERVAL '1 microsecond'"
    return f"TIMESTAMPTZ '1970-01-01 00:00:00+00' + {seconds} + {rest} + {_interval(span)}"


def _interval(span: timedelta) -> str:
    minutes, seconds = divmod(abs(span) // _SECOND, 60)
    clock = f"{minutes // 60}:{minutes % 60:02}:{seconds:02}.{abs(span).microseconds:06}"
    return f"INTERVAL '{'-' if span < timedelta(0) else ''}{clock}'"


def _pg_date(value: str, span: timedelta) -> str:
    return f"{value} + ({span.days})"


def _pg_json_date(value: str, span: timedelta) -> str:
    return f"DATE '1970-01-01' + ({value}::int + ({span.days}))"


def _sqlite_instant(value: str, span: timedelta) -> str:
    if not span:
        return value
    if span % _SECOND:  # SQLite's own arithmetic ends at milliseconds
        whole = f"unixepoch(substr({value}, 1, 19)) * 1000000 + CAST(substr({value}, 21) AS INTEGER)"
        return _sqlite_from_microseconds(f"({whole})", span)
    return f"datetime(substr({value}, 1, 19), '{span // _SECOND:+} seconds') || substr({value}, 20)"


def _sqlite_from_microseconds(value: str, span: timedelta) -> str:
    since_year_1 = span // _MICROSECOND + _SECONDS_BEFORE_1970 * 1_000_000
    number = f"(CAST({value} AS INTEGER) + ({since_year_1}))"
    clock = f"datetime({number} / 1000000 - {_SECONDS_BEFORE_1970}, 'unixepoch')"
    rest = f"{number} %% 1000000"
    return f"{clock} || CASE {rest} WHEN 0 THEN '' ELSE printf('.%%06d', {rest}) END"


def _sqlite_date(value: str, span: timedelta) -> str:
    return f"date({value}, '{span.days:+} days')" if span else value


def _sqlite_json_date(value: str, span: timedelta) -> str:
    return f"date((CAST({value} AS INTEGER) + ({span.days})) * 86400, 'unixepoch')"


_SHIFTS: dict[tuple[Dialect, Kind, bool], Callable[[str, timedelta], str]] = {
    (Dialect.POSTGRESQL, Kind.INSTANT, False): _pg_instant,
    (Dialect.POSTGRESQL, Kind.INSTANT, True): _pg_json_instant,
    (Dialect.POSTGRESQL, Kind.DATE, False): _pg_date,
    (Dialect.POSTGRESQL, Kind.DATE, True): _pg_json_date,
    (Dialect.SQLITE, Kind.INSTANT, False): _sqlite_instant,
    (Dialect.SQLITE, Kind.INSTANT, True): _sqlite_from_microseconds,
    (Dialect.SQLITE, Kind.DATE, False): _sqlite_date,
    (Dialect.SQLITE, Kind.DATE, True): _sqlite_json_date,
}
