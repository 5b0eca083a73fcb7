"""My work: views by due time, snoozing, delegating, comments and minutes; whatever a person does from one page."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.outbox.models import Delivery
from accounts.team.models import User
from retention.work import delegating, effort, mine, putting_off, services, thread
from retention.work.models import WorkComment, WorkItem, WorkTime
from tests.factories.accounts import (
    AbsenceFactory,
    AccountFactory,
    AccountMemberFactory,
    GrantFactory,
    RoleFactory,
    TeamFactory,
    UserFactory,
)
from tests.factories.retention import ClockFactory, WorkItemFactory

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)  # a Wednesday
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture
def csm_role():
    role = RoleFactory()
    for area in ("accounts", "work"):
        GrantFactory(role=role, area=area, reach="own", access="edit")
    return role


@pytest.fixture
def ana(csm_role):
    return UserFactory(first_name="Ana", username="ana", time_zone="UTC", role=csm_role, team=TeamFactory())


@pytest.fixture
def ben(csm_role):
    return UserFactory(first_name="Ben", username="ben", time_zone="UTC", role=csm_role)


def shown(user, view, at=AT) -> set[str]:
    return set(mine.rows(User.objects.get(pk=user.pk), view, at=at).values_list("title", flat=True))


def make(user, title, *, due, **values):
    return WorkItemFactory(assignee=user, title=title, due_at=AT + due, **values)


@pytest.fixture
def week(ana):
    """Something of hers in each view."""
    account = AccountFactory()
    make(ana, "late", due=-HOUR)
    make(ana, "today", due=2 * HOUR)
    make(ana, "friday", due=2 * DAY)
    make(ana, "next week", due=6 * DAY)
    make(ana, "asleep", due=HOUR, snoozed_until=AT + DAY)
    make(ana, "waits", due=-DAY, account=account, clock=ClockFactory(account=account, state="paused"))
    make(UserFactory(), "not hers", due=HOUR)


@pytest.mark.parametrize(
    ("view", "titles"),
    [
        ("open", {"late", "today", "friday", "next week", "waits"}),
        ("overdue", {"late"}),
        ("today", {"today"}),
        ("week", {"today", "friday"}),
        ("waiting", {"waits"}),
        ("snoozed", {"asleep"}),
        ("stand-in", set()),
        ("team", set()),
    ],
)
def test_each_view_shows_what_its_name_says(week, ana, view, titles):
    assert shown(ana, view) == titles
    assert mine.counts(User.objects.get(pk=ana.pk), at=AT)[view] == len(titles)


def test_today_ends_at_midnight_where_they_live(ana):
    make(ana, "tonight in Los Angeles", due=18 * HOUR)  # 04:00 UTC on Thursday, 20:00 there on Wednesday
    assert shown(ana, "today") == set()
    User.objects.filter(pk=ana.pk).update(time_zone="America/Los_Angeles")
    assert shown(ana, "today") == {"tonight in Los Angeles"}


def test_a_stand_in_finds_the_work_of_who_is_away(ana, ben, monkeypatch):
    make(ana, "for her", due=HOUR)
    real = dt.datetime.now(dt.UTC)
    AbsenceFactory(user=ana, stand_in=ben, starts_at=real - DAY, ends_at=real + DAY)
    assert shown(ben, "stand-in") == shown(ben, "open") == {"for her"}


def test_a_manager_sees_the_work_and_the_load_of_the_team_they_lead(ana):
    role = RoleFactory()
    GrantFactory(role=role, area="work", reach="team", access="edit")
    boss = UserFactory(role=role, team=ana.team)
    ana.team.manager = boss
    ana.team.save()
    User.objects.filter(pk=ana.pk).update(is_staff=True)
    item = make(ana, "late", due=-HOUR)
    make(ana, "asleep", due=HOUR, snoozed_until=AT + DAY)
    effort.spend(item, minutes=40, by=ana, at=AT - HOUR)
    assert shown(boss, "team") == {"late", "asleep"}
    [load] = [one for one in mine.load(boss, at=AT) if one.user == ana]
    assert (load.open, load.overdue, load.waiting, load.snoozed, load.minutes) == (2, 1, 0, 1, 40)


def test_snoozed_work_comes_back_by_itself_and_stays_due(ana):
    item = make(ana, "call", due=HOUR)
    putting_off.snooze(item, until=AT + DAY, by=ana, at=AT)
    assert shown(ana, "open") == set()
    assert shown(ana, "overdue", at=AT + DAY) == {"call"}
    assert WorkItem.objects.get().due_at == AT + HOUR


@pytest.mark.parametrize("until", [AT, AT - DAY, AT + 91 * DAY])
def test_refuses_to_snooze_into_the_past_or_for_ever(ana, until):
    item = make(ana, "call", due=HOUR)
    with pytest.raises(ValidationError) as refused:
        putting_off.snooze(item, until=until, by=ana, at=AT)
    assert "until" in refused.value.message_dict
    assert WorkItem.objects.get().snoozed_until is None


@given(
    minutes=st.integers(0, 60 * 24 * 400),
    zone=st.sampled_from(["UTC", "America/New_York", "Pacific/Apia", "Asia/Kathmandu", "Europe/Berlin"]),
)
def test_every_preset_lies_ahead_within_what_is_allowed(minutes, zone):
    at = AT + dt.timedelta(minutes=minutes)
    for _, instant in putting_off.presets(User(time_zone=zone), at=at).values():
        assert at < instant <= at + 9 * DAY


def test_work_is_delegated_with_a_word_and_its_clock_goes_on(ana, ben):
    account = AccountFactory()
    AccountMemberFactory(account=account, user=ben)
    item = services.open_item(account, title="Call", within="4 bh", assignee=ana, by=None, at=AT)
    putting_off.snooze(item, until=AT + HOUR, by=ana, at=AT)
    due = item.due_at
    delegating.delegate(item, to=ben, note="Ask for Sam.", by=ana, at=AT + HOUR / 2)
    item.refresh_from_db()
    assert (item.assignee, item.due_at, item.snoozed_until, item.clock.state) == (ben, due, None, "running")
    assert WorkComment.objects.get().text == "Ask for Sam."
    assert Delivery.objects.filter(user=ben, purpose="delegated").count() == 1


def test_refuses_to_delegate_to_somebody_who_does_not_see_the_account(ana, ben):
    item = make(ana, "call", due=HOUR)
    with pytest.raises(ValidationError, match="does not see"):
        delegating.delegate(item, to=ben, by=ana, at=AT)
    assert WorkItem.objects.get().assignee == ana


def test_who_may_be_chosen_is_who_sees_the_account(ana, ben):
    boss = UserFactory(is_superuser=True, is_staff=True)
    item = make(ana, "call", due=HOUR)
    User.objects.filter(pk__in=[ana.pk, ben.pk]).update(is_staff=True)
    assert ben not in delegating.able(item.account, boss)
    AccountMemberFactory(account=item.account, user=ben)
    assert set(delegating.able(item.account, boss)) >= {ana, ben, boss}


def test_a_comment_reaches_who_has_the_work_and_who_is_named(ana, ben):
    User.objects.filter(pk=ben.pk).update(is_staff=True)
    item = make(ana, "call", due=HOUR)
    AccountMemberFactory(account=item.account, user=ben)
    outsider = UserFactory(username="carla", is_staff=True)
    thread.comment(item, text="@ben can you help? Not you, @carla.", by=UserFactory(), at=AT)
    told = set(Delivery.objects.values_list("user", "purpose"))
    assert told == {(ana.pk, "comment"), (ben.pk, "mention")}
    assert outsider.pk not in {user for user, _ in told}


def test_a_comment_is_taken_back_by_who_wrote_it_and_soon(ana, ben):
    row = thread.comment(make(ana, "call", due=HOUR), text="Typo", by=ana, at=AT)
    for who, at in ((ben, AT), (ana, AT + HOUR)):
        with pytest.raises(ValidationError):
            thread.take_back(row, by=who, at=at)
    thread.take_back(row, by=ana, at=AT)
    assert not WorkComment.objects.exists()


def test_minutes_add_up_over_people_and_at_the_close(ana, ben):
    item = make(ana, "call", due=HOUR)
    effort.spend(item, minutes=10, by=ana, at=AT)
    row = effort.spend(item, minutes=20, by=ben, at=AT)
    services.close(item, outcome="done", minutes=5, by=ana, at=AT)
    assert WorkItem.objects.get().minutes == 35
    assert effort.of_accounts([item.account_id]) == {item.account_id: 35}
    effort.take_back(row, by=ben, at=AT)
    assert WorkItem.objects.get().minutes == 15
    assert sum(WorkTime.objects.values_list("minutes", flat=True)) == 15


@pytest.mark.parametrize("minutes", [0, -5, 10**9])
def test_refuses_what_cannot_be_minutes(ana, minutes):
    with pytest.raises(ValidationError) as refused:
        effort.spend(make(ana, "call", due=HOUR), minutes=minutes, by=ana, at=AT)
    assert "minutes" in refused.value.message_dict
    assert not WorkTime.objects.exists()


def test_a_hundred_lines_cost_the_queries_of_ten(ana):
    def cost() -> int:
        user = User.objects.get(pk=ana.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            lines = mine.lines(list(mine.rows(user, "open", at=AT)), user, at=AT)
            mine.groups(lines, user, at=AT)
            mine.counts(user, at=AT)
        return len(queries)

    def add(count: int) -> None:
        for _ in range(count):
            services.open_item(AccountFactory(), title="Call", within="1 bd", assignee=ana, by=None, at=AT)

    add(10)
    few = cost()
    add(30)
    assert cost() == few <= 12
