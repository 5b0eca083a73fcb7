"""Renewal risk: every signal of the shipped model at its border, the tiers, and what a new version does."""

import datetime as dt

import pytest
import yaml
from django.core.exceptions import ValidationError

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.facts.services import FactDraft, set_custom
from accounts.facts.services import define as define_fact
from accounts.portfolio.models import AccountEvent
from plays.playbook.kinds.risk_model import _draft
from retention.conditions.comparing import Moment
from retention.risks.models import AccountRisk, RiskModelVersion, RiskSignal, RiskTierChange
from retention.risks.rating import Rater, RiskDraft, SignalDraft, draft_of, in_force, publish
from tests.cast import STARTER

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUIET = {
    "usage_change_30d": 0.0,
    "roles_active_30d": 3,
    "users_lost_30d_share": 0.0,
    "tickets_open_sev1": 0,
    "tickets_open_sev2": 0,
    "negative_feedback_at": AT - 400 * DAY,
    "champion_status": "known",
}


def shipped() -> RiskDraft:
    return _draft(yaml.safe_load((STARTER / "risk_model.yaml").read_text()))


def rated(**known):
    draft = shipped()
    version = RiskModelVersion(number=1, medium_from=draft.medium_from, high_from=draft.high_from)
    return Rater(version, [RiskSignal(**vars(one)) for one in draft.signals]).rate(
        known, Moment(as_of=AT, today=AT.date())
    )


@pytest.mark.parametrize(
    ("known", "points"),
    [
        ({}, 0),
        ({"usage_change_30d": -0.2}, 2),
        ({"usage_change_30d": -0.19}, 0),
        ({"roles_active_30d": 1}, 1),
        ({"roles_active_30d": 2}, 0),
        ({"users_lost_30d_share": 0.25}, 1),
        ({"users_lost_30d_share": 0.24}, 0),
        ({"tickets_open_sev1": 1}, 1),
        ({"tickets_open_sev2": 1}, 1),
        ({"tickets_open_sev1": 1, "tickets_open_sev2": 4, "oldest_open_ticket_at": AT - 20 * DAY}, 1),
        ({"oldest_open_ticket_at": AT - 14 * DAY}, 1),
        ({"oldest_open_ticket_at": AT - 13 * DAY}, 0),
        ({"negative_feedback_at": AT - 89 * DAY}, 2),
        ({"negative_feedback_at": AT - 90 * DAY}, 0),
        ({"champion_status": "left"}, 2),
        ({"champion_status": "missing"}, 0),
        ({"competitor_research_at": AT - 29 * DAY}, 2),
        ({"competitor_research_at": AT - 30 * DAY}, 0),
        ({"invoice_overdue_since": AT.date() - 30 * DAY}, 1),
        ({"invoice_overdue_since": AT.date() - 29 * DAY}, 0),
    ],
)
def test_the_points_of_each_signal_at_its_border(known, points, starter):
    assert rated(**(QUIET | known)).points == points


@pytest.mark.parametrize(
    ("known", "tier"),
    [
        ({"roles_active_30d": 1}, "low"),
        ({"champion_status": "left"}, "medium"),
        ({"champion_status": "left", "roles_active_30d": 1}, "medium"),
        ({"champion_status": "left", "usage_change_30d": -0.5}, "high"),
        ({"usage_change_30d": None, "roles_active_30d": None}, "low"),
        ({"usage_change_30d": None, "roles_active_30d": None, "users_lost_30d_share": None}, "unknown"),
    ],
)
def test_the_tier_follows_from_the_points_and_from_what_is_known(known, tier, starter):
    assert rated(**(QUIET | known)).tier == tier


def mood(key, at_most, points=2):
    return SignalDraft(
        key, key.capitalize(), points, {"fact": "mood", "operator": "lessThanInclusive", "value": at_most}
    )


@pytest.fixture
def moods(starter):
    """A model of the test's own: a mood of at most 50 gives 2 points, of at most 20 two more."""
    define_fact(FactDraft("mood", "Mood", "number", "For this test."), by=None, at=AT)
    return publish(RiskDraft([mood("low", 50), mood("lowest", 20)]), by=None, at=AT - 30 * DAY)


def settle(at):
    while projection.project_dirty(at=at) or aging.project_aged(at=at):
        pass


def feel(account, value, at):
    set_custom(account, {"mood": value}, source="crm", at=at)
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=at)
    settle(at)
    return AccountRisk.objects.get(account=account)


def test_a_change_of_tier_is_kept_with_its_reasons_and_told(northwind, moods):
    assert feel(northwind, 80, AT).tier == "low"
    assert feel(northwind, 30, AT + DAY).tier == "medium"
    now = feel(northwind, 10, AT + 2 * DAY)
    assert (now.tier, now.points, now.since) == ("high", 4, AT + 2 * DAY)
    assert [one["key"] for one in now.reasons] == ["low", "lowest"]
    assert now.reasons[0]["clauses"][0]["observed"] == 10
    assert list(RiskTierChange.objects.order_by("at").values_list("from_tier", "tier"))[-2:] == [
        ("low", "medium"),
        ("medium", "high"),
    ]
    told = AccountEvent.objects.filter(kind="risk.tier_changed").order_by("at").last()
    assert told.data == {"from": "Medium", "to": "High", "points": 4}
    row = AccountFacts.objects.get(account=northwind)
    assert (row.custom["risk_tier"], row.custom["risk_points"]) == ("high", 4)


def test_more_points_in_the_same_tier_are_no_change_of_tier(northwind, moods):
    feel(northwind, 15, AT)
    count = RiskTierChange.objects.count()
    publish(RiskDraft([mood("low", 50, 5), mood("lowest", 20, 5)]), by=None, at=AT + DAY)
    settle(AT + DAY)
    assert AccountRisk.objects.get(account=northwind).points == 10
    assert RiskTierChange.objects.count() == count


def test_what_a_new_version_moves_is_told_to_nobody(northwind, moods):
    feel(northwind, 40, AT)
    before = AccountEvent.objects.filter(kind="risk.tier_changed").count()
    publish(RiskDraft([mood("low", 50, 9)]), by=None, at=AT + DAY)
    settle(AT + DAY)
    assert AccountRisk.objects.get(account=northwind).tier == "high"
    assert RiskTierChange.objects.filter(account=northwind).latest("at").is_by_rule
    assert AccountEvent.objects.filter(kind="risk.tier_changed").count() == before
    feel(northwind, 90, AT + 2 * DAY)
    assert AccountEvent.objects.filter(kind="risk.tier_changed").count() == before + 1


def test_a_rebuild_finds_no_difference(northwind, moods):
    feel(northwind, 40, AT)
    assert projection.differences(at=AT) == {}


def test_publishing_the_same_again_makes_no_version(moods):
    assert publish(draft_of(in_force()), by=None, at=AT) == moods
    assert RiskModelVersion.objects.latest("number") == moods


@pytest.mark.parametrize(
    ("draft", "path"),
    [
        (RiskDraft([]), "signals"),
        (RiskDraft([mood("low", 50)], medium_from=4, high_from=4), "high_from"),
        (RiskDraft([mood("low", 50, 0)]), "signals[0].points"),
        (RiskDraft([mood("low", 50), mood("low", 20)]), "signals[1].key"),
        (RiskDraft([SignalDraft("a", "A", 1, {"fact": "nothing", "operator": "isKnown"})]), "signals[0].when.fact"),
        (RiskDraft([SignalDraft("a", "A", 1, {"fact": "risk_points", "operator": "isKnown"})]), "signals[0].when"),
    ],
)
def test_a_wrong_model_is_refused_with_its_place(draft, path, moods):
    with pytest.raises(ValidationError) as refused:
        publish(draft, by=None, at=AT)
    assert path in refused.value.message_dict
    assert in_force() == moods
