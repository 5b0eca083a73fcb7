"""The pulse: the demo's accounts live on from day to day, once, whatever was switched off in between."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from accounts.contracts.models import Contract
from accounts.facts import projection
from accounts.foundation.clock import now, utc_day
from accounts.ingestion.models import InboxRequest, SignalEvent
from accounts.portfolio.models import AccountEvent
from accounts.support.models import Ticket
from accounts.touches.models import Touch
from accounts.workspace import services as workspace
from accounts.workspace.models import Source, Workspace
from accounts.workspace.queries import is_stale
from config import pipeline
from config.demo import pulse
from retention.evaluation import fullpass
from tests.cast import import_starter
from tests.config.demo.conftest import make_book

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
BEAT = dt.timedelta(minutes=10)
AGO = 12
"""The book that these tests share ends so many days ago."""


@pytest.fixture(scope="module")
def book(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with django_db_blocker.unblock(), transaction.atomic():
        import_starter()
        make_book("--as-of", str(utc_day(now()) - AGO * DAY))
        yield
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("book")]


def told_until() -> dt.datetime:
    until = Workspace.objects.get().demo_told_until
    assert until is not None
    return until


def lives(*, until: dt.datetime) -> int:
    """Tells on up to `until`, and lets everything follow."""
    told = pulse.pulse(at=until)
    pipeline.run()
    return told


def counts() -> dict[str, int]:
    models: list[Any] = [SignalEvent, AccountEvent, Ticket, Touch, Contract]
    return {model.__name__: model.objects.count() for model in models}


def test_an_hour_of_it_leaves_facts_as_a_rebuild_would():
    lives(until=told_until() + 14 * HOUR)
    before, first = counts(), told_until()
    beats = [lives(until=first + n * BEAT) for n in range(1, 7)]
    assert beats == [1] * 6
    assert told_until() == first + HOUR
    assert counts()["SignalEvent"] > before["SignalEvent"]
    assert projection.differences() == {}


def test_three_days_of_it_leave_nothing_for_a_full_pass_to_find():
    first = told_until()
    for days in (1, 2, 3):
        lives(until=first + days * DAY)
    assert projection.differences() == {}
    assert fullpass.run().missed == {}
    assert not InboxRequest.objects.exists()


def test_the_same_time_is_told_once():
    until = told_until() + DAY
    lives(until=until)
    before = counts()
    assert lives(until=until) == 0
    assert lives(until=until - HOUR) == 0
    assert counts() == before


def test_what_products_say_is_known_again_when_its_place_was_lost():
    first = told_until()
    lives(until=first + DAY)
    before = SignalEvent.objects.count()
    workspace.note_demo_told(Workspace.objects.get(), until=first)
    for hours in (7, 13, 24):
        lives(until=first + hours * HOUR)
    assert SignalEvent.objects.count() == before


def test_after_a_week_switched_off_there_is_no_gap():
    first = told_until()
    assert pulse.pulse(at=first + 7 * DAY, steps=5) == 5
    assert told_until() == first + 5 * DAY
    assert lives(until=first + 7 * DAY) == 2
    days = set(SignalEvent.objects.filter(type="track", day__gte=first.date()).values_list("day", flat=True))
    assert {first.date() + n * DAY for n in range(7)} <= days
    assert projection.differences() == {}


def test_every_source_stays_fresh():
    until = told_until() + 8 * DAY
    while pulse.pulse(at=until):
        pipeline.run()
    stale = [source.key for source in Source.objects.all() if is_stale(source, at=until + HOUR)]
    assert stale == []


def test_the_office_does_its_work_as_well():
    before = counts()
    lives(until=told_until() + 10 * DAY)
    after = counts()
    assert after["Touch"] > before["Touch"]
    assert after["Ticket"] > before["Ticket"]


def test_the_beat_tells_up_to_now():
    assert pulse.beat() == AGO + 1
    assert now() - told_until() < HOUR


def test_without_a_demo_book_nothing_happens():
    Workspace.objects.update(demo_seed=None)
    assert pulse.beat() == 0
