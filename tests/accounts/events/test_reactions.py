"""Each subscriber gets its turn at each event: once, later, in a transaction of its own."""

import datetime as dt
import logging

import pytest
from django.db import connection, transaction
from django.db.models.functions import Now

from accounts.events import services as events
from accounts.events import subscriptions
from accounts.events.models import DirtyAccount, Reaction
from accounts.foundation import claims
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from tests.factories.accounts import AT, AccountFactory, DirtyAccountFactory, SourceFactory
from tests.threads import at_once

MINUTE = dt.timedelta(minutes=1)
SOON = dt.timedelta(days=1)


@pytest.fixture
def subscribe(monkeypatch):
    """Subscribes a function to `account.created` for the length of a test: registries are closed after start-up."""

    def add(name, function):
        monkeypatch.setitem(subscriptions.subscribers._entries, name, function)
        names = [*subscriptions.subscribed("account.created"), name]
        monkeypatch.setitem(subscriptions._by_kind, "account.created", names)

    return add


def create(name="Northwind") -> Account:
    return portfolio.create(name=name, by=None, at=AT)


def later() -> dt.datetime:
    """After every retry that is due by tomorrow."""
    return AccountEvent.objects.latest("recorded_at").recorded_at + SOON


def states() -> dict[str, str]:
    return dict(Reaction.objects.order_by("pk").values_list("subscriber", "state"))


def test_each_subscriber_hears_of_an_event_once(subscribe, db):
    heard = []
    subscribe("one", lambda event: heard.append(("one", event.kind)))
    subscribe("two", lambda event: heard.append(("two", event.kind)))
    create()
    assert heard == [], "nothing happens inside the transaction of the event"
    assert events.react(at=later()) == 2
    assert sorted(heard) == [("one", "account.created"), ("two", "account.created")]
    assert events.react(at=later()) == 0
    assert states() == {"one": "done", "two": "done"}


def test_events_that_nobody_waits_for_book_nothing(subscribe, db):
    subscribe("one", lambda event: None)
    portfolio.change(AccountFactory(), industry="Retail", by=None, at=AT)
    assert not Reaction.objects.exists()


def test_an_event_that_is_rolled_back_is_heard_by_nobody(subscribe, db):
    heard = []
    subscribe("one", heard.append)
    with transaction.atomic():
        create()
        transaction.set_rollback(True)
    assert events.react(at=AT + SOON) == 0
    assert heard == []


def test_a_poisoned_subscriber_does_not_stop_the_others(subscribe, db, caplog):
    heard = []

    def poisoned(event):
        raise ValueError("cannot read this")

    subscribe("poisoned", poisoned)
    subscribe("sound", heard.append)
    create("One")
    create("Two")
    with caplog.at_level(logging.ERROR, "accounts.foundation.claims"):
        assert events.react(at=later()) == 4
    assert len(heard) == 2
    assert "The reaction poisoned on" in caplog.text
    [first, _] = Reaction.objects.filter(subscriber="poisoned")
    assert (first.state, first.error) == (Reaction.State.DUE, "ValueError: cannot read this")


def test_what_a_failed_subscriber_wrote_is_undone(subscribe, db):
    def half(event):
        DirtyAccountFactory(account=event.account, cause="half done")
        raise ValueError

    subscribe("half", half)
    create()
    events.react(at=later())
    assert not DirtyAccount.objects.filter(cause="half done").exists()


def test_a_failed_reaction_is_tried_again_when_its_time_has_come(subscribe, db):
    tries = []

    def second_time(event):
        tries.append(event)
        if len(tries) == 1:
            raise ConnectionError("not yet")

    subscribe("stubborn", second_time)
    create()
    at = later()
    events.react(at=at)
    assert events.react(at=at) == 0, "not before its next attempt"
    assert events.react(at=at + 2 * MINUTE) == 1
    assert len(tries) == 2
    assert Reaction.objects.get().state == Reaction.State.DONE
    assert Reaction.objects.get().error == ""


def test_after_eight_failures_a_person_decides(subscribe, db):
    tries = []

    def never(event):
        tries.append(event)
        raise ConnectionError("gone")

    subscribe("never", never)
    create()
    at = later()
    for _ in range(20):
        events.react(at=at)
        at += SOON
    assert len(tries) == claims.TRIES
    assert Reaction.objects.get().state == Reaction.State.DEAD


def test_each_reaction_has_a_transaction_of_its_own(subscribe, transactional_db):
    """A subscriber sees what the one before it committed, from another connection too."""
    seen = []
    subscribe("first", lambda event: DirtyAccountFactory(account=event.account, cause="first"))
    subscribe("second", lambda event: seen.append(connection.in_atomic_block))
    create()
    events.react(at=later())
    assert seen == [True]
    assert at_once(lambda: DirtyAccount.objects.filter(cause="first").count()) == [1]


def test_workers_at_once_react_once(subscribe, transactional_db):
    subscribe("one", lambda event: SourceFactory(key=f"seen-{event.pk}"))
    for number in range(10):
        create(f"Account {number}")
    at = later()
    claimed = at_once(*[lambda: events.react(at=at)] * 4)
    assert sum(claimed) == 10
    assert set(states().values()) == {"done"}
    assert set(Reaction.objects.values_list("tries", flat=True)) == {1}


def test_a_worker_whose_claim_was_taken_leaves_no_effect(subscribe, db, caplog):
    """It was slower than its lease; meanwhile another worker took the row."""

    def slow(event):
        DirtyAccountFactory(account=event.account, cause="slow")
        Reaction.objects.update(lease_until=Now() - MINUTE)
        claims.claim(Reaction.objects.get(), at=later())

    subscribe("slow", slow)
    create()
    with caplog.at_level(logging.WARNING, "accounts.foundation.claims"):
        events.react(at=later())
    assert "was lost" in caplog.text
    assert not DirtyAccount.objects.filter(cause="slow").exists()


def test_events_that_may_change_a_fact_mark_their_account(db):
    account = create()
    mark = DirtyAccount.objects.get()
    assert (mark.account, mark.what) == (account, DirtyAccount.Pass.FACTS)
    portfolio.assign(account, part="csm", user=None, by=None, at=AT)
    assert DirtyAccount.objects.count() == 1


def test_marks_are_taken_once_oldest_first_and_only_those_of_the_pass(db):
    one, two = AccountFactory(), AccountFactory()
    events.mark([one.pk, two.pk, one.pk], DirtyAccount.Pass.VERDICTS, at=AT)
    events.mark([two.pk], DirtyAccount.Pass.FACTS, at=AT)
    first = events.take(DirtyAccount.Pass.VERDICTS, limit=2)
    assert [mark.account_id for mark in first] == [one.pk, two.pk]
    assert [mark.account_id for mark in events.take(DirtyAccount.Pass.VERDICTS, limit=9)] == [one.pk]
    assert events.take(DirtyAccount.Pass.VERDICTS, limit=9) == []
    assert DirtyAccount.objects.get().what == DirtyAccount.Pass.FACTS


def test_marks_that_come_while_a_pass_reads_stay_for_the_next(db):
    account = AccountFactory()
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=AT)
    taken = events.take(DirtyAccount.Pass.FACTS, limit=9)
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=AT)
    assert len(taken) == 1
    assert len(events.take(DirtyAccount.Pass.FACTS, limit=9)) == 1
