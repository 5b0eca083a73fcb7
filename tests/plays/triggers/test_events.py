"""A play that waits for something to happen to an account: once for each event since it is active."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.identity.merging import merge
from accounts.portfolio.events import happened
from accounts.portfolio.models import AccountEvent
from plays.decisions.models import Decision
from plays.decisions.queries import because
from plays.definitions import services as definitions
from plays.definitions.registry import trigger_kinds
from plays.runs.models import Run
from plays.triggers import services as triggers
from plays.triggers import why
from plays.triggers.models import Candidate, Moment
from tests.factories.accounts import AccountFactory
from tests.factories.plays import MomentFactory
from tests.plays.drafts import active_play, draft
from tests.threads import at_once

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
NOW = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)
WON = {"starts_on": "event", "trigger": {"kind": "deal.won"}}
BIG = {"fact": "amount", "operator": "greaterThan", "value": 1000}


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """Everybody's clock stands at NOW."""
    for module in ("accounts.portfolio.events", "plays.triggers.moments"):
        monkeypatch.setattr(f"{module}.now", lambda: NOW)


@pytest.fixture
def account():
    return AccountFactory()


def won(account, *, at=NOW, key=None, **data) -> AccountEvent | None:
    return happened("deal.won", account, by=None, at=at, key=key, **{"type": "new", "amount": 5000, **data})


def fire(at=NOW) -> None:
    while triggers.fire(at=at):
        pass


def test_an_event_starts_a_run_that_says_why(account):
    active_play(**WON)
    event = won(account)
    fire()
    decision, run = Decision.objects.get(), Run.objects.get()
    assert (decision.outcome, run.account, run.occurrence_key) == ("fired", account, f"event:{event.pk}")
    assert because(decision) == "Event Deal won"
    assert not Moment.objects.exists(), "what was decided about is kept as a decision"


def test_events_of_other_kinds_are_none_of_its_business(account):
    active_play(**WON)
    happened("deal.lost", account, by=None, at=NOW, type="new")
    assert not Moment.objects.exists()


@pytest.mark.parametrize(
    ("where", "data", "starts"),
    [
        (BIG, {"amount": 1001}, True),
        (BIG, {"amount": 1000}, False),
        (BIG, {"amount": "1001"}, False),
        (BIG, {"amount": None}, False),
        ({"fact": "colour", "operator": "notEqual", "value": "red"}, {}, False),
        ({"fact": "type", "operator": "in", "value": ["new", "expansion"]}, {"type": "expansion"}, True),
        ({"not": {"fact": "type", "operator": "equal", "value": "renewal"}}, {}, True),
        ({"all": [BIG, {"fact": "type", "operator": "equal", "value": "renewal"}]}, {}, False),
    ],
)
def test_only_events_whose_data_fit(account, where, data, starts):
    active_play(**WON | {"trigger": {"kind": "deal.won", "where": where}})
    won(account, **data)
    fire()
    assert Run.objects.count() == starts


def test_the_reason_names_the_data_that_decided(account):
    active_play(**WON | {"trigger": {"kind": "deal.won", "where": BIG}})
    won(account)
    fire()
    assert because(Decision.objects.get()) == "Event Deal won and amount 5000 (is above 1000)"


def test_an_event_that_is_told_twice_starts_once(account):
    active_play(**WON)
    assert won(account, key="won:crm:1")
    assert won(account, key="won:crm:1") is None
    fire()
    fire()
    assert Decision.objects.count() == 1


def test_each_event_is_an_occasion_and_one_run_is_open_at_a_time(account):
    active_play(**WON)
    won(account)
    won(account)
    won(AccountFactory())
    fire()
    assert sorted(Decision.objects.values_list("outcome", flat=True)) == ["already_open", "fired", "fired"]


def test_after_a_run_another_may_start_when_the_days_are_over(account):
    active_play(**WON, again_after_days=30)
    won(account)
    fire()
    Run.objects.update(state="ended", ended_at=NOW)
    won(account)
    fire()
    assert Decision.objects.first().outcome == "cooled_down"
    assert "03 Apr 2026" in Decision.objects.first().detail


def test_events_from_before_the_play_was_active_never_start_anything(account):
    won(account)
    play = definitions.publish(draft(**WON), by=None, at=NOW).play
    won(account)
    definitions.activate(play, by=None, at=NOW)
    won(account, at=NOW - 2 * DAY)
    fire()
    assert not Decision.objects.exists()
    won(account, at=NOW - DAY / 2)
    fire()
    assert Run.objects.count() == 1, "a deal is dated to the beginning of its day"


def test_a_retired_play_starts_nothing_not_even_when_it_is_active_again(account):
    play = active_play(**WON)
    won(account)
    definitions.deactivate(play, by=None, at=NOW)
    won(account)
    definitions.activate(play, by=None, at=NOW + dt.timedelta(seconds=1))
    fire()
    assert not Decision.objects.exists()
    assert not Moment.objects.exists()


def test_an_edited_play_goes_by_its_new_trigger(account):
    active_play(**WON)
    definitions.publish(draft(**WON | {"trigger": {"kind": "deal.lost"}}), by=None, at=NOW)
    won(account)
    fire()
    assert not Decision.objects.exists()
    happened("deal.lost", account, by=None, at=NOW)
    fire()
    assert Run.objects.get().version.number == 2


def test_what_happened_before_a_play_waited_for_something_else_starts_nothing(account):
    active_play(**WON)
    won(account)
    definitions.publish(draft(), by=None, at=NOW)
    fire()
    assert not Decision.objects.exists()


def test_after_a_merge_it_starts_for_the_account_that_stays_and_once(account):
    active_play(**WON)
    stays = AccountFactory()
    won(account)
    merge(account, into=stays, by=None, at=NOW)
    fire()
    assert Run.objects.get().account == stays
    fire()
    assert Decision.objects.count() == 1


def test_a_moment_written_while_the_account_was_merged_away_is_the_others(account):
    play = active_play(**WON)
    stays = AccountFactory()
    merge(account, into=stays, by=None, at=NOW)
    MomentFactory(play=play, account=account, occurrence_key="event:0", at=NOW, noted_at=NOW)
    fire()
    assert Run.objects.get().account == stays


@pytest.mark.parametrize(("policy", "started"), [("skip", 0), ("once", 1), ("catch_up", 1)])
def test_after_a_stop_the_play_says_what_becomes_of_what_was_missed(account, policy, started):
    active_play(**WON, after_stop=policy)
    won(account)
    won(account)
    fire(at=NOW + 3 * DAY)
    assert Run.objects.count() == started
    assert Decision.objects.count() == 2


def test_workers_at_once_start_one_run_for_each_event(transactional_db):
    active_play(**WON)
    for _ in range(12):
        won(AccountFactory())
    assert sum(at_once(*[lambda: triggers.fire(at=NOW)] * 4)) == 12
    assert Run.objects.count() == 12


def test_an_event_that_is_rolled_back_leaves_nothing(account, transactional_db):
    active_play(**WON)
    with transaction.atomic():
        won(account)
        transaction.set_rollback(True)
    assert not Moment.objects.exists()


def test_one_that_cannot_be_decided_waits_by_itself_and_stops_nobody(account, monkeypatch):
    active_play(**WON)
    poisoned = f"event:{won(account).pk}"
    won(AccountFactory())
    real = triggers.decide

    def decide(chances, **values):
        if any(chance.key == poisoned for chance in chances):
            raise ValueError("no")
        return real(chances, **values)

    monkeypatch.setattr(triggers, "decide", decide)
    fire()
    assert Run.objects.count() == 1
    assert Candidate.objects.get().occurrence_key == poisoned
    monkeypatch.setattr(triggers, "decide", real)
    triggers.fire(at=NOW + DAY / 2)
    assert Run.objects.count() == 2


def test_the_console_says_when_it_starts(account):
    play = active_play(**WON | {"trigger": {"kind": "deal.won", "where": BIG}})
    version = definitions.current(play)
    assert trigger_kinds["event"].words(version) == (
        "when this happens to an account: Deal won, and amount is above 1000"
    )
    assert why.silence(account, play, why.verdict(account, play, at=NOW)).startswith("It starts when this happens")


STEPS = st.lists(st.sampled_from(["event", "event", "fire", "off", "on", "edit"]), max_size=25)


@given(steps=STEPS)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_comes_in_whatever_order_each_event_is_decided_about_once_or_never(steps):
    """Only what happens while the play is active, and is decided about before it is switched off, starts anything."""
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        account, at = AccountFactory(), NOW
        play = definitions.publish(draft(**WON), by=None, at=at).play
        pending, decided, is_active = set(), set(), False
        for number, step in enumerate(steps):
            at += dt.timedelta(seconds=1)
            for module in ("accounts.portfolio.events", "plays.triggers.moments"):
                patch.setattr(f"{module}.now", lambda at=at: at)
            if step == "event":
                event = won(account, at=at)
                pending |= {f"event:{event.pk}"} if is_active else set()
            elif step == "fire":
                fire(at=at)
                decided |= pending if is_active else set()
                pending = set()
            elif step == "edit":
                definitions.publish(draft(**WON, purpose=f"Version {number}."), by=None, at=at)
            else:
                (definitions.activate if step == "on" else definitions.deactivate)(play, by=None, at=at)
                pending = pending if is_active and step == "on" else set()
                is_active = step == "on"
        assert set(Decision.objects.values_list("occurrence_key", flat=True)) == decided
        assert Run.objects.count() == min(len(decided), 1)
        transaction.set_rollback(True)
