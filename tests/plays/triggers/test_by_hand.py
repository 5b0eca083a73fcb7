"""A person, or a program, starts a play: at once, once, with a reason, and for the accounts they may see."""

import datetime as dt

import pytest

from accounts.portfolio.models import AccountEvent
from plays.decisions.models import Decision
from plays.definitions import services as definitions
from plays.runs.models import Run
from plays.triggers import services as triggers
from tests.factories.accounts import AT, AccountFactory, UserFactory
from tests.factories.plays import PlayFactory
from tests.plays.drafts import active_play, draft, edge

pytestmark = pytest.mark.django_db
WISH = {"occurrence": "wish-1", "reason": "They asked for help", "at": AT}


def start(play, *accounts, by=None, **values):
    return triggers.start_by_hand(play, accounts, by=by, **{**WISH, **values})


def outcomes(decisions) -> list[str]:
    return [decision.outcome for decision in decisions]


def test_a_play_starts_with_who_wanted_it_and_why_also_where_it_is_not_active():
    play = definitions.publish(draft(), by=None, at=AT).play
    user, account = UserFactory(first_name="Amelia"), AccountFactory()
    [decision] = start(play, account, by=user)
    assert (decision.outcome, decision.by, decision.reason) == ("fired", user, "They asked for help")
    assert Run.objects.get().decision == decision
    event = AccountEvent.objects.get(kind="run.started")
    assert event.actor == user


def test_the_same_wish_starts_once_and_answers_the_same():
    play, accounts = active_play(), [AccountFactory(), AccountFactory()]
    first = start(play, *accounts)
    assert outcomes(first) == ["fired", "fired"]
    assert start(play, *accounts) == first
    assert Run.objects.count() == 2


def test_another_wish_finds_the_run_open():
    play, account = active_play(), AccountFactory()
    start(play, account)
    [again] = start(play, account, occurrence="wish-2")
    assert (again.outcome, again.detail) == ("already_open", "A run is open; there is one at a time.")


def test_the_plan_says_what_would_be_decided_and_writes_nothing():
    play, busy, free = active_play(), AccountFactory(), AccountFactory()
    edge(play, busy)
    triggers.fire(at=AT)
    planned = triggers.plan_by_hand(play, [busy, free], reason="A campaign", at=AT)
    assert outcomes(planned) == ["already_open", "fired"]
    assert Decision.objects.count() == 1


def test_many_start_in_as_many_statements_as_one(django_assert_max_num_queries):
    play, accounts = active_play(), [AccountFactory() for _ in range(40)]
    with django_assert_max_num_queries(25):
        start(play, *accounts)
    assert Run.objects.count() == 40


@pytest.mark.parametrize("reason", ["", "  ", "x" * 251])
def test_a_reason_is_asked_for(reason):
    with pytest.raises(triggers.ValidationError, match="few words|characters"):
        start(active_play(), AccountFactory(), reason=reason)


def test_what_was_never_published_is_refused():
    with pytest.raises(triggers.ValidationError, match="no published version"):
        start(PlayFactory(), AccountFactory())


@pytest.mark.parametrize(
    ("after_stop", "outcomes_"),
    [
        ("skip", ["missed", "missed", "missed"]),
        ("once", ["missed", "missed", "fired"]),
        ("catch_up", ["fired", "already_open", "already_open"]),
    ],
)
def test_after_three_days_in_which_nothing_ran_a_play_does_what_it_says(after_stop, outcomes_):
    play, account = active_play(after_stop=after_stop), AccountFactory()
    for n in (1, 2, 3):
        edge(play, account, n=n, at=AT + dt.timedelta(hours=n))
    fresh = AccountFactory()
    edge(play, fresh, at=AT + dt.timedelta(days=3))
    triggers.fire(at=AT + dt.timedelta(days=3, hours=4))
    found = Decision.objects.filter(account=account).order_by("edge__n")
    assert outcomes(found) == outcomes_
    assert Decision.objects.get(account=fresh).outcome == "fired", "what is fresh starts in any case"
