"""Each mark of the shipped models, at its boundaries."""

import datetime as dt
from typing import Any

import pytest

from tests.retention.health.book import AT, DAY, points, scored

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def facts(starter: Any) -> None:
    """The catalogue with the facts of the starter playbook."""


def ago(days: int) -> dt.datetime:
    return AT - days * DAY


@pytest.mark.parametrize(
    ("measure", "known", "expected"),
    [
        ("active_users", {"active_users_change_30d": 0.4}, 100),
        ("active_users", {"active_users_change_30d": 0.0}, 100),
        ("active_users", {"active_users_change_30d": -0.1}, 70),
        ("active_users", {"active_users_change_30d": -0.2}, 45),
        ("active_users", {"active_users_change_30d": -0.3}, 20),
        ("active_users", {"active_users_change_30d": -0.4}, 10),
        ("active_users", {"active_users_change_30d": -0.5}, 0),
        ("active_users", {"active_users_change_30d": -1.0}, 0),
        ("feature_depth", {"features_used_30d": 9}, 100),
        ("feature_depth", {"features_used_30d": 8}, 100),
        ("feature_depth", {"features_used_30d": 3}, 50),
        ("feature_depth", {"features_used_30d": 4}, 60),
        ("feature_depth", {"features_used_30d": 0}, 0),
        ("seats", {"seats_active_share": 0.8}, 100),
        ("seats", {"seats_active_share": 0.5}, 50),
        ("seats", {"seats_active_share": 0.2}, 0),
        ("seats", {"seats_active_share": 0.1}, 0),
        ("roles", {"roles_active_30d": 4}, 100),
        ("roles", {"roles_active_30d": 2}, 70),
        ("roles", {"roles_active_30d": 1}, 20),
        ("roles", {"roles_active_30d": 0}, 0),
        ("executive", {"sponsor_last_engaged_at": ago(0)}, 100),
        ("executive", {"sponsor_last_engaged_at": ago(30)}, 100),
        ("executive", {"sponsor_last_engaged_at": ago(60)}, 80),
        ("executive", {"sponsor_last_engaged_at": ago(90)}, 60),
        ("executive", {"sponsor_last_engaged_at": ago(180)}, 20),
        ("executive", {"sponsor_last_engaged_at": ago(181)}, 0),
        ("executive", {}, None),
        ("sentiment", {"pulse": "green", "pulse_at": ago(90)}, 100),
        ("sentiment", {"pulse": "green", "pulse_at": ago(91)}, None),
        ("sentiment", {"pulse": "amber", "pulse_at": ago(1), "nps_latest": 9}, 75),
        ("sentiment", {"pulse": "red", "pulse_at": ago(1)}, 0),
        ("sentiment", {"nps_latest": 8}, 60),
        ("sentiment", {"nps_latest": 7}, 60),
        ("sentiment", {"nps_latest": 6}, 0),
        ("billing", {"closed_won_at": ago(100)}, 100),
        ("billing", {"closed_won_at": ago(9), "invoice_overdue_since": ago(15).date()}, 60),
        ("billing", {"closed_won_at": ago(9), "invoice_overdue_since": ago(30).date()}, 20),
        ("billing", {"closed_won_at": ago(9), "invoice_overdue_since": ago(31).date()}, 0),
        ("billing", {}, None),
    ],
)
def test_established(measure: str, known: dict[str, Any], expected: float | None) -> None:
    found = points("established", measure, **known)
    assert found == (None if expected is None else pytest.approx(expected))


QUIET = {"tickets_open": 0, "tickets_open_sev1": 0, "tickets_opened_30d": 0, "tickets_reopened_30d": 0}


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        ({}, 100),
        ({"tickets_open_sev1": 1}, 60),
        ({"tickets_open": 1, "oldest_open_ticket_at": ago(14)}, 100),
        ({"tickets_open": 1, "oldest_open_ticket_at": ago(15)}, 80),
        ({"tickets_opened_30d": 3, "tickets_opened_change_30d": 0.5}, 80),
        ({"tickets_opened_30d": 2, "tickets_opened_change_30d": 0.5}, 100),
        ({"tickets_opened_30d": 3, "tickets_opened_change_30d": 0.49}, 100),
        ({"tickets_reopened_30d": 1}, 80),
        ({"tickets_open_sev1": 1, "tickets_open": 1, "oldest_open_ticket_at": ago(20), "tickets_reopened_30d": 2}, 20),
    ],
)
def test_support_risk_takes_off_what_is_true(known: dict[str, Any], expected: float) -> None:
    assert points("established", "support", **QUIET | known) == expected


def test_support_is_unknown_without_a_help_desk() -> None:
    assert points("established", "support") is None


@pytest.mark.parametrize(
    ("measure", "known", "expected"),
    [
        ("items", {"onboarding_items_on_time_share": 0.9}, 100),
        ("items", {"onboarding_items_on_time_share": 0.7}, 60),
        ("items", {"onboarding_items_on_time_share": 0.5}, 20),
        ("items", {"onboarding_items_on_time_share": 0.49}, 0),
        ("items", {}, None),
        ("first_value", {"first_value_status": "reached", "closed_won_at": ago(90)}, 100),
        ("first_value", {"first_value_status": "pending", "closed_won_at": ago(3)}, 80),
        ("first_value", {"first_value_status": "pending", "closed_won_at": ago(15)}, 80),
        ("first_value", {"first_value_status": "pending", "closed_won_at": ago(24)}, 60),
        ("first_value", {"first_value_status": "pending", "closed_won_at": ago(30)}, 30),
        ("first_value", {"first_value_status": "pending", "closed_won_at": ago(31)}, 0),
        ("integration", {"integration_status": "connected"}, 100),
        ("integration", {"integration_status": "not_needed"}, 100),
        ("integration", {"integration_status": "in_progress", "kickoff_held_at": ago(14)}, 60),
        ("integration", {"integration_status": "in_progress", "kickoff_held_at": ago(15)}, 0),
        ("touch", {"last_two_way_touch_at": ago(7)}, 100),
        ("touch", {"last_two_way_touch_at": ago(14)}, 60),
        ("touch", {"last_two_way_touch_at": ago(15)}, 0),
    ],
)
def test_onboarding(measure: str, known: dict[str, Any], expected: float | None) -> None:
    assert points("onboarding", measure, **known) == expected


@pytest.mark.parametrize(("days", "expected"), [(7, 100), (30, 0), (31, 0)])
def test_recency_of_scaled_accounts(days: int, expected: float) -> None:
    assert points("scaled", "recency", last_active_at=ago(days)) == expected


def test_what_is_missing_counts_as_each_measure_says() -> None:
    counted = {part.key: part.counted for part in scored("onboarding").parts}
    assert (counted["items"], counted["integration"], counted["touch"]) == (0, 50, None)
    counted = {part.key: part.counted for part in scored("established", service_tier="high_touch").parts}
    assert (counted["executive"], counted["sentiment"]) == (0, None)
    assert {part.key: part.counted for part in scored("established").parts}["executive"] is None


FULL = {
    "active_users_change_30d": 0.2,
    "features_used_30d": 9,
    "seats_active_share": 0.9,
    "roles_active_30d": 3,
    "closed_won_at": ago(300),
} | QUIET


@pytest.mark.parametrize(
    ("known", "cap", "score"),
    [
        ({}, "", 100),
        ({"champion_status": "left"}, "champion_left", 60),
        ({"champion_status": "known"}, "", 100),
        ({"tickets_open_sev1": 1, "oldest_open_ticket_sev1_at": ago(7)}, "", 95),
        ({"tickets_open_sev1": 1, "oldest_open_ticket_sev1_at": ago(8)}, "severity_1_open", 49),
        ({"invoice_overdue_since": ago(31).date()}, "invoice_late", 60),
        ({"invoice_overdue_since": ago(30).date()}, "", 95),
        ({"cancel_notice_at": ago(0), "champion_status": "left"}, "cancel_notice", 20),
    ],
)
def test_a_cap_holds_the_score_down(known: dict[str, Any], cap: str, score: float) -> None:
    found = scored("established", **FULL | known)
    assert (found.capped_by, found.score) == (cap, pytest.approx(score, abs=1))


def test_less_than_enough_gives_no_score() -> None:
    known = {"active_users_change_30d": 0.2, "features_used_30d": 9, "roles_active_30d": 3}
    assert scored("established", **known).score is None
    found = scored("established", **known | {"nps_latest": 9})
    assert (found.known_share, found.score) == (pytest.approx(0.6), 100)


@pytest.mark.parametrize(
    ("users", "depth", "pulse", "expected"),
    [(0.0, 8, "red", True), (0.0, 3, "red", False), (-0.5, 0, "green", True), (0.0, 8, "amber", False)],
)
def test_high_usage_with_low_sentiment_is_mixed(users: float, depth: int, pulse: str, expected: bool) -> None:
    known = {"active_users_change_30d": users, "features_used_30d": depth, "pulse": pulse, "pulse_at": ago(1)}
    assert scored("established", **FULL | known).is_mixed is expected


def test_a_day_ends_where_we_are() -> None:
    known = {"sponsor_last_engaged_at": dt.datetime(2026, 6, 15, 23, 30, tzinfo=dt.UTC)}
    last = dt.datetime(2026, 12, 12, 1, tzinfo=dt.UTC)
    assert points("established", "executive", last, **known) == 20
    assert points("established", "executive", last + DAY, **known) == 0
