"""Office hours: a series on the plan, the next date where it is asked for, and who came as a touch, in one step."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.identity import merging
from accounts.portfolio import services as portfolio
from accounts.touches.models import Touch
from retention.success_plans import links, services, starting, tasks
from retention.success_plans.office_hours import attending, queries
from retention.success_plans.office_hours import services as hours
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursSession
from retention.success_plans.templates import latest_of
from retention.work import feeds
from retention.work import services as work
from retention.work.models import WorkItem
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MONDAY = dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC)
"""The clocks change in Berlin on 29 March, and had changed in New York on 8 March."""
RULE = {"title": "Ask us", "weekday": "tuesday", "time": dt.time(15), "time_zone": "Europe/Berlin"}


@pytest.fixture
def plan(northwind):
    return retention.SuccessPlanFactory(account=northwind)


@pytest.fixture
def series(plan, amelia):
    return hours.plan_for(plan, host=amelia, starts_on=MONDAY.date(), by=amelia, at=MONDAY, **RULE)


@pytest.fixture
def ines(northwind):
    return accounts.StakeholderFactory(account=northwind, name="Ines Albers")


def coming(series):
    return OfficeHoursSession.objects.select_related("work_item__account").get(series=series, state="planned")


def test_the_hour_stays_when_the_clocks_change(series):
    found = queries.dates(series, after=MONDAY)
    assert [next(found).hour for _ in range(3)] == [14, 14, 13]  # 15:00 in Berlin, in UTC
    gap = retention.OfficeHoursFactory(weekday="sunday", time=dt.time(2, 30), starts_on=dt.date(2026, 3, 29))
    assert next(queries.dates(gap, after=MONDAY)) == dt.datetime(2026, 3, 29, 1, tzinfo=dt.UTC)  # 03:00, after the jump
    twice = retention.OfficeHoursFactory(weekday="sunday", time=dt.time(2, 30), starts_on=dt.date(2026, 10, 25))
    assert next(queries.dates(twice, after=MONDAY)) == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)  # the first


def test_every_other_week_until_the_last_day(series, amelia):
    hours.change(series, every_weeks=2, until=dt.date(2026, 4, 14), by=amelia, at=MONDAY)
    assert [one.day for one in queries.dates(series, after=MONDAY)] == [17, 31, 14]


def test_the_next_date_is_work_of_the_host_that_only_its_page_ends(series, amelia):
    item = coming(series).work_item
    assert (item.assignee, item.title, item.due_at) == (amelia, "Ask us", MONDAY.replace(hour=14, minute=45) + DAY)
    with pytest.raises(hours.ValidationError, match="page of the office hours"):
        work.close(item, outcome="held", by=amelia, at=MONDAY)
    assert series.plan.account.events.filter(kind="office_hours.planned").count() == 1


def test_who_came_is_a_touch_in_one_step_and_the_next_date_follows(series, amelia, ines, client):
    session, after = coming(series), MONDAY + 2 * DAY
    client.force_login(amelia)
    page = reverse("admin:retention_officehours_attend", args=[session.work_item_id])
    OfficeHoursSession.objects.filter(pk=session.pk).update(starts_at=now() + DAY)
    early = client.get(page).content.decode()
    assert ("not begun" in early, "Ines Albers" in early) == (True, False)
    OfficeHoursSession.objects.filter(pk=session.pk).update(starts_at=now() - DAY)
    text = client.get(page).content.decode()
    assert "Ines Albers" in text
    assert reverse("admin:retention_officehours_changelist") + '">Office hours</a>' in text
    assert client.post(page, {"was": "held", "came": [ines.pk], "text": "Sharing"}).status_code == 302
    touch = Touch.objects.get(account=series.plan.account)
    assert (touch.kind, touch.purpose, list(touch.stakeholders.all())) == ("meeting", "office_hours", [ines])
    assert (touch.minutes, touch.words.text, list(touch.colleagues.all())) == (45, "Sharing", [amelia])
    session.refresh_from_db()
    assert (session.state, session.came, session.work_item.outcome) == ("held", 1, "held")
    assert coming(series).starts_at > after
    again = client.post(page, {"was": "held", "came": []})
    assert "over" in again.content.decode()
    assert Touch.objects.count() == 1


def test_nobody_came_or_it_was_not_held(series, amelia):
    attending.held(coming(series), came=[], by=amelia, at=MONDAY + 2 * DAY)
    second = coming(series)
    assert second.starts_at.day == 24
    with pytest.raises(hours.ValidationError, match="not begun"):
        attending.held(second, came=[], by=amelia, at=MONDAY + 2 * DAY)
    with pytest.raises(hours.ValidationError, match="why"):
        attending.left_out(second, because=" ", by=amelia, at=MONDAY + 2 * DAY)
    attending.left_out(second, because="A holiday", by=amelia, at=MONDAY + 2 * DAY)
    assert coming(series).starts_at.day == 31
    assert queries.shown(OfficeHours.objects.get(pk=series.pk), at=MONDAY + 2 * DAY).next_at.day == 31
    assert not Touch.objects.exists()


def test_another_time_moves_what_is_to_come_and_the_end_ends_it(series, amelia, bruno):
    hours.change(series, weekday="friday", host=bruno, by=amelia, at=MONDAY)
    session = coming(series)
    assert (session.starts_at.day, session.work_item.assignee) == (20, bruno)
    hours.end(series, by=amelia, at=MONDAY)
    assert not WorkItem.objects.filter(kind="office_hours", state="open").exists()
    for verb in (hours.end, hours.change):
        with pytest.raises(hours.NotPossible):
            verb(series, by=amelia, at=MONDAY)


def test_they_rest_and_go_on_with_their_plan(series, amelia):
    services.hold(series.plan, because="Budget", by=amelia, at=MONDAY)
    assert not OfficeHoursSession.objects.exists()
    assert hours.ask_all(at=MONDAY) == 0
    assert queries.next_start(OfficeHours.objects.get(), at=MONDAY) is None
    services.go_on(series.plan, by=amelia, at=MONDAY)
    assert coming(series).starts_at.day == 17


def test_a_date_that_is_lacking_is_asked_for_once(series):
    from retention.success_plans.office_hours import services

    OfficeHoursSession.objects.all().delete()
    assert (services.ask_all(at=MONDAY), services.ask_all(at=MONDAY)) == (1, 0)


def test_several_customers_come_together_and_each_has_its_touch(northwind, amelia, ines):
    other = accounts.AccountFactory(name="Zephyr")
    ida = accounts.StakeholderFactory(account=other)
    rule = RULE | {"host": amelia, "starts_on": MONDAY.date()}
    series = hours.plan_together([northwind, other, other], by=amelia, at=MONDAY, **rule)
    assert series.guests.count() == 2
    stranger = accounts.StakeholderFactory()
    with pytest.raises(hours.ValidationError, match="Not invited"):
        attending.held(coming(series), came=[stranger], by=amelia, at=MONDAY + 2 * DAY)
    attending.held(coming(series), came=[ines, ida, ida], by=amelia, at=MONDAY + 2 * DAY)
    assert {one.account for one in Touch.objects.all()} == {northwind, other}
    for wrong in ([], [accounts.AccountFactory() for _ in range(3)] * 40):
        if len({one.pk for one in wrong}) != 3:
            with pytest.raises(hours.ValidationError):
                hours.change(series, accounts=wrong, by=amelia, at=MONDAY)
    hours.change(series, accounts=[other], by=amelia, at=MONDAY)
    assert list(series.guests.values_list("account", flat=True)) == [other.pk]


def test_a_merged_account_is_invited_once(northwind, amelia):
    other = accounts.AccountFactory()
    rule = RULE | {"host": amelia, "starts_on": MONDAY.date()}
    series = hours.plan_together([northwind, other], by=amelia, at=MONDAY, **rule)
    merging.merge(other, into=northwind, by=amelia, at=now())
    assert list(series.guests.values_list("account", flat=True)) == [northwind.pk]


def test_the_customer_reads_the_next_date_in_their_language_and_zone(series, ines, amelia, client):
    account = series.plan.account
    account.time_zone = "America/New_York"
    account.save(update_fields=["time_zone"])
    hours.change(series, join_url="https://meet.example/ask", starts_on=now().date(), by=amelia, at=now())
    found = queries.for_customer(series.plan, at=now())[0]
    assert found["starts"].hour in (9, 10)
    link = links.share(series.plan, stakeholder=ines, language="de", by=amelia, at=now())
    page = client.get(links.address(link).partition("/s/")[1] + links.address(link).partition("/s/")[2])
    text = page.content.decode()
    assert "Dienstag" in text
    assert "Zeit in New York" in text
    assert 'href="https://meet.example/ask"' in text
    services.hold(series.plan, because="Budget", by=amelia, at=now())
    assert "Dienstag" not in client.get(page.request["PATH_INFO"]).content.decode()


def test_they_stand_in_the_calendar_of_the_host_once_a_date(series, amelia):
    hours.change(series, join_url="https://meet.example/ask", by=amelia, at=MONDAY)
    lines = feeds.calendar(amelia, at=MONDAY).decode().replace("\r\n ", "").split("\r\n")
    assert "DTSTART:20260317T140000Z" in lines
    assert "DTSTART:20260331T130000Z" in lines  # after the clocks changed
    assert "LOCATION:https://meet.example/ask" in lines
    assert f"SUMMARY:Ask us\\, {series.plan.account.name}" in lines
    assert not [line for line in lines if line.startswith("UID:work-")]
    assert lines.count("BEGIN:VEVENT") == 13


def test_a_template_plans_them_instead_of_tasks(northwind, amelia):
    starting.start(northwind, template=latest_of("pilot"), lists=[latest_of("launch")], by=amelia, at=MONDAY)
    series = OfficeHours.objects.get()
    assert (series.host, series.weekday, series.starts_on, series.minutes) == (
        amelia,
        "tuesday",
        dt.date(2026, 3, 23),
        45,
    )
    assert len(list(queries.dates(series, after=MONDAY))) == 4
    assert not series.plan.tasks.filter(title__icontains="office hours").exists()


def test_another_csm_holds_them_from_then_on(series, northwind, amelia, bruno):
    portfolio.assign(northwind, part="csm", user=amelia, by=amelia, at=MONDAY)
    portfolio.assign(northwind, part="csm", user=bruno, by=amelia, at=MONDAY)
    events.react()
    series.refresh_from_db()
    assert (series.host, coming(series).work_item.assignee) == (bruno, bruno)


def test_a_page_says_when_who_and_what_is_wrong(series, plan, amelia, client):
    client.force_login(amelia)
    for page in (
        reverse("admin:retention_successplan_change", args=[plan.pk]),
        reverse("admin:retention_officehours_change", args=[series.pk]),
        reverse("admin:retention_officehours_changelist"),
    ):
        text = client.get(page).content.decode()
        assert "Ask us" in text
    add = reverse("admin:retention_successplan_add_office_hours", args=[plan.pk])
    typed = {"title": "More", "host": amelia.pk, "weekday": "monday", "time": "09:00", "time_zone": "Europe/Paris"}
    typed |= {"minutes": "30", "every_weeks": "1", "starts_on": "2026-06-02", "until": "2026-06-03"}
    wrong = client.post(add, typed)
    assert (wrong.status_code, "There is no Monday" in wrong.content.decode()) == (400, True)
    assert client.post(add, typed | {"join_url": "javascript:alert(1)", "until": ""}).status_code == 400
    assert client.post(add, typed | {"until": ""}).status_code == 302
    assert plan.office_hours.count() == 2
    assert client.post(reverse("admin:retention_officehours_end", args=[series.pk])).status_code == 302
    together = {"accounts": [plan.account_id], "until": ""}
    assert client.post(reverse("admin:retention_officehours_add"), typed | together).status_code == 302
    assert OfficeHours.objects.filter(plan=None).count() == 1


def test_on_an_older_plan_they_replace_the_task_that_came_again(plan, amelia, client):
    task = tasks.add_by_hand(plan, title="Hold office hours", repeat_days=7, our_owner=amelia, by=amelia, at=MONDAY)
    client.force_login(amelia)
    add = reverse("admin:retention_successplan_add_office_hours", args=[plan.pk])
    assert f'<option value="{task.pk}" selected>' in client.get(add).content.decode()
    typed = {"title": "Ask us", "host": amelia.pk, "weekday": "monday", "time": "09:00", "time_zone": "Europe/Paris"}
    typed |= {"minutes": "30", "every_weeks": "1", "starts_on": "2026-06-02", "instead_of": task.pk}
    assert client.post(add, typed).status_code == 302
    assert [one.state for one in plan.tasks.all()] == ["skipped"]
    assert not WorkItem.objects.filter(kind="plan_task", state="open").exists()
    assert "instead_of" not in client.get(add).content.decode()
    with pytest.raises(hours.ValidationError, match="comes again"):
        hours.plan_for(plan, instead_of=task, host=amelia, starts_on=MONDAY.date(), by=amelia, at=MONDAY, **RULE)
