"""When a rule opens, in every time zone, over every change of the clocks: once, in order, at the written local time."""

import datetime as dt
import zoneinfo

import pytest

from accounts.calendar.rules import Cadence, Window, opening

DAY = dt.timedelta(days=1)
YEARS = range(2024, 2028)
ZONES = sorted(zoneinfo.available_timezones())
UTC = dt.UTC


def changes(zone: zoneinfo.ZoneInfo) -> set[dt.date]:
    """The days of these years on which the clocks of a zone change, and those beside them."""
    found = set()
    for year in YEARS:
        before = None
        for number in range(0, 366 * 24, 24):
            at = dt.datetime(year, 1, 1, tzinfo=UTC) + dt.timedelta(hours=number)
            offset = zone.utcoffset(at)
            if before is not None and offset != before:
                found |= {at.date() + n * DAY for n in (-2, -1, 0, 1)}
            before = offset
    return found


def wall(instant: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return instant.astimezone(zone).replace(tzinfo=None)


@pytest.fixture(scope="module")
def unlike() -> dict[zoneinfo.ZoneInfo, set[dt.date]]:
    """One zone of each kind: most of the six hundred names share their changes with another."""
    kinds: dict[tuple[object, ...], str] = {}
    for name in ZONES:
        zone = zoneinfo.ZoneInfo(name)
        noons = [dt.datetime(2024, 1, 1, 12, tzinfo=UTC) + n * 5 * DAY for n in range(290)]
        kinds.setdefault(tuple(zone.utcoffset(at) for at in noons), name)
    assert len(kinds) > 60
    return {zoneinfo.ZoneInfo(name): changes(zoneinfo.ZoneInfo(name)) for name in kinds.values()}


def test_each_hour_opens_once_in_order_at_the_written_local_time(unlike):
    asked = jumped = twice = 0
    for zone, days in unlike.items():
        for day in days | {dt.date(2024, 2, 29), dt.date(2025, 12, 31)}:
            before = None
            for hour in range(24):
                at = opening(day, hour, zone.key)
                here, written = wall(at, zone), dt.datetime.combine(day, dt.time(hour))
                asked += 1
                if here != written:
                    jumped += 1
                    assert here > written
                    assert wall(at - dt.timedelta(seconds=1), zone) < written, "the first instant after the jump"
                else:
                    earlier = at - dt.timedelta(hours=1)
                    twice += wall(at + dt.timedelta(hours=1), zone) == written
                    assert wall(earlier, zone) != written, "of two, the first"
                assert before is None or at >= before
                before = at
            assert opening(day + DAY, 0, zone.key) > opening(day, 22, zone.key)
    assert asked > 20_000
    assert jumped > 50
    assert twice > 50


@pytest.mark.parametrize(
    ("day", "hour", "zone", "utc"),
    [
        (dt.date(2026, 3, 29), 2, "Europe/Berlin", "2026-03-29T01:00"),
        (dt.date(2026, 10, 25), 2, "Europe/Berlin", "2026-10-25T00:00"),
        (dt.date(2026, 3, 8), 2, "America/New_York", "2026-03-08T07:00"),
        (dt.date(2025, 10, 5), 2, "Australia/Lord_Howe", "2025-10-04T15:30"),
        (dt.date(2011, 12, 30), 9, "Pacific/Apia", "2011-12-30T10:00"),
        (dt.date(2011, 12, 31), 9, "Pacific/Apia", "2011-12-30T19:00"),
        (dt.date(2026, 3, 4), 9, "Asia/Kathmandu", "2026-03-04T03:15"),
    ],
)
def test_days_on_which_clocks_jump(day, hour, zone, utc):
    assert opening(day, hour, zone) == dt.datetime.fromisoformat(utc).replace(tzinfo=UTC)


def cadence(every: int, unit: str, anchor: str, zone: str = "Europe/Berlin") -> Cadence:
    return Cadence.read({"every": every, "unit": unit, "anchor": anchor, "hour": 9, "zone": zone})


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        (cadence(1, "months", "2026-01-31"), ["01-31", "02-28", "03-31", "04-30", "05-31"]),
        (cadence(1, "months", "2028-01-30"), ["01-30", "02-29", "03-30", "04-30", "05-30"]),
        (cadence(3, "months", "2026-01-31"), ["01-31", "04-30", "07-31", "10-31", "01-31"]),
        (cadence(12, "months", "2024-02-29"), ["02-29", "02-28", "02-28", "02-28", "02-29"]),
        (cadence(2, "weeks", "2026-03-18"), ["03-18", "04-01", "04-15", "04-29", "05-13"]),
        (cadence(10, "days", "2028-02-19"), ["02-19", "02-29", "03-10", "03-20", "03-30"]),
    ],
)
def test_cadences_count_from_their_anchor(rule, days):
    assert [f"{rule.day(n):%m-%d}" for n in range(5)] == days


def test_a_cadence_opens_each_of_its_days_once_however_often_it_is_asked(unlike):
    start, end = dt.datetime(2025, 1, 1, tzinfo=UTC), dt.datetime(2026, 3, 1, tzinfo=UTC)
    for place, zone in enumerate(unlike):
        unit = ("days", "weeks", "months")[place % 3]
        rule = cadence(1 + place % 4, unit, f"2024-01-{28 + place % 4}", zone.key)
        whole = rule.since(start, end)
        asked, at = [], start
        while at < end:
            until = min(at + dt.timedelta(hours=7 + place * 5), end)
            asked += rule.since(at, until)
            at = until
        assert asked == whole
        assert [day for day, _ in whole] == sorted({day for day, _ in whole})
        assert all(rule.next(opens - dt.timedelta(seconds=1)) == opens for _, opens in whole[:3])
        assert {wall(opens, zone).hour for _, opens in whole} == {9}


@pytest.mark.parametrize(
    ("rule", "first", "last"),
    [
        ({"days": 90}, "2026-03-02T08:00", "2026-05-31T21:59"),
        ({"days": 90, "until": 60}, "2026-03-02T08:00", "2026-04-01T21:59"),
        ({"days": 1}, "2026-05-30T07:00", "2026-05-31T21:59"),
        ({"days": 0, "before": False, "hour": 0}, "2026-05-30T22:00", "2026-06-30T21:59"),
        ({"days": 14, "before": False, "until": 14}, "2026-06-14T07:00", "2026-06-14T21:59"),
    ],
)
def test_a_window_is_open_from_its_hour_to_the_end_of_its_last_day(rule, first, last):
    window, date, zone = Window.read({"fact": "contract_end_date", **rule}), dt.date(2026, 5, 31), "Europe/Berlin"
    opens, closes = (dt.datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (first, last))
    minute = dt.timedelta(minutes=1)
    assert [window.is_open(date, zone, at) for at in (opens - minute, opens, closes, closes + minute)] == [
        *(False, True, True, False)
    ]
    for at in (opens, closes):
        earliest, latest = window.dates(at)
        assert earliest <= date <= latest


@pytest.mark.parametrize(
    "rule",
    [
        {"fact": "x", "days": 30, "until": 40},
        {"fact": "x", "days": -1},
        {"fact": "x", "days": 1, "hour": 24},
        {"days": 1},
    ],
)
def test_what_is_no_window_is_refused(rule):
    with pytest.raises((ValueError, KeyError)):
        Window.read(rule)


@pytest.mark.parametrize("value", [{"every": 0}, {"unit": "years"}, {"hour": 24}, {"anchor": "soon"}, {"zone": "Mars"}])
def test_what_is_no_cadence_is_refused(value):
    good = {"every": 1, "unit": "days", "anchor": "2026-01-01", "hour": 9, "zone": "UTC"}
    with pytest.raises((ValueError, KeyError)):
        Cadence.read(good | value)
