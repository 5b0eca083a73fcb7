"""Business calendars: what holds through every door by which one is changed."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.foundation.clock import now
from retention.slas import calendars
from retention.slas.models import MOST_DAYS
from tests.api.conftest import problems, with_key  # noqa: F401
from tests.factories.retention import BusinessCalendarFactory

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 1, 1)


def days(count):
    return {FIRST + dt.timedelta(days=number): "Closed" for number in range(count)}


def test_as_many_days_off_as_fit_and_no_more():
    calendar = BusinessCalendarFactory()
    calendars.change(calendar, closed_days=days(MOST_DAYS), by=None, at=now())
    for verb in (
        lambda: calendars.change(calendar, closed_days=days(MOST_DAYS + 1), by=None, at=now()),
        lambda: calendars.create(
            key="other", name="Other", weekdays=[0], closed_days=days(MOST_DAYS + 1), by=None, at=now()
        ),
        lambda: calendars.define(key=calendar.key, closed_days=days(MOST_DAYS + 1), by=None, at=now()),
    ):
        with pytest.raises(ValidationError, match="500 fit") as refused:
            verb()
        assert "closed_days" in refused.value.message_dict
    assert calendar.closed_days.count() == MOST_DAYS
    assert type(calendar).objects.filter(key="other").count() == 0


def test_the_api_names_the_field(with_key):  # noqa: F811
    calendar, admin = BusinessCalendarFactory(), with_key("admin")
    sent = {"closed_days": [{"day": str(day), "name": name} for day, name in days(MOST_DAYS + 1).items()]}
    refused = admin.patch(f"business-calendars/{calendar.key}/", sent)
    assert "Leave out those that are over" in problems(refused)["closed_days"]
    assert not calendar.closed_days.exists()
