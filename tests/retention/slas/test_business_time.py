"""Due times in business time: exact cases, and what holds for every start, duration and zone."""

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.slas import business_time
from retention.slas.business_time import Course, Hours, span_in_words

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # moves its clocks by half an hour
    "Pacific/Auckland",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
    "Africa/Casablanca",
    "America/St_Johns",
]
zones = st.sampled_from(ZONES)
starts = st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2032, 1, 1), timezones=st.just(dt.UTC))
hours = st.integers(0, 60)


def due(text: str, *, start: dt.datetime, zone: str) -> dt.datetime:
    return Hours(zone).due(text, start=start)


def at(text: str, zone: str = "UTC") -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def is_open(instant: dt.datetime, zone: str) -> bool:
    """Whether `instant` is business time, its end included: what is due at 17:00 is due that day."""
    local = instant.astimezone(zoneinfo.ZoneInfo(zone))
    return local.weekday() < 5 and dt.time(9) <= local.time() <= dt.time(17)


@pytest.mark.parametrize(
    ("text", "start", "expected"),
    [
        # 6 March 2026 is a Friday
        ("1 bd", "2026-03-06 16:00", "2026-03-09 16:00"),
        ("1 bd", "2026-03-05 15:00", "2026-03-06 15:00"),
        ("4 bh", "2026-03-06 16:00", "2026-03-09 12:00"),
        ("4 bh", "2026-03-05 09:00", "2026-03-05 13:00"),
        ("8 bh", "2026-03-05 09:00", "2026-03-05 17:00"),
        ("1 bd", "2026-03-05 09:00", "2026-03-05 17:00"),
        ("9 bh", "2026-03-05 09:00", "2026-03-06 10:00"),
        ("4 bh", "2026-03-05 22:30", "2026-03-06 13:00"),
        ("4 bh", "2026-03-05 03:30", "2026-03-05 13:00"),
        ("4 bh", "2026-03-05 17:00", "2026-03-06 13:00"),
        ("1 bh", "2026-03-05 16:59:30", "2026-03-06 09:59:30"),
        ("4 bh", "2026-03-07 12:00", "2026-03-09 13:00"),
        ("1 bd", "2026-03-08 23:59", "2026-03-09 17:00"),
        ("10 bd", "2026-03-06 16:00", "2026-03-20 16:00"),
        ("3 d", "2026-03-06 16:00", "2026-03-09 16:00"),
        ("0 bh", "2026-03-06 22:00", "2026-03-09 09:00"),
    ],
)
@pytest.mark.parametrize("zone", ["UTC", "Asia/Kolkata", "America/Los_Angeles"])
def test_exact(text, start, expected, zone):
    if zone == "America/Los_Angeles" and text == "3 d":
        expected = "2026-03-09 17:00"  # three times 24 hours, over the night in which the clocks go forward
    assert due(text, start=at(start, zone), zone=zone) == at(expected, zone)


@pytest.mark.parametrize(
    ("zone", "start", "expected"),
    [
        # the clocks change in the night to Sunday, 29 March and 25 October 2026; in New York on 8 March
        ("Europe/Berlin", "2026-03-27 16:00", "2026-03-30 16:00"),
        ("Europe/Berlin", "2026-10-23 16:00", "2026-10-26 16:00"),
        ("America/New_York", "2026-03-06 16:00", "2026-03-09 16:00"),
    ],
)
def test_a_business_day_ends_at_the_same_local_time_when_the_clocks_change(zone, start, expected):
    assert due("1 bd", start=at(start, zone), zone=zone) == at(expected, zone)


def test_each_zone_has_its_own_day():
    start = at("2026-03-05 20:00")
    assert due("4 bh", start=start, zone="America/Los_Angeles") == start + dt.timedelta(hours=4)
    assert due("4 bh", start=start, zone="Europe/Berlin") == at("2026-03-06 13:00", "Europe/Berlin")


@given(starts, st.integers(1, 60), zones)
def test_is_due_in_business_time_and_never_at_a_weekend(start, number, zone):
    assert is_open(due(f"{number} bh", start=start, zone=zone), zone)


@given(starts, hours, st.integers(1, 60), zones)
def test_waiting_twice_is_waiting_for_the_sum(start, one, two, zone):
    first = due(f"{one} bh", start=start, zone=zone)
    assert due(f"{two} bh", start=first, zone=zone) == due(f"{one + two} bh", start=start, zone=zone)


@given(starts, st.timedeltas(dt.timedelta(0), dt.timedelta(days=10)), hours, zones)
def test_who_starts_later_is_never_due_earlier(start, pause, number, zone):
    assert due(f"{number} bh", start=start + pause, zone=zone) >= due(f"{number} bh", start=start, zone=zone)


@given(starts, hours, zones)
def test_more_time_is_never_due_earlier(start, number, zone):
    assert start <= due(f"{number} bh", start=start, zone=zone) < due(f"{number + 1} bh", start=start, zone=zone)


@given(starts, st.integers(0, 20), zones)
def test_a_business_day_is_eight_business_hours(start, number, zone):
    assert due(f"{number} bd", start=start, zone=zone) == due(f"{8 * number} bh", start=start, zone=zone)


@given(starts, st.integers(0, 20), zones)
def test_five_business_days_from_business_time_are_a_week(start, number, zone):
    begun = due("1 bh", start=start, zone=zone)
    week_later = due(f"{5 * number} bd", start=begun, zone=zone)
    assert week_later.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None) == begun.astimezone(
        zoneinfo.ZoneInfo(zone)
    ).replace(tzinfo=None) + dt.timedelta(weeks=number)


def test_every_zone_there_is_has_business_days_all_year():
    """Over each change of the clocks a start at noon on Friday is due on Monday at noon."""
    late = set()
    for zone in zoneinfo.available_timezones():
        friday = dt.datetime(2026, 1, 2, 12, tzinfo=zoneinfo.ZoneInfo(zone))
        for week in range(52):
            start = friday + dt.timedelta(weeks=week)
            if due("1 bd", start=start.astimezone(dt.UTC), zone=zone) != start + dt.timedelta(days=3):
                late.add((zone, start.date()))
    assert not late


@pytest.mark.parametrize("text", ["", "4", "bh", "four bh", "-1 bd", "1.5 bh", "4  bh", "1 week", "4bh", "99999 bh"])
def test_refuses_what_is_no_duration_and_says_how_to_write_one(text):
    with pytest.raises(business_time.NotADuration, match="Write 4 bh, 1 bd or 3 d"):
        business_time.parse(text)


def test_reads_durations():
    assert [business_time.parse(text) for text in ("4 bh", " 1 bd ", "30 d")] == [(4, "bh"), (1, "bd"), (30, "d")]


HOLIDAYS = frozenset(
    dt.date(year, month, day) for year in range(2024, 2034) for month, day in ((1, 1), (5, 1), (12, 25))
)
calendars = st.builds(
    Hours,
    zones,
    st.sampled_from([dt.time(7), dt.time(9), dt.time(10, 30)]),
    st.sampled_from([dt.time(15, 30), dt.time(17), dt.time(22)]),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.sampled_from([frozenset(), HOLIDAYS]),
)
gaps = st.timedeltas(dt.timedelta(0), dt.timedelta(days=20))


def test_a_holiday_does_not_count():
    bavaria = Hours("Europe/Berlin", closed={dt.date(2026, 4, 3), dt.date(2026, 4, 6)})  # around Easter
    start = at("2026-04-02 16:00", "Europe/Berlin")
    assert bavaria.due("1 bd", start=start) == at("2026-04-07 16:00", "Europe/Berlin")
    assert Hours("Europe/Berlin").due("1 bd", start=start) == at("2026-04-03 16:00", "Europe/Berlin")


def test_a_business_day_is_as_long_as_the_hours_of_a_calendar():
    short = Hours("UTC", dt.time(10), dt.time(14), frozenset({0, 2}))  # Mondays and Wednesdays
    assert short.due("1 bd", start=at("2026-03-02 12:00")) == at("2026-03-04 12:00")
    assert short.due("5 bh", start=at("2026-03-02 12:00")) == at("2026-03-04 13:00")


@given(calendars, starts, gaps, gaps)
def test_time_worked_adds_up(calendar, start, one, two):
    middle, end = start + one, start + one + two
    assert calendar.passed(start, middle) + calendar.passed(middle, end) == calendar.passed(start, end)
    assert calendar.passed(start, middle) <= calendar.passed(start, end) <= one + two


@given(calendars, starts, st.integers(1, 40))
def test_when_it_is_due_just_that_much_was_worked(calendar, start, number):
    assert calendar.passed(start, calendar.due(f"{number} bh", start=start)) == dt.timedelta(hours=number)


@st.composite
def courses(draw):
    start, pauses = draw(starts), []
    at_ = start
    for _ in range(draw(st.integers(0, 3))):
        since = at_ + draw(gaps)
        at_ = since + draw(gaps)
        pauses.append((since, at_))
    unit = draw(st.sampled_from(["bh", "bd", "d"]))
    return Course(f"{draw(st.integers(1, 30))} {unit}", start, tuple(pauses))


@given(calendars, courses())
def test_a_clock_is_due_when_it_has_used_what_it_was_given(calendar, course):
    due_at = course.due_at(calendar)
    assert course.left(calendar, due_at) == dt.timedelta(0)
    assert course.left(calendar, due_at - dt.timedelta(days=15)) >= dt.timedelta(0)


@given(calendars, courses())
def test_a_pause_never_makes_anything_due_earlier(calendar, course):
    promised = Course(course.duration, course.started_at).due_at(calendar)
    assert course.due_at(calendar) >= promised


@given(calendars, courses(), st.timedeltas(dt.timedelta(days=1), dt.timedelta(days=90)))
def test_while_it_stands_still_no_time_is_used(calendar, course, while_):
    since = (course.pauses[-1][1] if course.pauses else course.started_at) + dt.timedelta(minutes=1)
    still = Course(course.duration, course.started_at, (*course.pauses, (since, None)))
    assert still.used(calendar, since) == still.used(calendar, since + while_)
    assert still.due_at(calendar) in (None, course.due_at(calendar))


@pytest.mark.parametrize("values", [{"weekdays": frozenset()}, {"opens": dt.time(17), "closes": dt.time(9)}])
def test_hours_in_which_nobody_ever_works_are_refused(values):
    with pytest.raises(ValueError, match="need a day of the week"):
        Hours("UTC", **values)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0, "0 min"), (59, "59 min"), (240, "4 h"), (245, "4 h 5 min"), (480, "1 day"), (1140, "2 days 3 h")],
)
def test_a_span_reads_as_people_say_it(minutes, words):
    assert span_in_words(dt.timedelta(minutes=minutes), dt.timedelta(hours=8)) == words
