"""Each of us hears of things in their own way: in the console, by e-mail at once, in a daily digest, or not at all."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.clock import now
from accounts.outbox import choices
from accounts.outbox.models import Delivery
from accounts.team.models import User
from retention.work import digest
from retention.work import services as work
from tests.factories.accounts import AbsenceFactory, AccountFactory, GrantFactory, RoleFactory, UserFactory
from tests.factories.retention import WorkItemFactory

pytestmark = pytest.mark.django_db
WEDNESDAY = dt.datetime(2026, 3, 4, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def ana():
    role = RoleFactory()
    GrantFactory(role=role, area="work", reach="own", access="edit")
    return UserFactory(username="ana", email="ana@anchor.example", time_zone="UTC", role=role, is_staff=True)


def handed(user, at=WEDNESDAY):
    return work.open_item(AccountFactory(), title="Call them", due_at=at + DAY, assignee=user, by=None, at=at)


def channels(user, purpose="work") -> set[str]:
    return set(Delivery.objects.filter(user=user, purpose=purpose).values_list("channel", flat=True))


@pytest.mark.parametrize(
    ("way", "told"),
    [("console", {"in_app"}), ("email", {"in_app", "email"}), ("digest", {"in_app"}), ("none", set())],
)
def test_a_notice_goes_the_way_its_recipient_chose(ana, way, told):
    choices.choose(ana, {"work": way}, by=ana, at=WEDNESDAY)
    handed(ana)
    assert channels(ana) == told


def test_the_role_decides_where_nobody_chose(ana):
    choices.choose(ana.role, {"work": "none"}, by=None, at=WEDNESDAY)
    handed(ana)
    assert not channels(ana)
    choices.choose(ana, {"work": "email"}, by=ana, at=WEDNESDAY)
    handed(ana)
    assert channels(ana) == {"in_app", "email"}


@pytest.mark.parametrize("ways", [{"dance": "email"}, {"work": "pigeon"}])
def test_refuses_what_is_no_notice_or_no_way(ana, ways):
    with pytest.raises(ValidationError) as refused:
        choices.choose(ana, ways, by=ana, at=WEDNESDAY)
    assert "ways" in refused.value.message_dict


def test_while_somebody_is_away_only_their_stand_in_is_mailed(ana):
    ben = UserFactory(email="ben@anchor.example", is_staff=True)
    AbsenceFactory(user=ana, stand_in=ben, starts_at=now() - DAY, ends_at=now() + DAY)
    for user in (ana, ben):
        choices.choose(user, {"work": "email"}, by=user, at=WEDNESDAY)
    handed(ana)
    assert channels(ana) == {"in_app"}
    assert channels(ben) == {"in_app", "email"}


def mails(user) -> list[str]:
    rows = Delivery.objects.filter(user=user, purpose="digest", channel="email").order_by("pk")
    return list(rows.values_list("body__text", flat=True))


def test_the_digest_comes_once_a_day_with_what_is_due_and_new(ana):
    choices.choose(ana, {"work": "digest"}, by=ana, at=WEDNESDAY - DAY)
    handed(ana, at=WEDNESDAY - DAY / 2)
    Delivery.objects.update(created_at=WEDNESDAY - DAY / 2)  # messages are booked by the clock on the wall
    WorkItemFactory(assignee=ana, title="Late thing", due_at=WEDNESDAY - DAY)
    for hours in (0, 1, 5):
        digest.send_digests(at=WEDNESDAY + dt.timedelta(hours=hours))
    [text] = mails(ana)
    assert "Overdue\n- Late thing" in text
    assert "New work: Call them" in text
    digest.send_digests(at=WEDNESDAY + DAY)
    assert len(mails(ana)) == 2
    assert "New work" not in mails(ana)[1]


def test_the_digest_waits_for_its_hour_where_they_live_and_for_a_working_day(ana):
    WorkItemFactory(assignee=ana, due_at=WEDNESDAY - DAY)
    choices.set_digest_hour(ana, hour=10, by=ana, at=WEDNESDAY)
    digest.send_digests(at=WEDNESDAY)
    digest.send_digests(at=WEDNESDAY + 3 * DAY + dt.timedelta(hours=2))  # a Saturday
    assert not mails(ana)
    User.objects.filter(pk=ana.pk).update(time_zone="Europe/Berlin")  # ten there, nine in UTC
    digest.send_digests(at=WEDNESDAY)
    assert len(mails(ana)) == 1


def test_a_day_with_nothing_to_tell_has_no_digest_and_the_absent_get_none(ana):
    digest.send_digests(at=WEDNESDAY)
    WorkItemFactory(assignee=ana, due_at=WEDNESDAY - DAY)
    AbsenceFactory(user=ana, stand_in=UserFactory(), starts_at=WEDNESDAY - DAY, ends_at=WEDNESDAY + DAY)
    digest.send_digests(at=WEDNESDAY)
    assert not mails(ana)


def test_work_without_a_clock_is_told_of_once_a_day_before_it_is_due(ana):
    at = WEDNESDAY
    WorkItemFactory(assignee=ana, due_at=at + DAY - dt.timedelta(minutes=5), created_at=at - 5 * DAY)
    WorkItemFactory(assignee=ana, due_at=at + 3 * DAY, created_at=at)
    assert [digest.tell_due(at=at), digest.tell_due(at=at + dt.timedelta(minutes=10))] == [1, 0]
    assert channels(ana, "due") == {"in_app"}


def test_the_recurring_job_does_both(ana, monkeypatch):
    WorkItemFactory(assignee=ana, due_at=WEDNESDAY - DAY)
    monkeypatch.setattr(digest, "now", lambda: WEDNESDAY)
    assert digest.send() == 1
