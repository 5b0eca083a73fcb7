"""Logging a touch: what it keeps, whom it engages, and how it is taken back."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from accounts.events.models import DirtyAccount
from accounts.events.timeline import timeline
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import AccountEvent
from accounts.touches import services
from accounts.touches.models import Touch, TouchText
from tests.factories.accounts import AT, AccountFactory, StakeholderFactory, UserFactory

pytestmark = pytest.mark.django_db
DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)


@pytest.fixture
def account():
    return AccountFactory(name="Northwind Traders")


@pytest.fixture
def amelia():
    return UserFactory(username="amelia", is_superuser=True)


@pytest.fixture
def ada(account):
    return StakeholderFactory(account=account, name="Ada Moreau")


@pytest.mark.parametrize(
    ("kind", "direction", "both"),
    [
        ("call", "outbound", True),
        ("meeting", "outbound", True),
        ("email", "outbound", False),
        ("email", "inbound", True),
        ("note", "outbound", False),
    ],
)
def test_calls_meetings_and_answers_go_both_ways(account, amelia, kind, direction, both):
    assert services.log(account, kind=kind, direction=direction, by=amelia, at=AT).is_two_way is both


def test_an_unanswered_call_is_no_contact(account, amelia):
    assert not services.log(account, kind="call", is_two_way=False, by=amelia, at=AT).is_two_way


def test_a_note_never_is_contact(account, amelia):
    with pytest.raises(ValidationError):
        services.log(account, kind="note", is_two_way=True, by=amelia, at=AT)
    assert not Touch.objects.exists()


def test_the_timeline_tells_it_with_its_words_and_the_ledger_holds_none(account, amelia, ada):
    services.log(account, kind="call", text="Ada wants training.", stakeholders=[ada], by=amelia, at=AT)
    [entry] = timeline(account, user=amelia)
    assert (entry.sentence, entry.text, entry.actor) == ("Call: check-in", "Ada wants training.", str(amelia))
    [event] = AccountEvent.objects.all()
    assert "Ada" not in str(event.data)
    assert "Ada" not in str([entry.after for entry in AuditEntry.objects.all()])
    assert DirtyAccount.objects.filter(account=account).exists()


def test_whoever_was_there_was_engaged_then_and_never_earlier(account, amelia, ada):
    services.log(account, kind="call", stakeholders=[ada], by=amelia, at=AT)
    services.log(account, kind="call", stakeholders=[ada], happened_at=AT - DAY, by=amelia, at=AT)
    services.log(account, kind="email", stakeholders=[ada], by=amelia, at=AT + DAY)
    ada.refresh_from_db()
    assert ada.last_engaged_at == AT


def test_people_of_another_account_are_refused_by_name(account, amelia):
    stranger = StakeholderFactory(name="Zoe Elsewhere")
    with pytest.raises(ValidationError, match="Zoe Elsewhere"):
        services.log(account, kind="call", stakeholders=[stranger], by=amelia, at=AT)
    assert not Touch.objects.exists()


def test_what_is_still_to_come_is_refused_with_the_remedy(account, amelia):
    with pytest.raises(ValidationError, match="next step"):
        services.log(account, kind="call", happened_at=AT + HOUR, by=amelia, at=AT)


def test_taking_back_leaves_the_trail_and_puts_engagement_back(account, amelia, ada):
    ada.last_engaged_at = AT - 9 * DAY
    ada.save()
    touch = services.log(account, kind="call", stakeholders=[ada], text="x", by=amelia, at=AT)
    services.delete(touch, by=amelia, at=AT + HOUR)
    ada.refresh_from_db()
    assert ada.last_engaged_at == AT - 9 * DAY
    assert not Touch.objects.exists()
    assert not TouchText.objects.exists()
    assert [entry.sentence for entry in timeline(account, user=amelia)] == [
        "Call: check-in (taken back)",
        "Call: check-in",
    ]
    assert AuditEntry.objects.filter(verb="touch.delete").exists()


def test_taking_back_keeps_engagement_that_another_touch_explains(account, amelia, ada):
    touch = services.log(account, kind="call", stakeholders=[ada], by=amelia, at=AT)
    services.log(account, kind="call", stakeholders=[ada], happened_at=AT - DAY, by=amelia, at=AT)
    services.delete(touch, by=amelia, at=AT)
    ada.refresh_from_db()
    assert ada.last_engaged_at == AT - DAY


def test_only_whoever_logged_it_takes_it_back_and_only_for_a_day(account, amelia):
    touch = services.log(account, kind="call", by=amelia, at=AT)
    with pytest.raises(ValidationError, match="Only whoever logged"):
        services.delete(touch, by=UserFactory(), at=AT)
    with pytest.raises(ValidationError, match="within a day"):
        services.delete(touch, by=amelia, at=AT + DAY + HOUR)
    assert Touch.objects.exists()


def test_words_are_added_changed_and_taken_away(account, amelia):
    touch = services.log(account, kind="call", by=amelia, at=AT)
    for text in ("First", "Second", "  "):
        services.change_text(touch, text=text, by=amelia, at=AT)
        assert list(TouchText.objects.values_list("text", flat=True)) == ([text] if text.strip() else [])
    assert AuditEntry.objects.filter(verb="touch.write").count() == 3
