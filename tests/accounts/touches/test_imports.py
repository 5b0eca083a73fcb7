"""Touches and answers from other systems: stored once, however often they are told."""

import dataclasses
import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.portfolio.models import AccountEvent
from accounts.touches import services
from accounts.touches.models import SurveyResponse, Touch
from accounts.touches.services import SurveyDraft, TouchDraft
from tests.factories.accounts import AT, AccountFactory, SourceFactory, StakeholderFactory

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def crm():
    return SourceFactory(key="crm")


@pytest.fixture
def ada():
    return StakeholderFactory(account=AccountFactory())


def call(ada, number=1, **values):
    happened = {"kind": "call", "happened_at": AT - number * DAY, "text": "Spoke.", "stakeholders": (ada.pk,)}
    return TouchDraft(external_id=f"call-{number}", account=ada.account, **(happened | values))


def take(drafts, crm):
    return services.log_many(drafts, source=crm, by=None, at=AT)


def test_a_touch_told_twice_is_one(crm, ada):
    drafts = [call(ada, 1), call(ada, 2)]
    assert take(drafts, crm) == (2, 0, 0)
    assert take([*drafts, *drafts], crm) == (0, 0, 2)
    assert Touch.objects.count() == 2
    ada.refresh_from_db()
    assert ada.last_engaged_at == AT - DAY
    events = AccountEvent.objects.order_by("at")
    assert [(event.kind, event.at) for event in events] == [("touch.logged", AT - 2 * DAY), ("touch.logged", AT - DAY)]


def test_a_touch_told_differently_is_corrected(crm, ada):
    take([call(ada)], crm)
    assert take([call(ada, kind="meeting", text="Met.")], crm) == (0, 1, 0)
    touch = Touch.objects.get()
    assert (touch.kind, touch.words.text) == ("meeting", "Met.")
    assert list(AccountEvent.objects.order_by("pk").values_list("kind", flat=True)) == ["touch.logged", "touch.changed"]


def test_new_words_alone_change_it_without_an_event(crm, ada):
    take([call(ada)], crm)
    assert take([call(ada, text="")], crm) == (0, 1, 0)
    assert not hasattr(Touch.objects.get(), "words")
    assert AccountEvent.objects.count() == 1


def test_a_touch_that_moved_to_another_account_is_told_on_both(crm, ada):
    take([call(ada)], crm)
    other = AccountFactory()
    take([dataclasses.replace(call(ada), account=other)], crm)
    assert Touch.objects.get().account == other
    told = set(AccountEvent.objects.values_list("account", "kind"))
    assert told == {(ada.account_id, "touch.logged"), (ada.account_id, "touch.removed"), (other.pk, "touch.logged")}


def test_two_systems_may_call_two_touches_the_same(crm, ada):
    take([call(ada)], crm)
    take([call(ada)], SourceFactory(key="helpdesk"))
    assert Touch.objects.count() == 2


@pytest.mark.parametrize("wrong", [{"kind": "fax"}, {"happened_at": AT + DAY}, {"minutes": -1}, {"purpose": "gossip"}])
def test_a_row_that_makes_no_sense_is_named_and_nothing_is_stored(crm, ada, wrong):
    with pytest.raises(ValidationError) as refused:
        take([call(ada, 1), call(ada, 2, **wrong)], crm)
    assert "call-2" in refused.value.message_dict
    assert not Touch.objects.exists()


def test_people_of_other_accounts_are_left_out(crm, ada):
    take([call(ada, stakeholders=(StakeholderFactory().pk, 10**12))], crm)
    assert not Touch.objects.get().attendees.exists()


def test_a_hundred_touches_take_the_statements_of_ten(crm, ada):
    counts = []
    for start, many in ((100, 10), (1000, 100)):
        with CaptureQueriesContext(connection) as queries:
            take([call(ada, start + number) for number in range(many)], crm)
        counts.append(len(queries))
    assert abs(counts[0] - counts[1]) <= 3, "SQLite writes some of them in several statements"


def test_an_answer_told_twice_is_one_and_a_correction_is_kept(crm, ada):
    draft = SurveyDraft("a-1", ada.account, "nps", 9, AT, stakeholder=ada, comment="Great")
    assert services.record_surveys([draft], source=crm, by=None, at=AT) == (1, 0, 0)
    assert services.record_surveys([draft], source=crm, by=None, at=AT) == (0, 0, 1)
    later = dataclasses.replace(draft, score=2)
    assert services.record_surveys([later], source=crm, by=None, at=AT) == (0, 1, 0)
    assert SurveyResponse.objects.get().score == 2


def test_an_answer_outside_its_range_is_named(crm, ada):
    with pytest.raises(ValidationError) as refused:
        services.record_surveys([SurveyDraft("a-1", ada.account, "csat", 9, AT)], source=crm, by=None, at=AT)
    assert "a-1" in refused.value.message_dict
    assert not SurveyResponse.objects.exists()
