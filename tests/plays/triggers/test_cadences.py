"""A play that comes every so often: once for each account and time, for those that meet its condition then."""

import datetime as dt

import pytest
from django.db import OperationalError

from accounts.calendar import services as calendar
from accounts.foundation import claims
from accounts.identity.merging import merge
from plays.decisions.models import Decision
from plays.decisions.queries import because
from plays.definitions import services as definitions
from plays.definitions.registry import trigger_kinds
from plays.runs.models import Run
from plays.triggers import rounds
from plays.triggers import services as triggers
from plays.triggers.models import Candidate, Round
from tests.factories.accounts import AT, AccountFactsFactory
from tests.plays.drafts import active_play, draft
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
BUSY = {"fact": "tickets_open", "operator": "greaterThan", "value": 2}
WEEKLY = {"every": 1, "unit": "weeks", "anchor": "2026-03-06", "hour": 9, "zone": "UTC", "for": BUSY}
PLAY = {"starts_on": "cadence", "trigger": WEEKLY}


@pytest.fixture
def busy():
    return [AccountFactsFactory(tickets_open=3 + n).account for n in range(5)]


@pytest.fixture
def calm():
    return [AccountFactsFactory(tickets_open=1).account, AccountFactsFactory(tickets_open=None).account]


def live(days: float) -> None:
    at = AT + days * DAY
    while calendar.open_due(at=at) + triggers.fire(at=at):
        pass


def end_all() -> None:
    Run.objects.filter(state="open").update(state="ended", ended_at=AT)


def test_it_starts_for_those_that_meet_the_condition_and_says_why(busy, calm):
    active_play(**PLAY)
    live(1.9)
    assert not Decision.objects.exists()
    live(2)
    assert set(Run.objects.values_list("account", flat=True)) == {one.pk for one in busy}
    decision = Decision.objects.get(account=busy[0])
    assert because(decision).startswith("Date 6 Mar 2026 and Open tickets 3 (is above 2)")
    occurrence = Round.objects.get().occurrence
    assert decision.occurrence_key == f"cadence:{occurrence.pk}:{busy[0].pk}"
    assert decision.at - occurrence.opens_at < DAY


def test_each_time_is_an_occasion_for_each_account(busy):
    active_play(**PLAY)
    for days in (2, 2.1, 3, 9, 9.1, 16):
        live(days)
        end_all()
    assert Run.objects.count() == 3 * len(busy)
    assert Decision.objects.count() == 3 * len(busy)


def test_who_meets_the_condition_is_asked_when_the_time_has_come(busy, calm):
    active_play(**PLAY)
    live(2)
    end_all()
    calm[0].facts.tickets_open = 9
    calm[0].facts.save()
    busy[0].facts.tickets_open = 0
    busy[0].facts.save()
    live(9)
    assert Run.objects.filter(account=calm[0]).count() == 1
    assert Run.objects.filter(account=busy[0]).count() == 1


def test_without_a_condition_it_starts_for_every_account_that_people_work_with(busy, calm):
    busy[0].archived_at = AT
    busy[0].save()
    active_play(**PLAY | {"trigger": {name: value for name, value in WEEKLY.items() if name != "for"}})
    live(2)
    assert Run.objects.count() == len(busy) + len(calm) - 1


def test_a_round_goes_on_where_it_was_and_twice_is_harmless(busy, monkeypatch):
    monkeypatch.setattr(rounds, "AT_ONCE", 2)
    monkeypatch.setattr("retention.evaluation.queries.CHUNK", 2)
    active_play(**PLAY)
    at = AT + 2 * DAY
    calendar.open_due(at=at)
    rounds.begin(at=at)
    assert claims.carry_out("rounds", at=at) == 1
    assert Run.objects.count() == 2
    Round.objects.update(looked_to=0)  # as if a worker had ended before it noted how far it came
    live(2)
    assert Run.objects.count() == Decision.objects.count() == len(busy)
    assert Round.objects.get().state == Round.State.DONE


def test_an_account_that_is_merged_in_the_midst_of_a_round_has_its_turn_once(busy, monkeypatch):
    monkeypatch.setattr(rounds, "AT_ONCE", 1)
    monkeypatch.setattr("retention.evaluation.queries.CHUNK", 1)
    active_play(**PLAY)
    at = AT + 2 * DAY
    calendar.open_due(at=at)
    rounds.begin(at=at)
    claims.carry_out("rounds", at=at)
    end_all()
    merge(busy[0], into=busy[-1], by=None, at=at)
    live(2)
    assert Run.objects.filter(account=busy[-1]).count() == 1
    assert Run.objects.count() == len(busy) - 1


def test_a_play_that_is_retired_in_the_midst_of_a_round_stops(busy, monkeypatch):
    monkeypatch.setattr(rounds, "AT_ONCE", 2)
    monkeypatch.setattr("retention.evaluation.queries.CHUNK", 2)
    play = active_play(**PLAY)
    at = AT + 2 * DAY
    calendar.open_due(at=at)
    rounds.begin(at=at)
    claims.carry_out("rounds", at=at)
    definitions.deactivate(play, by=None, at=at)
    definitions.activate(play, by=None, at=at + dt.timedelta(minutes=1))
    live(2.1)
    assert Run.objects.count() == 2
    assert Round.objects.get().state == Round.State.DONE


def test_times_from_before_the_play_was_active_start_nothing(busy):
    definitions.publish(draft(**PLAY | {"trigger": WEEKLY | {"anchor": "2026-01-02"}}), by=None, at=AT)
    active_play(**PLAY | {"trigger": WEEKLY | {"anchor": "2026-01-02"}})
    live(1)
    assert not Decision.objects.exists()
    live(2)
    assert Run.objects.count() == len(busy)


@pytest.mark.parametrize(("policy", "times"), [("skip", 0), ("once", 1), ("catch_up", 3)])
def test_after_a_stop(busy, policy, times):
    active_play(**PLAY, after_stop=policy)
    live(16 + 2)
    assert Decision.objects.count() == times * len(busy)
    assert Run.objects.count() == min(times, 1) * len(busy)


def test_an_edited_condition_counts_from_the_next_time_and_the_rhythm_goes_on(busy):
    active_play(**PLAY)
    live(2)
    end_all()
    more = BUSY | {"value": 6}
    definitions.publish(draft(**PLAY | {"trigger": WEEKLY | {"for": more}}), by=None, at=AT + 3 * DAY)
    live(9)
    assert list(Run.objects.filter(version__number=2).values_list("account", flat=True)) == [busy[-1].pk]


def test_workers_at_once_decide_once_for_each_account(busy, transactional_db):
    active_play(**PLAY)
    at = AT + 2 * DAY
    calendar.open_due(at=at)
    at_once(*[lambda: triggers.fire(at=at)] * 4)
    live(2)
    assert Run.objects.count() == Decision.objects.count() == len(busy)


def test_the_console_says_when_it_starts():
    version = definitions.publish(draft(**PLAY), by=None, at=AT)
    assert trigger_kinds["cadence"].words(version) == (
        "every week from 6 Mar 2026 on, at 9:00 in UTC, "
        "for each account of which this is true then: Open tickets is above 2"
    )


def failing_for(account, monkeypatch, times: int):
    """What is known of this account cannot be read, so many times."""
    read, left = rounds.facts_of, [times]

    def facts_of(ids, *given, **more):
        if account.pk in ids and left[0] > 0:
            left[0] -= len(ids) == 1
            raise ValueError("cannot be read")
        return read(ids, *given, **more)

    monkeypatch.setattr(rounds, "facts_of", facts_of)


def test_one_account_that_cannot_be_decided_does_not_stop_the_round(busy, monkeypatch, caplog):
    active_play(**PLAY)
    failing_for(busy[2], monkeypatch, times=2)
    live(2)
    assert set(Run.objects.values_list("account", flat=True)) == {one.pk for one in busy} - {busy[2].pk}
    assert Round.objects.get().state == Round.State.DONE
    row = Candidate.objects.get()
    assert (row.account, row.tries, row.error) == (busy[2], 1, "ValueError: cannot be read")
    assert "cannot be read" in caplog.text
    live(2 + 2 / 1440)  # which fails once more, by itself
    assert Run.objects.count() == len(busy) - 1
    live(2 + 8 / 1440)
    decision = Decision.objects.get(account=busy[2])
    assert because(decision).startswith("Date 6 Mar 2026 and Open tickets 5 (is above 2)")
    assert Candidate.objects.get().state == Candidate.State.DONE


def test_an_account_that_was_set_aside_and_no_longer_meets_the_condition_starts_nothing(busy, monkeypatch):
    active_play(**PLAY)
    failing_for(busy[2], monkeypatch, times=1)
    live(2)
    busy[2].facts.tickets_open = 0
    busy[2].facts.save()
    live(2.1)
    assert Candidate.objects.get().state == Candidate.State.DONE
    assert not Decision.objects.filter(account=busy[2]).exists()


def test_a_database_that_is_away_in_the_midst_of_a_round_sets_nobody_aside(busy, monkeypatch):
    active_play(**PLAY)

    def away(*given, **more):
        raise OperationalError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(rounds, "facts_of", away)
        live(2)
    assert not Candidate.objects.exists()
    assert Round.objects.get().tries == 1
    live(2.1)
    assert Run.objects.count() == len(busy)
