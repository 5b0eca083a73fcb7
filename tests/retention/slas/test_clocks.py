"""Clocks: what is promised, what pauses and calendars do to it, and who hears when time runs out."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.outbox.models import Delivery
from accounts.portfolio.models import AccountEvent
from config import pipeline
from retention.slas import calendars, clocks
from retention.slas.models import BusinessCalendar, Clock, Pause
from retention.work import services as work
from tests.cast import person
from tests.factories.accounts import AccountFactory, RoleFactory, TeamFactory, UserFactory
from tests.factories.retention import BusinessCalendarFactory, WorkItemFactory
from tests.threads import at_once

pytestmark = pytest.mark.django_db
MONDAY = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)


def hours(number: float) -> dt.datetime:
    """So long after Monday at 10."""
    return MONDAY + dt.timedelta(hours=number)


@pytest.fixture
def ana():
    manager = UserFactory(first_name="Mara")
    return UserFactory(time_zone="UTC", team=TeamFactory(manager=manager))


@pytest.fixture
def item(ana):
    return work.open_item(AccountFactory(), title="Call them", within="4 bh", assignee=ana, by=None, at=MONDAY)


def subjects(user) -> list[str]:
    rows = Delivery.objects.filter(user=user, purpose__in=("clock", "breach", "escalation"), channel="in_app").order_by(
        "pk"
    )
    return [text.partition(",")[0] for text in rows.values_list("body__subject", flat=True)]


def test_work_within_a_time_is_due_when_that_time_has_passed(item):
    assert item.due_at == item.clock.due_at == item.clock.promised_at == hours(4)


def test_waiting_moves_what_is_due_and_not_what_was_promised(item):
    work.wait(item, reason="customer", by=item.assignee, at=hours(1))
    assert item.is_waiting
    work.go_on(item, by=item.assignee, at=hours(3))
    item.refresh_from_db()
    assert (item.is_waiting, item.due_at, item.clock.promised_at) == (False, hours(6), hours(4))
    assert Pause.objects.get().until == hours(3)
    kinds = AccountEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["work.opened", "clock.paused", "clock.resumed"]


def test_who_waits_is_not_late_and_nobody_is_told(item):
    work.wait(item, reason="customer", by=None, at=hours(1))
    assert clocks.advance(at=hours(500)) == 0
    assert not Delivery.objects.filter(purpose__in=("clock", "breach", "escalation"), channel="in_app").exists()


def test_a_clock_stands_still_once_and_goes_on_once(item):
    with pytest.raises(ValidationError, match="does not stand still"):
        work.go_on(item, by=None, at=hours(1))
    work.wait(item, reason="customer", by=None, at=hours(1))
    with pytest.raises(ValidationError, match="does not run"):
        work.wait(item, reason="agreed", by=None, at=hours(2))
    assert Pause.objects.count() == 1


def test_work_with_a_date_of_its_own_has_no_clock_to_stop():
    item = WorkItemFactory(clock=None)
    with pytest.raises(ValidationError, match="No clock runs"):
        work.wait(item, reason="customer", by=None, at=MONDAY)


def test_the_owner_hears_first_then_the_manager_at_last_a_leader(item, ana):
    leader = UserFactory(role=RoleFactory(key="leader"))
    manager = ana.team.manager
    assert clocks.advance(at=hours(3)) == 0
    assert clocks.advance(at=hours(3.2)) == 1
    assert (subjects(ana), subjects(manager)) == (["Due soon: Call them"], [])
    assert clocks.advance(at=hours(4)) == 1
    assert subjects(ana)[1:] == subjects(manager) == ["Out of time: Call them"]
    assert Clock.objects.get().breached_at == hours(4)
    tuesday = hours(24)  # 17:00 ended Monday after 7 hours; the 8th is over on Tuesday at 10
    assert clocks.advance(at=tuesday - dt.timedelta(minutes=1)) == 0
    assert clocks.advance(at=tuesday) == 1
    assert subjects(leader) == ["Nobody has done it in twice the time: Call them"]
    assert clocks.advance(at=hours(1000)) == 0


def test_after_a_stop_of_the_machine_each_level_is_told_once(item, ana):
    while clocks.advance(at=hours(100)):
        pass
    assert len(subjects(ana)) == 2
    assert Clock.objects.get().level == Clock.Level.ESCALATED


def test_done_in_time_is_met_and_done_late_is_met_late(item, ana):
    late = work.open_item(item.account, title="Mail them", within="1 bh", assignee=ana, by=None, at=MONDAY)
    for one in (item, late):
        work.close(one, outcome="done", by=ana, at=hours(2))
    assert [clock.state for clock in Clock.objects.all()] == ["met", "met"]
    assert Clock.objects.get(work=item).breached_at is None
    assert Clock.objects.get(work=late).breached_at == hours(1)


def test_what_is_dismissed_counts_for_nothing(item, ana):
    work.wait(item, reason="customer", by=ana, at=hours(1))
    work.close(item, outcome="not_needed", note="They left", by=ana, at=hours(50))
    clock = Clock.objects.get()
    assert (clock.state, clock.breached_at, clock.pauses.get().until) == ("cancelled", None, hours(50))


def test_the_calendar_of_the_team_counts(ana):
    values = {"weekdays": [0, 1], "teams": [ana.team], "closes": dt.time(12)}
    calendars.create(key="short", name="Short days", **values, by=None, at=MONDAY)
    item = work.open_item(AccountFactory(), title="Call", within="4 bh", assignee=ana, by=None, at=MONDAY)
    assert item.due_at == hours(25)  # Tuesday, 11:00


def test_another_calendar_moves_what_runs_and_leaves_what_ran_out(ana):
    calendar = calendars.create(key="ours", name="Ours", weekdays=[0, 1, 2], teams=[ana.team], by=None, at=MONDAY)
    account = AccountFactory()
    runs, ran_out, waits = (
        work.open_item(account, title=title, within=within, assignee=ana, by=None, at=MONDAY)
        for title, within in (("Runs", "1 bd"), ("Ran out", "1 bh"), ("Waits", "1 bd"))
    )
    work.wait(waits, reason="customer", by=ana, at=hours(2))
    clocks.advance(at=hours(1))
    clocks.advance(at=hours(1))
    calendars.change(calendar, closed_days={dt.date(2026, 3, 3): "Carnival"}, by=ana, at=hours(2))
    for one in (runs, ran_out, waits):
        one.refresh_from_db()
    assert (runs.due_at, runs.clock.promised_at) == (hours(48), hours(24))  # Wednesday instead of Tuesday
    assert ran_out.due_at == hours(1)
    moved = {entry.object_id: entry.after for entry in AuditEntry.objects.filter(verb="clock.move")}
    assert {pk for pk, after in moved.items() if "due_at" in after} == {str(runs.clock_id)}
    assert set(moved) == {str(runs.clock_id), str(waits.clock_id)}
    work.go_on(waits, by=ana, at=hours(4))
    assert waits.due_at == hours(50)


def test_more_clocks_than_one_change_moves_are_moved_by_the_pump(ana, monkeypatch):
    monkeypatch.setattr(clocks, "BATCH", 2)
    calendar = calendars.create(key="ours", name="Ours", weekdays=[0, 1, 2], teams=[ana.team], by=None, at=MONDAY)
    account = AccountFactory()
    items = [
        work.open_item(account, title=f"Call {n}", within="1 bd", assignee=ana, by=None, at=MONDAY) for n in range(5)
    ]
    calendars.change(calendar, closed_days={dt.date(2026, 3, 3): "Carnival"}, by=ana, at=hours(2))
    assert dues(items) == [hours(48)] * 2 + [hours(24)] * 3
    while clocks.advance(at=hours(24)):  # when those that were not moved yet would run out
        pass
    assert dues(items) == [hours(48)] * 5
    assert {clock.level for clock in Clock.objects.all()} == {Clock.Level.WARNED}


def test_a_change_of_name_moves_nothing(item, ana):
    calendar = calendars.create(key="ours", name="Ours", weekdays=[0], is_default=True, by=None, at=MONDAY)
    work.open_item(item.account, title="Write", within="1 bd", assignee=ana, by=None, at=MONDAY)
    calendars.change(calendar, name="All of us", by=ana, at=hours(2))
    assert not AuditEntry.objects.filter(verb="clock.move").exists()


def dues(items) -> list[dt.datetime]:
    for one in items:
        one.refresh_from_db()
    return [one.due_at for one in items]


def test_the_database_refuses_a_calendar_without_a_day_of_work():
    with pytest.raises(IntegrityError, match="a_calendar_has_a_day_of_work"):
        BusinessCalendarFactory(weekdays=[])


def test_a_team_follows_one_calendar(ana):
    calendars.create(key="one", name="One", weekdays=[0], teams=[ana.team], by=None, at=MONDAY)
    with pytest.raises(ValidationError, match="follows One"):
        calendars.create(key="two", name="Two", weekdays=[0], teams=[ana.team], by=None, at=MONDAY)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"weekdays": []}, "weekdays"),
        ({"weekdays": [7]}, "weekdays"),
        ({"country": "XX"}, "country"),
        ({"country": "DE", "subdivision": "ZZ"}, "subdivision"),
        ({"opens": dt.time(17), "closes": dt.time(9)}, "closes"),
        ({"time_zone": "Mars/Base"}, "time_zone"),
    ],
)
def test_refuses_hours_that_nobody_can_work(values, field):
    with pytest.raises(ValidationError) as refused:
        calendars.create(**{"key": "odd", "name": "Odd", "weekdays": [0]} | values, by=None, at=MONDAY)
    assert field in refused.value.message_dict


def test_public_holidays_are_days_off(ana):
    values = {"country": "DE", "subdivision": "BY", "weekdays": [0, 1, 2, 3, 4], "teams": [ana.team]}
    calendars.create(key="by", name="Munich", time_zone="Europe/Berlin", **values, by=None, at=MONDAY)
    before_easter = dt.datetime(2026, 4, 2, 14, tzinfo=dt.UTC)  # Maundy Thursday, 16:00 in Munich
    item = work.open_item(AccountFactory(), title="Call", within="1 bd", assignee=ana, by=None, at=before_easter)
    assert item.due_at == dt.datetime(2026, 4, 7, 14, tzinfo=dt.UTC)  # the Tuesday after


def test_the_pump_tells(item, ana):
    assert pipeline.STAGES["clocks"] is clocks.advance
    assert clocks.advance() == 1
    assert subjects(ana) == ["Due soon: Call them"]


@pytest.mark.django_db(transaction=True)
def test_two_workers_tell_once(ana):
    work.open_item(AccountFactory(), title="Call", within="1 bh", assignee=ana, by=None, at=MONDAY)
    at_once(*[lambda: clocks.advance(at=hours(0.9))] * 3)
    assert subjects(ana) == ["Due soon: Call"]


def test_who_may_only_read_sees_the_hours_in_words(client, starter):
    calendar = calendars.create(key="ours", name="Ours", weekdays=[0, 4], by=None, at=MONDAY)
    calendars.change(calendar, closed_days={now().date(): "Moving day"}, by=None, at=MONDAY)
    client.force_login(person("grace", role="content_author", group=None))
    answer = client.get(f"/admin/retention/businesscalendar/{calendar.pk}/change/")
    assert answer.status_code == 200
    for words in ("Mon, Fri 09:00–17:00", "Moving day"):
        assert words in answer.content.decode()


def test_who_changes_hours_hears_how_many_clocks_follow(client, starter, ana):
    calendar = BusinessCalendar.objects.get(is_default=True)
    for title in ("Call", "Write"):
        work.open_item(AccountFactory(), title=title, within="1 bd", assignee=ana, by=None, at=now())
    client.force_login(person("olga", role="operator", group=None))
    page = f"/admin/retention/businesscalendar/{calendar.pk}/change/"
    form = client.get(page).context["adminform"].form
    values = {name: value for name in form.fields if (value := form[name].value()) is not None}
    said = client.post(page, values | {"closes": "15:00"}, follow=True).content.decode()
    assert "Clocks that count by these hours from now on: 2." in said
