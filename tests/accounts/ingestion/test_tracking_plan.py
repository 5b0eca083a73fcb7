"""What event names mean: features, milestones, nothing yet; and how often each came."""

import datetime as dt
from typing import Any

import pytest

from accounts.foundation.clock import now
from accounts.ingestion import queries, services, tally
from accounts.ingestion.models import EventName, Milestone, MilestoneReached
from accounts.portfolio.models import Account, AccountEvent
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, track

Deliver = Any
DAY = dt.timedelta(days=1)


def ago(days: float) -> dict[str, str]:
    return {"timestamp": (now() - days * DAY).isoformat()}


def names() -> dict[str, int]:
    return dict(EventName.objects.values_list("name", "count"))


def test_a_milestone_is_reached_by_any_of_its_events_once(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Workflow Run", **ago(3)), track(event="Campaign Launched", **ago(5)))
    deliver(track(event="Workflow Run"))
    [reached] = MilestoneReached.objects.filter(milestone__key="first_value")
    assert reached.account == northwind
    assert now() - 6 * DAY < reached.first_at < now() - 4 * DAY
    [told] = AccountEvent.objects.filter(kind="milestone.reached")
    assert (told.data["milestone"], told.at) == ("First value", reached.first_at)


def test_a_late_event_dates_a_milestone_back_and_is_not_told_again(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Workflow Run"))
    deliver(track(event="Workflow Run", **ago(9)))
    assert MilestoneReached.objects.get().first_at < now() - 8 * DAY
    assert AccountEvent.objects.filter(kind="milestone.reached").count() == 1


def test_one_event_may_be_a_feature_and_reach_two_milestones(northwind: Account, deliver: Deliver) -> None:
    services.define_milestone(key="automated", name="Automated", events=["Workflow Run"], by=None, at=now())
    deliver(group(), track(event="Workflow Run"))
    assert set(MilestoneReached.objects.values_list("milestone__key", flat=True)) == {"first_value", "automated"}


def test_names_are_counted_with_first_and_last(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Odd", **ago(4), messageId="a"), track(event="Odd", **ago(2)))
    deliver(track(event="Odd", **ago(8)), track(event="Odd", **ago(4), messageId="a"))
    row = EventName.objects.get()
    assert (row.name, row.count) == ("Odd", 3)
    assert row.last_seen_at - row.first_seen_at > 5 * DAY


def test_names_are_bounded_and_the_rest_share_a_row(
    northwind: Account, deliver: Deliver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MOST_NAMES", 3)
    deliver(group(), *(track(event=f"e{number}") for number in range(5)))
    assert names() == {"e0": 1, "e1": 1, "e2": 1, "": 2}
    deliver(track(event="e9"), track(event="e0"), track(event="e7"))
    assert names() == {"e0": 2, "e1": 1, "e2": 1, "": 4}


def test_what_stands_for_nothing_is_listed_unless_ignored(northwind: Account, deliver: Deliver) -> None:
    events = ["Report Viewed", "Workspace Activated", "Odd", "Odd", "Heartbeat"]
    deliver(group(), *(track(event=event) for event in events))
    assert [row.name for row in queries.unmapped_names()] == ["Odd", "Heartbeat"]
    services.ignore(EventName.objects.get(name="Odd"), ignored=True, by=None, at=now())
    assert [row.name for row in queries.unmapped_names()] == ["Heartbeat"]
    deliver(track(event="Odd"))
    assert EventName.objects.get(name="Odd").is_ignored


def test_a_definition_that_changes_counts_from_then_on(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), track(event="Odd"))
    services.define_milestone(key="odd", name="Odd", events=["Odd"], by=None, at=now())
    assert not MilestoneReached.objects.exists()
    deliver(track(event="Odd"))
    assert MilestoneReached.objects.get().milestone == Milestone.objects.get(key="odd")


def test_items_are_counted_by_what_became_of_them(product: Source, northwind: Account, deliver: Deliver) -> None:
    items = [group(messageId="g"), track(messageId="t"), track("eve", messageId="e"), 7]
    deliver(*items)
    deliver(*items, track(messageId="u"))
    counted = counts(product)
    assert counted == {"accepted": 3, "repeated": 4, "quarantined": 2}


def test_what_is_replayed_changes_its_column(product: Source, northwind: Account, deliver: Deliver) -> None:
    deliver(track("eve", messageId="e"), 7)
    assert counts(product) == {"accepted": 0, "repeated": 0, "quarantined": 2}
    deliver(group("eve"))
    assert counts(product) == {"accepted": 2, "repeated": 0, "quarantined": 1}


def test_hours_are_counted_apart(product: Source, northwind: Account, deliver: Deliver, time_machine: Any) -> None:
    hour = now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(hours=1)
    for minutes in (1, 59, 61):
        time_machine.move_to(hour + dt.timedelta(minutes=minutes))
        deliver(track("eve", messageId=f"m{minutes}"))
    found = queries.counts_of(product, since=hour + dt.timedelta(minutes=30))
    assert list(found.values_list("hour", "quarantined")) == [(hour, 2), (hour + dt.timedelta(hours=1), 1)]
    assert queries.counts_of(product, since=hour + dt.timedelta(hours=1)).count() == 1


def counts(source: Source) -> dict[str, int]:
    rows = queries.counts_of(source, since=now() - DAY).values("accepted", "repeated", "quarantined")
    return {name: sum(row[name] for row in rows) for name in ("accepted", "repeated", "quarantined")}
