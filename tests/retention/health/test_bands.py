"""Bands do not flap, overrides end, and the history stays as it was written."""

import datetime as dt
from typing import Any

import hypothesis.strategies as st
import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given

from accounts.facts import projection
from accounts.facts.models import AccountFacts
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from retention.evaluation import fullpass
from retention.health import overriding
from retention.health.banding import Placed, by_range, place
from retention.health.models import AccountHealth, HealthModelVersion, HealthOverride, HealthScore
from tests.retention.evaluation.facts import evaluate
from tests.retention.evaluation.rules import of, watch
from tests.retention.health.book import AT, DAY, define_moods, feel, put, retire_shipped, settle, simple

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
RED = {"fact": "health_band", "operator": "equal", "value": "red"}
GREEN = {"fact": "health_band", "operator": "equal", "value": "green"}


@pytest.fixture
def account(starter: Any) -> Account:
    retire_shipped()
    define_moods()
    put(simple())
    return portfolio.create(name="Northwind Traders", by=None, at=AT + HOUR)


def bands() -> list[str]:
    """The bands through which accounts went, in order."""
    found: list[str] = []
    for band in HealthScore.objects.order_by("at", "id").values_list("band", flat=True):
        found += [] if found[-1:] == [band] else [band]
    return found


def test_a_score_that_wobbles_around_a_border_changes_the_band_once(account: Account) -> None:
    at = AT + HOUR
    for number, mood in enumerate([80, 76, 74, 76, 73, 75, 74, 76, 72.5, 77]):
        feel(account, at + number * 12 * HOUR, mood=mood)
    assert bands() == ["green"]
    feel(account, at + 6 * DAY, mood=72)
    assert bands() == ["green", "amber"]
    for number, mood in enumerate([74, 76, 77.9, 74]):
        feel(account, at + 7 * DAY + number * 12 * HOUR, mood=mood)
    assert bands() == ["green", "amber"]


def test_three_days_beyond_the_border_are_enough(account: Account) -> None:
    feel(account, AT + HOUR, mood=80)
    feel(account, AT + DAY, mood=74)
    for day in (2, 3):
        settle(AT + day * DAY)
        assert AccountHealth.objects.get().band == "green"
    settle(AT + 4 * DAY)
    assert AccountHealth.objects.get().band == "amber"
    assert AccountFacts.objects.get(account=account).custom["health_band"] == "amber"


def test_too_little_known_is_a_band_of_its_own(account: Account) -> None:
    assert feel(account, AT + HOUR, mood=76).band == "green"
    assert feel(account, AT + DAY, mood=None).band == "insufficient"
    back = feel(account, AT + 2 * DAY, mood=74)
    assert (back.band, back.score) == ("amber", 74)


def test_a_rule_hears_of_the_band_once(account: Account) -> None:
    one = watch("play:green", GREEN)
    feel(account, AT + HOUR, mood=80)
    assert of(evaluate(AT + HOUR), one) == [("entered", "data")]
    feel(account, AT + DAY, mood=74)
    assert of(evaluate(AT + DAY), one) == []
    settle(AT + 4 * DAY)
    assert of(evaluate(AT + 4 * DAY), one) == [("left", "time")]
    assert fullpass.run(at=AT + 4 * DAY).missed.total() == 0
    assert projection.differences(at=AT + 4 * DAY) == {}


def test_a_published_version_moves_bands_and_fires_nothing(account: Account) -> None:
    feel(account, AT + HOUR, mood=60)
    one = watch("play:red", RED, at=AT + 2 * HOUR)
    evaluate(AT + 2 * HOUR)
    put(simple(amber_from=65), AT + DAY)
    assert AccountHealth.objects.get().band == "red"
    assert of(evaluate(AT + DAY + HOUR), one) == [("entered", "definition")]
    assert not AccountEvent.objects.filter(kind="health.changed", data__to="Red").exists()


def test_an_override_counts_until_its_last_day(account: Account, amelia: Any) -> None:
    feel(account, AT + HOUR, mood=90)
    one = watch("play:red", RED, at=AT + HOUR)
    evaluate(AT + HOUR)
    until = (AT + 10 * DAY).date()
    overriding.override(account, band="red", reason="Their sponsor told me.", until_on=until, by=amelia, at=AT + DAY)
    settle(AT + DAY)
    health = AccountHealth.objects.get()
    assert (health.band, health.computed_band, health.score) == ("red", "green", 90)
    assert of(evaluate(AT + DAY), one) == [("entered", "data")]
    settle(AT + 10 * DAY)
    assert AccountHealth.objects.get().band == "red"
    settle(AT + 11 * DAY)
    assert AccountHealth.objects.get().band == "green"
    assert of(evaluate(AT + 11 * DAY), one) == [("left", "time")]
    assert AuditEntry.objects.filter(verb="health.override", account_id=account.pk).exists()


def test_ending_an_override_brings_the_computed_band_back(account: Account, amelia: Any) -> None:
    feel(account, AT + HOUR, mood=90)
    made = overriding.override(
        account, band="amber", reason="A hunch.", until_on=(AT + 5 * DAY).date(), by=amelia, at=AT + HOUR
    )
    settle(AT + HOUR)
    overriding.end(made, by=amelia, at=AT + 2 * HOUR)
    settle(AT + 2 * HOUR)
    assert AccountHealth.objects.get().band == "green"
    with pytest.raises(ValidationError, match="over already"):
        overriding.end(made, by=amelia, at=AT + 3 * HOUR)


@pytest.mark.parametrize(
    ("values", "field"),
    [({"days": 61}, "until_on"), ({"days": 0}, "until_on"), ({"reason": "  "}, "reason"), ({"band": "blue"}, "band")],
)
def test_an_override_needs_a_reason_and_an_end(account: Account, values: dict[str, Any], field: str) -> None:
    asked = {"band": "red", "reason": "Why", "days": 60} | values
    until = (AT + asked.pop("days") * DAY).date()
    with pytest.raises(ValidationError) as refused:
        overriding.override(account, until_on=until, by=None, at=AT, **asked)
    assert list(refused.value.message_dict) == [field]
    assert not HealthOverride.objects.exists()


def test_the_database_keeps_one_override_an_account_and_its_end(account: Account) -> None:
    values = {"account": account, "band": "red", "reason": "Why", "from_on": AT.date(), "made_at": AT}
    HealthOverride.objects.create(**values, days=60)
    for wrong in ({"days": 10}, {"days": 61, "ended_at": AT}, {"days": 5, "ended_at": AT, "reason": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            HealthOverride.objects.create(**values | wrong)


def test_the_history_of_days_gone_by_never_changes(account: Account) -> None:
    others = [portfolio.create(name=name, by=None, at=AT + HOUR) for name in ("Contoso", "Fabrikam")]
    written: dict[Account, list[tuple[Any, ...]]] = {
        account: [(80.0, "green"), (74.0, "green"), (40.0, "red"), (52.0, "red"), (53.0, "amber")],
        others[0]: [(10.0, "red"), (60.0, "amber"), (90.0, "green"), (90.0, "green"), (None, "insufficient")],
        others[1]: [(None, "insufficient"), (50.0, "amber"), (48.0, "amber"), (47.0, "red"), (100.0, "green")],
    }

    def seen(one: Account, at: dt.datetime) -> tuple[Any, ...]:
        row = HealthScore.objects.filter(account=one, at__lte=at).order_by("at", "id").last()
        return (row.score, row.band) if row else (None, "")

    def look() -> dict[Account, list[tuple[Any, ...]]]:
        return {one: [seen(one, AT + day * DAY + 2 * HOUR) for day in range(5)] for one in written}

    for day in range(5):
        for one, rows in written.items():
            feel(one, AT + day * DAY + HOUR, mood=rows[day][0])
    assert look() == written
    put(simple(green_from=90, amber_from=20), AT + 6 * DAY)
    for one in written:
        feel(one, AT + 7 * DAY, mood=1)
    assert look() == written


scores = st.floats(0, 100).map(lambda score: round(score, 1))


@given(st.lists(st.tuples(scores, st.integers(0, 3)), min_size=2, max_size=30))
def test_a_band_is_left_only_well_beyond_its_border_or_after_days(steps: list[tuple[float, int]]) -> None:
    version = HealthModelVersion()
    ranges = {"red": (0.0, 50.0), "amber": (50.0, 75.0), "green": (75.0, 101.0)}
    day = AT.date()
    placed = Placed(by_range(version, steps[0][0]))
    for score, days in steps[1:]:
        day += dt.timedelta(days=days)
        low, high = ranges[placed.band]
        beyond = max(low - score, score - high, 0.0) if not low <= score < high else None
        waited = (day - placed.outside_since).days if placed.outside_since else 0
        after = place(version, score, placed, day)
        may_leave = beyond is not None and (beyond >= version.margin_points or waited >= version.margin_days)
        assert after.band == (by_range(version, score) if may_leave else placed.band)
        assert (after.outside_since is None) is (beyond is None or may_leave)
        placed = after
