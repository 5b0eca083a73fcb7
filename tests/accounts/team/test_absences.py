"""Whoever stands in sees and works what the absent one owns, hears what they would hear, and only meanwhile."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.outbox import services as outbox
from accounts.outbox.models import Delivery
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team import absences
from accounts.team.models import Absence, User
from retention.work import services as work
from retention.work.models import WorkItem
from retention.work.queries import open_for
from tests.cast import person

DAY = dt.timedelta(days=1)


@pytest.fixture
def dora(west):
    """A CSM of the other team, like Carla."""
    return person("dora", role="csm", group=west)


def away(user, stand_in, *, first=-1, days=8, by=None):
    at = now()
    return absences.announce(
        user, stand_in=stand_in, starts_at=at + first * DAY, ends_at=at + (first + days) * DAY, by=by, at=at
    )


def again(user):
    """The user as the next request reads them."""
    return User.objects.get(pk=user.pk)


def task(account, assignee, **values):
    due = now() + DAY
    return work.open_item(account, title="Call", due_at=due, assignee=assignee, by=None, at=now(), **values)


def test_the_stand_in_sees_the_accounts_and_the_work_meanwhile(northwind, amelia, carla):
    item = task(northwind, amelia)
    assert not Account.objects.for_user(again(carla)).exists()
    absence = away(amelia, carla)
    assert list(Account.objects.for_user(again(carla))) == [northwind]
    assert list(WorkItem.objects.for_user(again(carla))) == [item]
    assert list(open_for(again(carla))) == [item]
    absences.end(absence, by=amelia, at=now())
    assert not Account.objects.for_user(again(carla)).exists()
    assert not WorkItem.objects.for_user(again(carla)).exists()
    assert not open_for(again(carla)).exists()


def test_it_begins_and_ends_by_itself(northwind, amelia, carla, monkeypatch):
    away(amelia, carla, first=2, days=3)
    here, seen = now(), []
    for days in (0, 2.5, 6):
        monkeypatch.setattr(timezone, "now", lambda days=days: here + days * DAY)
        seen.append(Account.objects.for_user(again(carla)).exists())
    assert seen == [False, True, False]


def test_the_absent_one_still_sees_what_is_theirs(northwind, amelia, carla):
    away(amelia, carla)
    assert list(Account.objects.for_user(again(amelia))) == [northwind]


def test_the_stand_in_closes_work_and_the_trail_says_for_whom(northwind, amelia, carla):
    item = task(northwind, amelia)
    away(amelia, carla)
    work.close(item, outcome="done", by=again(carla), at=now())
    entry = AuditEntry.objects.get(verb="work.close")
    assert (entry.actor_id, entry.behalf_of_id) == (carla.pk, amelia.pk)


def test_what_is_ones_own_is_not_done_for_somebody_else(northwind, amelia, carla):
    own = portfolio.create(name="Southwind", by=None, at=now())
    portfolio.assign(own, part="csm", user=carla, by=None, at=now())
    item = task(own, carla)
    away(amelia, carla)
    work.close(item, outcome="done", by=again(carla), at=now())
    assert AuditEntry.objects.get(verb="work.close").behalf_of_id is None


def test_work_that_comes_meanwhile_is_told_to_both_and_stays_the_absent_ones(northwind, amelia, carla):
    away(amelia, carla)
    item = task(northwind, amelia)
    assert item.assignee == amelia
    told = {row.user: row.body.subject for row in Delivery.objects.filter(channel="in_app").select_related("body")}
    assert told == {amelia: "New work: Call", carla: "For Amelia Tester: New work: Call"}


def test_mail_goes_to_the_stand_in_alone(amelia, carla):
    away(amelia, carla)
    message = outbox.Message(purpose="work", key="escalation:1", channel="email", subject="Overdue", user=amelia)
    [row] = outbox.book([message], at=now())
    assert row.user == carla
    assert outbox.book([message], at=now()) == [], "a repeat reaches nobody twice"


def test_a_change_of_stand_in_holds_from_now_on(northwind, amelia, carla, dora):
    first = away(amelia, carla)
    second = absences.replace(first, stand_in=dora, by=amelia, at=now())
    assert not Account.objects.for_user(again(carla)).exists()
    assert Account.objects.for_user(again(dora)).exists()
    assert second.ends_at == first.ends_at


def test_an_absence_that_has_not_begun_is_taken_back_without_a_trace_of_it_but_in_the_trail(amelia, carla):
    absence = away(amelia, carla, first=3)
    assert absences.end(absence, by=amelia, at=now()) is None
    assert not Absence.objects.exists()
    assert AuditEntry.objects.get(verb="absence.cancel").before["stand_in_id"] == carla.pk


def test_one_that_is_over_stays_as_it_was(amelia, carla):
    absence = away(amelia, carla)
    absences.end(absence, by=amelia, at=now())
    with pytest.raises(ValidationError, match="is over"):
        absences.end(absence, by=amelia, at=now())


def refused(field, *args, **values):
    count = Absence.objects.count()
    with pytest.raises(ValidationError) as error:
        away(*args, **values)
    assert field in error.value.message_dict
    assert Absence.objects.count() == count
    return error.value.message_dict[field][0]


def test_refuses_what_cannot_be(amelia, carla, olga):
    refused("stand_in", amelia, amelia)
    refused("ends_at", amelia, carla, first=-9, days=2)
    refused("ends_at", amelia, carla, days=-1)
    refused("ends_at", amelia, carla, days=400)
    carla.is_active = False
    assert "does not sign in" in refused("stand_in", amelia, carla)


def test_refuses_a_stand_in_who_may_not_do_the_work(amelia, starter):
    reader = person("lena", role="leader", group=None)
    assert "may not change accounts and work" in refused("stand_in", amelia, reader)


def test_refuses_a_second_absence_and_a_stand_in_who_is_away(amelia, carla, dora):
    away(amelia, carla)
    assert "away then already" in refused("starts_at", amelia, dora, first=2)
    assert "is away then" in refused("stand_in", dora, amelia)
    assert "stands in for Amelia Tester then" in refused("starts_at", carla, dora)
    away(amelia, carla, first=30)


def test_who_arranges_whose(amelia, bruno, carla, olga):
    def names(user):
        return set(absences.arranged_by(again(user)).values_list("username", flat=True))

    assert names(amelia) == {"amelia"}
    assert names(bruno) == {"amelia", "bruno"}
    assert {"amelia", "bruno", "carla", "olga"} <= names(olga)


def test_days_are_whole_days_where_the_absent_one_lives(amelia):
    amelia.time_zone = "Asia/Tokyo"
    first, last = absences.span(amelia, first=dt.date(2026, 12, 24), last=dt.date(2026, 12, 31))
    assert (first.isoformat(), last.isoformat()) == ("2026-12-23T15:00:00+00:00", "2026-12-31T15:00:00+00:00")


def test_without_an_absence_scope_costs_no_more(amelia, northwind, django_assert_num_queries):
    user = User.objects.select_related("role").get(pk=amelia.pk)
    user.reach("accounts")
    with django_assert_num_queries(3):  # for whom they stand in, once; then one query a list
        list(Account.objects.for_user(user))
        list(WorkItem.objects.for_user(user))
