"""Activity: exact counts, whatever way the signals came."""

import datetime as dt
import random
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events.models import DirtyAccount
from accounts.foundation.clock import now
from accounts.ingestion import fold
from accounts.ingestion.models import (
    AccountActivity,
    Feature,
    FeatureActivity,
)
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from tests.accounts.ingestion.calls import group, identify, track
from tests.accounts.ingestion.folded import forget, state, usage_of

Post = Any
Deliver = Any
DAY = dt.timedelta(days=1)


def test_activity_is_counted_exactly(northwind: Account, deliver: Deliver) -> None:
    today = now()
    deliver(*(group(f"user-{number}") for number in range(12)))
    for number in range(12):
        deliver(track(f"user-{number}", timestamp=(today - (number * 6) * DAY).isoformat()))
    found = usage_of(northwind)
    # On days 0, 6, 12, 18, 24, 30 ago; then on 36, 42, 48, 54, 60.
    assert (found.active_users[30], found.active_users_before) == (6, 5)


def test_the_two_windows_share_no_day(northwind: Account, deliver: Deliver) -> None:
    at = now()
    for days in (30, 31, 60, 61):
        user = f"user-{days}"
        deliver(group(user), track(user, timestamp=(at - days * DAY).isoformat()))
    found = usage_of(northwind)
    assert (found.active_users[30], found.active_users_before) == (1, 2)


def test_late_events_count_on_their_own_day(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track())
    deliver(track(timestamp=(now() - 40 * DAY).isoformat()))
    found, span = usage_of(northwind), AccountActivity.objects.get()
    assert (found.active_users[30], found.active_users_before) == (1, 1)
    assert span.last_event_at - span.first_event_at > 39 * DAY
    assert ProductUser.objects.get().last_seen_at == span.last_event_at
    assert ProductUser.objects.get().first_seen_at <= span.first_event_at


def test_the_people_who_used_a_feature_are_the_two_latest(northwind: Account, deliver: Deliver) -> None:
    at = now()
    for user, days in (("a", 9), ("b", 5), ("c", 7), ("a", 6), ("d", 20)):
        deliver(group(user), track(user, "Report Viewed", timestamp=(at - days * DAY).isoformat()))
    row = FeatureActivity.objects.get()
    assert row.feature == Feature.objects.get(key="reports")
    names = dict(ProductUser.objects.values_list("pk", "external_id"))
    assert (names[row.latest_user], names[row.second_user]) == ("b", "a")


def stream(rng: random.Random, *, size: int = 120) -> list[dict[str, Any]]:
    """Signals of a few people at two accounts, some of them unknown, with repeats."""
    at, items = now(), []
    for number in range(size):
        when = (at - rng.random() * 100 * DAY).isoformat()
        user = f"user-{rng.randrange(6)}"
        account = rng.choice(["acct-42", "acct-7", "acct-404"])
        event = rng.choice(["Report Viewed", "Alert Created", "Workflow Run", "Nothing Mapped"])
        call = rng.choice([track, track, track, group])
        fields = {"event": event, "context": {"groupId": account}} if call is track else {"account": account}
        items.append(call(user, timestamp=when, messageId=f"m-{number}", **fields))
    return items + rng.sample(items, size // 4)


@pytest.mark.parametrize("seed", range(3))
def test_how_requests_are_cut_and_mixed_does_not_matter(
    northwind: Account, contoso: Account, deliver: Deliver, seed: int
) -> None:
    rng = random.Random(seed)
    items = stream(rng)
    deliver(*items)
    at_once = state()
    forget()
    rng.shuffle(items)
    while items:
        taken = rng.randint(1, 30)
        deliver(*items[:taken])
        items = items[taken:]
    assert state() == at_once


def test_small_slices_end_the_same_as_one(
    northwind: Account, contoso: Account, deliver: Deliver, post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fold, "SLICE", 3)
    monkeypatch.setattr(fold, "ROUND_BYTES", 1)
    items = [group(), track(messageId="a"), track(messageId="a"), group("bob", "acct-7"), track("bob"), identify("cy")]
    for item in items:
        post({"batch": [item]})
    rounds = 0
    while fold.fold():
        rounds += 1
    assert rounds == len(items)
    assert usage_of(northwind).active_users[30] == usage_of(contoso).active_users[30] == 1


def test_the_accounts_that_were_active_are_marked(northwind: Account, contoso: Account, deliver: Deliver) -> None:
    DirtyAccount.objects.all().delete()
    deliver(group(), track(), identify("bob"))
    marked = DirtyAccount.objects.filter(what=DirtyAccount.Pass.FACTS)
    assert set(marked.values_list("account", flat=True)) == {northwind.pk}


def test_a_fold_costs_as_many_queries_for_ten_users_as_for_eighty(northwind: Account, post: Post) -> None:
    costs = []
    for size, name in ((10, "a"), (80, "b")):  # a statement on SQLite holds 83 users
        items = [call(f"{name}-{number}") for number in range(size) for call in (group, identify, track)]
        post({"batch": items})
        with CaptureQueriesContext(connection) as queries:
            fold.fold()
        costs.append(len(queries))
    assert costs[1] <= costs[0]
