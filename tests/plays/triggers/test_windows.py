"""A play that waits for a date of the account: so many days before it, once a term, told with the date."""

import datetime as dt

import pytest

from accounts.calendar import services as calendar
from accounts.calendar.models import Calendar
from plays.decisions.models import Decision
from plays.decisions.queries import because
from plays.definitions import services as definitions
from plays.definitions.registry import trigger_kinds
from plays.runs.models import Run
from plays.triggers import services as triggers
from plays.triggers import why
from tests.factories.accounts import AT, AccountFactory, AccountFactsFactory
from tests.plays.drafts import active_play, draft

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
END = AT.date() + 95 * DAY
WINDOW = {"starts_on": "window", "trigger": {"fact": "contract_end_date", "days": 90}}


@pytest.fixture
def account():
    return AccountFactsFactory(contract_end_date=END, account=AccountFactory(time_zone="Europe/Berlin")).account


def live(days: float) -> None:
    at = AT + days * DAY
    while calendar.open_due(at=at) + triggers.fire(at=at):
        pass


def test_the_window_starts_a_run_that_says_why(account):
    play = active_play(**WINDOW)
    live(4)
    assert not Run.objects.exists()
    live(6)
    live(7)
    decision = Decision.objects.get()
    assert (decision.outcome, decision.account) == ("fired", account)
    occurrence = Calendar.objects.get(key=play.watch_key).occurrences.get()
    assert Run.objects.get().occurrence_key == f"window:{occurrence.pk}:90"
    assert "7 Jun 2026" in because(decision)


def test_activating_starts_nothing_for_windows_that_are_open_already(account):
    active_play(**WINDOW | {"trigger": {"fact": "contract_end_date", "days": 100}})
    live(6)
    assert not Decision.objects.exists()


def test_a_play_that_is_switched_off_starts_nothing_and_forgets(account):
    play = active_play(**WINDOW)
    definitions.deactivate(play, by=None, at=AT)
    live(6)
    assert not Decision.objects.exists()
    assert Calendar.objects.get().state == Calendar.State.DONE


def test_a_play_that_waits_for_something_else_from_now_on_no_longer_waits_for_the_date(account):
    play = active_play(**WINDOW)
    definitions.publish(draft(), by=None, at=AT)
    assert Calendar.objects.get(key=play.watch_key).state == Calendar.State.DONE
    definitions.publish(draft(**WINDOW), by=None, at=AT)
    live(6)
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    ("window", "words"),
    [
        ({"days": 90}, "90 days before Contract end, at 9:00 where the account is"),
        ({"days": 1, "before": False, "hour": 14}, "1 day after Contract end, at 14:00 where the account is"),
        ({"days": 0, "hour": 0}, "on Contract end, at 0:00 where the account is"),
    ],
)
def test_the_console_says_when_it_starts(window, words):
    version = definitions.publish(
        draft(starts_on="window", trigger={"fact": "contract_end_date", **window}), by=None, at=AT
    )
    assert trigger_kinds["window"].words(version) == words


def test_why_nothing_was_decided_yet(account):
    play = active_play(**WINDOW)
    verdict = why.verdict(account, play, at=AT)
    assert why.silence(account, play, verdict).startswith("It starts 90 days before Contract end")
