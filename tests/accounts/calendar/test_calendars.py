"""Calendars open once, whoever looks; what was missed follows their policy; a date that moves opens nothing twice."""

import datetime as dt
from collections import Counter

import pytest

from accounts.calendar import looking, services
from accounts.calendar.models import Calendar, Missed, Occurrence
from accounts.facts.models import AccountFacts
from accounts.foundation import claims
from tests.factories.accounts import AT, AccountFactory, AccountFactsFactory, CalendarFactory, OccurrenceFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
END = AT.date() + 95 * DAY
DAILY = {"every": 1, "unit": "days", "anchor": "2026-03-04", "hour": 9, "zone": "UTC"}


def window(*, at: dt.datetime = AT, after_stop: str = Missed.ONCE, **rule) -> Calendar:
    rule = {"fact": "contract_end_date", "days": 90} | rule
    draft = services.CalendarDraft("play:renewal", "plays", Calendar.Kind.WINDOW, rule, after_stop)
    found = services.follow(draft, by=None, at=at)
    look(at)
    return found


def daily(after_stop: str, key: str = "play:daily") -> Calendar:
    draft = services.CalendarDraft(key, "plays", Calendar.Kind.CADENCE, DAILY, after_stop)
    return services.follow(draft, by=None, at=AT)


def look(at: dt.datetime) -> None:
    while services.open_due(at=at):
        pass


def account(end: dt.date = END, **values):
    return AccountFactsFactory(contract_end_date=end, account=AccountFactory(**values)).account


def move(customer, end: dt.date) -> None:
    AccountFacts.objects.filter(pk=customer.pk).update(contract_end_date=end)


def opened() -> list[tuple[dt.date, str]]:
    return list(Occurrence.objects.order_by("pk").values_list("day", "how"))


def test_a_window_opens_once_at_its_hour_where_the_account_is():
    here, there = account(time_zone="America/New_York"), account(time_zone="Asia/Tokyo")
    window()
    look(AT + 4 * DAY)
    assert opened() == []
    opening_day = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
    look(opening_day + dt.timedelta(minutes=1))
    assert [one.account for one in Occurrence.objects.all()] == [there]
    look(opening_day + dt.timedelta(hours=13, minutes=1))
    look(opening_day + dt.timedelta(hours=20))
    assert Counter(Occurrence.objects.values_list("account", flat=True)) == {here.pk: 1, there.pk: 1}
    assert Occurrence.objects.get(account=here).opens_at == opening_day + dt.timedelta(hours=13)
    assert set(Occurrence.objects.values_list("pending", flat=True)) == {True}


def test_what_is_open_when_it_begins_to_be_followed_stays_silent():
    account(AT.date() + 30 * DAY)
    window()
    assert opened() == [(AT.date() + 30 * DAY, "silent")]
    assert not Occurrence.objects.get().pending


def test_an_account_that_becomes_known_late_gets_the_window_that_it_is_in():
    window(until=60)
    account(AT.date() + 70 * DAY)
    account(AT.date() + 50 * DAY)
    look(AT + DAY)
    assert opened() == [(AT.date() + 70 * DAY, "opened")]


def test_a_date_that_moves_before_its_window_opened_is_planned_anew():
    customer = account()
    window()
    move(customer, END + 20 * DAY)
    look(AT + 6 * DAY)
    assert opened() == []
    look(AT + 26 * DAY)
    assert opened() == [(END + 20 * DAY, "opened")]


@pytest.mark.parametrize("days", [-60, -1, 1, 89])
def test_a_date_that_moves_within_its_term_opens_nothing_again(days):
    customer = account()
    window()
    look(AT + 6 * DAY)
    move(customer, END + days * DAY)
    for later in range(7, 120, 7):
        look(AT + later * DAY)
    assert opened() == [(END, "opened")]


def test_the_date_of_the_next_term_opens_its_own_window():
    customer = account()
    window()
    look(AT + 6 * DAY)
    move(customer, END + 365 * DAY)
    look(AT + 300 * DAY)
    look(AT + 372 * DAY)
    assert opened() == [(END, "opened"), (END + 365 * DAY, "opened")]


@pytest.mark.parametrize(("after_stop", "how"), [("skip", "missed"), ("once", "opened"), ("catch_up", "opened")])
def test_a_window_that_was_missed_follows_the_policy(after_stop, how):
    account()
    window(after_stop=after_stop)
    look(AT + 10 * DAY)
    assert opened() == [(END, how)]
    assert Occurrence.objects.get().pending == (how == "opened")


@pytest.mark.parametrize(
    ("after_stop", "hows"),
    [
        ("skip", ["missed", "missed", "opened"]),
        ("once", ["missed", "missed", "opened"]),
        ("catch_up", ["opened"] * 3),
    ],
)
def test_a_cadence_after_three_days_in_which_nothing_ran(after_stop, hows):
    daily(after_stop)
    look(AT + 3 * DAY)
    look(AT + 3 * DAY)
    assert opened() == list(zip([AT.date() + n * DAY for n in (1, 2, 3)], hows, strict=True))


@pytest.mark.parametrize(("after_stop", "hows"), [("skip", ["missed"] * 2), ("once", ["missed", "opened"])])
def test_where_all_was_missed_the_latest_opens_or_none(after_stop, hows):
    draft = services.CalendarDraft("play:x", "plays", Calendar.Kind.CADENCE, DAILY | {"every": 2}, after_stop)
    services.follow(draft, by=None, at=AT - DAY / 2)
    look(AT + 4 * DAY - dt.timedelta(hours=2))
    assert [how for _, how in opened()] == hows


def test_a_calendar_rests_until_it_can_open_something():
    found = window()
    found.refresh_from_db()
    assert found.next_attempt_at == AT + dt.timedelta(minutes=15)
    cadence = daily("once")
    look(AT)
    cadence.refresh_from_db()
    assert cadence.next_attempt_at == AT + dt.timedelta(hours=23)


def test_many_accounts_open_in_batches(monkeypatch):
    monkeypatch.setattr(looking, "BATCH", 3)
    customers = [account() for _ in range(7)]
    window()
    look(AT + 6 * DAY)
    assert Counter(Occurrence.objects.values_list("account", flat=True)) == {one.pk: 1 for one in customers}


def test_one_malformed_calendar_stops_no_other_and_is_given_up():
    broken = CalendarFactory(key="play:broken", rule={"days": 3})
    daily("once")
    look(AT + DAY)
    assert opened() == [(AT.date() + DAY, "opened")]
    at = AT + DAY
    for _ in range(claims.TRIES):
        at += dt.timedelta(hours=7)
        look(at)
    broken.refresh_from_db()
    assert (broken.state, broken.error) == ("dead", "KeyError: 'fact'")


def test_schedulers_at_once_open_everything_once(transactional_db):
    customers = [account() for _ in range(20)]
    window()
    for number in range(5):
        daily("catch_up", key=f"play:daily-{number}")
    at_once(*[lambda: look(AT + 6 * DAY)] * 4)
    look(AT + 6 * DAY)
    windows = Occurrence.objects.filter(calendar__kind="window")
    assert Counter(windows.values_list("account", flat=True)) == {one.pk: 1 for one in customers}
    assert Occurrence.objects.filter(calendar__kind="cadence").count() == 5 * 6


def test_what_is_forgotten_opens_nothing_and_following_it_again_is_silent():
    account()
    window()
    services.forget("play:renewal", by=None, at=AT)
    look(AT + 6 * DAY)
    assert opened() == []
    window(at=AT + 7 * DAY)
    assert opened() == [(END, "silent")]


def test_what_opened_for_either_of_two_accounts_opened_for_the_one_that_stays():
    goes, stays = AccountFactory(), AccountFactory()
    both = OccurrenceFactory(account=stays)
    OccurrenceFactory(account=goes, calendar=both.calendar, day=both.day)
    alone = OccurrenceFactory(account=goes)
    services._join(goes, stays)
    assert set(Occurrence.objects.values_list("pk", "account")) == {(both.pk, stays.pk), (alone.pk, stays.pk)}
