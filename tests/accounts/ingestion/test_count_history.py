"""Events that came before their names meant anything are counted when somebody asks for it."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from accounts.events.models import DirtyAccount
from accounts.foundation import claims
from accounts.foundation.models import AuditEntry
from accounts.ingestion import activity
from accounts.ingestion.models import Feature, FeatureActivity, HistoryCount, MilestoneReached, SignalEvent
from accounts.ingestion.plan import history
from accounts.ingestion.plan import services as plan
from accounts.portfolio.models import Account, AccountEvent
from tests.accounts.ingestion.calls import group, track
from tests.factories.accounts import AT

Deliver = Any


@pytest.fixture
def came(northwind: Account, deliver: Deliver) -> None:
    calls = [track(user, event="Export Run", messageId=f"{user}{n}") for user in ("eve", "bob") for n in range(2)]
    deliver(group("eve"), group("bob"), *calls)


def exports(*names: str) -> Feature:
    return plan.save_feature(key="exports", name="Exports", tier="core", events=names or ["Export Run"], by=None, at=AT)


def ask(row: Any) -> HistoryCount:
    return history.ask(row, by=None, at=AT)[0]


def to_the_end() -> int:
    """Lets the pump count until nothing is left; returns in how many pieces."""
    pieces = 0
    while history.advance(at=AT):
        pieces += 1
    return pieces


def test_a_feature_counts_what_came_before_as_if_it_had_been_there(
    came: None, deliver: Deliver, northwind: Account, monkeypatch: Any
) -> None:
    monkeypatch.setattr(history, "PIECE", 2)
    feature = exports()
    DirtyAccount.objects.all().delete()
    assert history.kept(feature).count == 4
    count = ask(feature)
    assert not FeatureActivity.objects.filter(feature=feature).exists(), "asking alone counted something"
    assert to_the_end() == 3, "six signals, two a piece, however large their ids are"
    count.refresh_from_db()
    assert (count.state, count.counted, count.progress, count.ended_at) == ("done", 4, 1.0, AT)
    earlier = FeatureActivity.objects.values().get(feature=feature)
    assert earlier["second_user"] is not None
    assert {mark.account_id for mark in DirtyAccount.objects.all()} == {northwind.pk}
    ask(feature)
    to_the_end()
    assert FeatureActivity.objects.values().get(feature=feature) == earlier, "counted twice"
    plan.remove(feature, by=None, at=AT)
    deliver(track("eve", event="Export Run", messageId="eve0"))
    assert not FeatureActivity.objects.exists()


def test_a_milestone_is_reached_when_its_first_event_came(came: None, northwind: Account) -> None:
    row = plan.save_milestone(key="exported", name="First export", events=["Export Run"], by=None, at=AT)
    ask(row)
    to_the_end()
    reached = MilestoneReached.objects.get()
    assert AccountEvent.objects.get(kind="milestone.reached").at == reached.first_at
    assert AuditEntry.objects.filter(verb="history_count.ask").count() == 1


def test_asking_again_while_it_is_under_way_changes_nothing(came: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(history, "PIECE", 2)
    feature = exports()
    count = ask(feature)
    history.advance(at=AT)
    assert history.ask(feature, by=None, at=AT) == (count, False)
    count.refresh_from_db()
    assert 0 < count.progress < 1


def test_names_that_change_meanwhile_are_counted_from_the_first_event_on(
    came: None, deliver: Deliver, monkeypatch: Any
) -> None:
    deliver(track("eve", event="Export Shared", messageId="shared"))
    monkeypatch.setattr(history, "PIECE", 2)
    count = ask(exports())
    history.advance(at=AT)
    changed, begins = history.ask(exports("Export Run", "Export Shared"), by=None, at=AT)
    assert (changed.pk, begins, changed.after) == (count.pk, True, 0)
    to_the_end()
    changed.refresh_from_db()
    assert (changed.state, changed.counted) == ("done", 5)


def test_a_worker_whose_names_changed_under_its_hands_counts_nothing(came: None) -> None:
    count = ask(exports())
    assert claims.claim(count, at=AT)
    history.ask(exports("Export Shared"), by=None, at=AT)
    with pytest.raises(claims.ClaimLost):
        claims.work[history.NAME].carry_out(count, AT)
    assert not FeatureActivity.objects.exists()


def test_a_piece_that_fails_is_tried_again_from_where_it_was(came: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(history, "PIECE", 2)
    count = ask(exports())
    history.advance(at=AT)
    with monkeypatch.context() as broken:
        broken.setattr(activity, "store_features", lambda uses: 1 / 0)
        while history.advance(at=AT):
            pass
    count.refresh_from_db()
    assert "ZeroDivisionError" in count.error
    reached = count.after
    assert reached > 0
    while history.advance(at=AT + dt.timedelta(minutes=5)):
        pass
    count.refresh_from_db()
    assert (count.state, count.counted, count.error) == ("done", 4, "")


def test_what_was_given_up_is_begun_again_by_asking(came: None) -> None:
    count = ask(exports())
    HistoryCount.objects.update(state="dead", tries=8, error="it broke")
    again, begins = history.ask(Feature.objects.get(key="exports"), by=None, at=AT)
    assert (again.pk, begins) == (count.pk, True)
    to_the_end()
    again.refresh_from_db()
    assert (again.state, again.counted) == ("done", 4)


def test_an_entry_that_was_removed_meanwhile_is_refused_and_its_counting_ends(came: None) -> None:
    feature = exports()
    ask(feature)
    gone = Feature.objects.get(pk=feature.pk)
    plan.remove(feature, by=None, at=AT)
    with pytest.raises(history.Gone):
        ask(gone)
    assert to_the_end() == 0


def test_an_operator_sees_the_plan_asks_and_watches_it(came: None, olga: Any, amelia: Any, pump: Any) -> None:
    feature = exports()
    address = f"/admin/accounts/feature/feature/{feature.pk}/history/"
    console, other = Client(), Client()
    console.force_login(olga)
    other.force_login(amelia)
    assert "came 4 times" in console.get(address).content.decode()
    assert other.post(address).status_code == 404
    assert not HistoryCount.objects.exists()
    asked = console.post(address)
    assert asked.status_code == 302
    waiting = console.get(asked["Location"], headers={"HX-Request": "true"}).content.decode()
    assert "Counting…" in waiting
    assert 'hx-trigger="load delay:1s"' in waiting
    assert "Counting earlier events, 0 %" in console.get("/admin/accounts/feature/").content.decode()
    pump()
    done = console.get(asked["Location"]).content.decode()
    assert "They count for Exports now" in done
    assert "load delay:1s" not in done
    assert FeatureActivity.objects.filter(feature=feature).exists()


def test_the_page_says_up_to_which_day_events_are_counted(came: None, olga: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(history, "PIECE", 2)
    feature = exports()
    count = ask(feature)
    console = Client()
    console.force_login(olga)
    address = f"/admin/accounts/feature/feature/{feature.pk}/history/?count={count.pk}"
    assert "The oldest come first" in console.get(address).content.decode()
    claims.carry_out(history.NAME, at=AT)
    count.refresh_from_db()
    last = SignalEvent.objects.get(pk=count.after)
    said = console.get(address).content.decode()
    assert f"Counted up to those of {last.at:%-d %b %Y}; the newest come last." in said
    to_the_end()
    assert "Counted up to" not in console.get(address).content.decode()


def test_the_page_of_a_counting_that_was_given_up_says_so_and_counts_again(came: None, olga: Any) -> None:
    feature = exports()
    ask(feature)
    HistoryCount.objects.update(state="dead", error="it broke")
    console = Client()
    console.force_login(olga)
    address = f"/admin/accounts/feature/feature/{feature.pk}/history/"
    assert "given up" in console.get(address).content.decode()
    assert "Counting stopped" in console.get("/admin/accounts/feature/").content.decode()
    console.post(address)
    assert HistoryCount.objects.get().state == "due"
