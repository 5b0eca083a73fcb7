"""The fold: what requests become, whatever their order and however often they come."""

import datetime as dt
import json
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.identity import services as identity
from accounts.ingestion import fold, services
from accounts.ingestion.models import (
    AccountActivity,
    InboxRequest,
    QuarantinedItem,
    SignalEvent,
    SignalPayload,
)
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, identify, track
from tests.accounts.ingestion.folded import state, usage_of

Post = Any
Deliver = Any
DAY = dt.timedelta(days=1)


def test_what_is_sent_again_changes_nothing(northwind: Account, deliver: Deliver) -> None:
    items = [group(messageId="g"), identify(messageId="i"), track(messageId="t"), track("bob", messageId="b")]
    deliver(*items)
    before = state()
    deliver(*reversed(items))
    assert state() == before
    assert len(before["events"]) == 3
    assert [reason for _, reason in before["quarantine"]] == ["no_account"]


def test_one_message_twice_in_a_request_counts_once(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(messageId="same"), track(messageId="same"))
    assert SignalEvent.objects.filter(type="track").count() == 1


def test_the_same_message_id_on_another_day_is_another_message(northwind: Account, deliver: Deliver) -> None:
    first, second = track(messageId="x"), track(messageId="x", timestamp=(now() - DAY).isoformat())
    deliver(group(), first, second)
    deliver(second, first)
    assert SignalEvent.objects.filter(type="track").count() == 2


def test_an_item_without_a_message_id_is_new_each_time(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(), track())
    assert SignalEvent.objects.filter(type="track").count() == 2


def test_numbers_are_as_good_as_text_for_ids(product: Source, northwind: Account, deliver: Deliver) -> None:
    identity.link(northwind, source=product, value="42", by=None, at=now())
    deliver(group(7, 42, messageId=1), track(7, messageId=2), track("7", messageId="2"), track(0, messageId=3))
    assert SignalEvent.objects.filter(type="track").count() == 1
    assert set(ProductUser.objects.values_list("external_id", "account")) == {("7", northwind.pk), ("0", None)}


def test_what_comes_before_the_group_call_is_folded_after_it(northwind: Account, deliver: Deliver) -> None:
    deliver(identify(traits={"name": "Ada"}), track(), track(), group())
    assert ProductUser.objects.get().account == northwind
    assert SignalEvent.objects.filter(type="track", account=northwind).count() == 2
    assert not QuarantinedItem.objects.exists()
    assert not InboxRequest.objects.exists()


def test_a_user_without_an_account_waits_for_the_group_call(northwind: Account, deliver: Deliver) -> None:
    deliver(track())
    waiting = QuarantinedItem.objects.get()
    assert (waiting.reason, waiting.user_value) == ("no_account", "ada")
    deliver(group())
    assert not QuarantinedItem.objects.exists()
    assert usage_of(northwind).active_users[30] == 1


def test_an_unknown_account_waits_until_its_id_is_linked(
    product: Source, northwind: Account, deliver: Deliver, pump: Any
) -> None:
    deliver(group("eve", "acct-99"), track("eve", context={"groupId": "acct-99"}), track("eve"))
    reasons = QuarantinedItem.objects.order_by("id").values_list("reason", "group_value")
    assert list(reasons) == [("unknown_account", "acct-99"), ("unknown_account", "acct-99"), ("no_account", "")]
    identity.link(northwind, source=product, value="acct-99", by=None, at=now())
    pump()
    assert not QuarantinedItem.objects.exists()
    assert SignalEvent.objects.filter(account=northwind, type="track").count() == 2


def test_ids_of_one_source_say_nothing_in_another(northwind: Account, deliver: Deliver, post: Post) -> None:
    other = Source.objects.create(key="other", name="Other")
    services.accept(json.dumps({"batch": [group(), track()]}).encode(), call="batch", source=other, at=now())
    assert fold.fold() == 1
    assert set(QuarantinedItem.objects.values_list("reason", flat=True)) == {"unknown_account", "no_account"}


def test_a_group_call_without_a_user_is_stored(northwind: Account, deliver: Deliver) -> None:
    deliver(group(None))
    assert SignalEvent.objects.get().account == northwind
    assert not ProductUser.objects.exists()


def test_a_user_may_work_for_two_accounts(northwind: Account, contoso: Account, deliver: Deliver) -> None:
    deliver(group(), track(), track(context={"groupId": "acct-7"}))
    deliver(group(account="acct-7"), track())
    assert ProductUser.objects.get().account == contoso
    assert usage_of(northwind).active_users[30] == usage_of(contoso).active_users[30] == 1
    assert SignalEvent.objects.filter(type="track", account=contoso).count() == 2


def test_a_group_call_that_comes_late_does_not_take_the_user_back(
    northwind: Account, contoso: Account, deliver: Deliver
) -> None:
    deliver(group(account="acct-7"))
    deliver(group(timestamp=(now() - DAY).isoformat()))
    assert ProductUser.objects.get().account == contoso
    deliver(
        group(timestamp=(now() + DAY / 4).isoformat()), group(timestamp=(now() - DAY).isoformat(), account="acct-7")
    )
    assert ProductUser.objects.get().account == northwind


def test_within_a_batch_the_latest_group_call_counts_too(
    northwind: Account, contoso: Account, deliver: Deliver
) -> None:
    deliver(group("bob"), group("bob", "acct-7", timestamp=(now() - DAY).isoformat()))
    assert ProductUser.objects.get().account == northwind


def test_traits_that_fit_are_kept_and_others_left(northwind: Account, deliver: Deliver) -> None:
    traits = {"name": " Ada\u0000 ", "email": "ada@example.com", "role": 7, "team": "T" * 500, "seats": 12}
    deliver(identify(traits=traits), identify(traits={"email": ""}))
    ada = ProductUser.objects.get()
    assert (ada.name, ada.email, ada.role, ada.team) == ("Ada", "ada@example.com", "", "T" * 80)


@pytest.mark.parametrize(("days", "reason"), [(399, None), (401, "too_old"), (-0.9, None), (-1.1, "future")])
def test_what_is_too_old_or_in_the_future_waits(
    northwind: Account, deliver: Deliver, days: float, reason: str | None
) -> None:
    deliver(group(), track(timestamp=(now() - days * DAY).isoformat()))
    found = QuarantinedItem.objects.first()
    assert (found.reason if found else None) == reason
    assert SignalEvent.objects.filter(type="track").count() == (reason is None)


def test_a_clock_that_runs_ahead_makes_nobody_active_tomorrow(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(timestamp=(now() + 0.9 * DAY).isoformat()))
    assert usage_of(northwind).last_event_at <= now()
    assert ProductUser.objects.get().last_seen_at <= now()
    assert usage_of(northwind).active_users[30] == 1


@pytest.mark.parametrize("call", ["page", "screen", "alias"])
def test_other_calls_are_stored_as_they_came(northwind: Account, deliver: Deliver, call: str) -> None:
    item = group() | {"type": call, "properties": {"path": "/billing"}}
    deliver(item)
    event = SignalEvent.objects.get()
    assert (event.type, event.account) == (call, northwind)
    assert json.loads(SignalPayload.objects.get(event=event).item) == item
    assert not AccountActivity.objects.exists()


def test_single_calls_are_folded_like_batches(northwind: Account, post: Post) -> None:
    for call, item in (("g", group()), ("i", identify(traits={"name": "Ada"})), ("t", track())):
        del item["type"]
        assert post(item, call).status_code == 200
    assert fold.fold() == 3
    assert usage_of(northwind).active_users[30] == 1
    assert ProductUser.objects.get().name == "Ada"
