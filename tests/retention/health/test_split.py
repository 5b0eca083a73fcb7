"""Every change of a score is split into what data did and what a published version did, and the two add up."""

from typing import Any

import hypothesis.strategies as st
import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation.models import Edge
from retention.evaluation.services import WatchDraft, watch
from retention.health.drafts import MeasureDraft
from retention.health.models import AccountHealth, HealthModelVersion, HealthScore
from retention.health.services import publish
from tests.factories.accounts import ContractFactory
from tests.retention.evaluation.facts import evaluate
from tests.retention.health.book import (
    AT,
    DAY,
    EVERYBODY,
    LINE,
    define_moods,
    feel,
    put,
    retire_shipped,
    settle,
    simple,
)

pytestmark = pytest.mark.django_db
USE = {"fact": "use", "marks": [[0, 0], [100, 100]]}


def weighed(mood: int) -> Any:
    measures = [MeasureDraft("mood", "Mood", mood, LINE), MeasureDraft("use", "Use", 100 - mood, USE)]
    return simple(measures=measures, margin_days=1)


@pytest.fixture
def account(starter: Any) -> Account:
    retire_shipped()
    define_moods("mood", "use")
    put(weighed(50))
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def latest() -> tuple[float | None, ...]:
    row = HealthScore.objects.order_by("at", "id").last()
    assert row
    return row.score, row.data_change, row.configuration_change


def test_data_alone(account: Account) -> None:
    feel(account, AT, mood=80, use=40)
    feel(account, AT + DAY, mood=60)
    assert latest() == (50, -10, 0)


def test_a_published_version_alone(account: Account) -> None:
    feel(account, AT, mood=80, use=40)
    put(weighed(75), AT + DAY)
    assert latest() == (70, 0, 10)
    assert HealthScore.objects.order_by("at").values_list("version__number", flat=True).last() == 2


def test_both_at_once_are_told_apart(account: Account, monkeypatch: Any) -> None:
    feel(account, AT, mood=80, use=40)
    monkeypatch.setattr("retention.health.services.AT_ONCE", -1)  # as in a large book, which the pump comes to later
    publish(weighed(75), key="plain", name="Plain", by=None, at=AT + DAY)
    feel(account, AT + DAY, mood=60)
    assert latest() == (55, -10, 5)


def test_what_had_no_score_has_no_split(account: Account) -> None:
    feel(account, AT, mood=80)
    assert latest() == (None, None, None)
    feel(account, AT + DAY, use=40)
    assert latest() == (60, None, None)


moods = st.floats(0, 100).map(lambda mood: round(mood, 2))
steps = st.lists(st.tuples(st.booleans(), moods, moods, st.integers(1, 99)), min_size=1, max_size=5)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_split_adds_up(account: Account, changes: list[tuple[bool, float, float, int]]) -> None:
    HealthScore.objects.all().delete()
    AccountHealth.objects.all().delete()
    HealthModelVersion.objects.filter(model__key="plain").update(published_at=AT - DAY)
    scores: list[float] = [feel(account, AT, mood=50, use=50).score or 0]
    for day, (publishes, mood, use, weight) in enumerate(changes, start=1):
        if publishes:
            put(weighed(weight), AT + day * DAY)
        scores.append(feel(account, AT + day * DAY, mood=mood, use=use).score or 0)
    rows = HealthScore.objects.order_by("at", "id")
    changed = sum((row.data_change or 0) + (row.configuration_change or 0) for row in rows)
    assert changed == pytest.approx(scores[-1] - scores[0], abs=0.01)


def test_the_model_that_applies_is_data(account: Account) -> None:
    happy = {"fact": "mood", "operator": "greaterThan", "value": 90}
    put(simple(applies=happy, precedence=0), AT, key="happy")
    feel(account, AT + DAY, mood=80, use=40)
    feel(account, AT + 2 * DAY, mood=92)
    assert latest() == (92, 32, 0)
    assert AccountHealth.objects.get().version.model.key == "happy"  # type: ignore[union-attr]


def test_rules_and_health_that_wait_for_each_other_are_refused(account: Account) -> None:
    red = {"fact": "health_band", "operator": "equal", "value": "red"}
    with pytest.raises(ValidationError, match="health_band"):
        watch([WatchDraft("segment:risk", "segments", "version 1", red, decides="mood")], by=None, at=AT)
    assert not Edge.objects.exists()


@pytest.mark.parametrize(
    ("values", "place"),
    [
        ({"amber_from": 75}, "amber_from"),
        ({"measures": [MeasureDraft("mood", "Mood", 95, LINE)]}, "measures"),
        (
            {"measures": [MeasureDraft("mood", "Mood", 100, {"fact": "gone", "marks": [[0, 1]]})]},
            "measures[0].scale.fact",
        ),
        ({"measures": [MeasureDraft("a", "A", 100, LINE | {"marks": [[5, 0], [5, 9]]})]}, "measures[0].scale.marks[1]"),
        ({"measures": [MeasureDraft("a", "A", 100, LINE | {"marks": [[5, 101]]})]}, "measures[0].scale.marks[0]"),
        ({"measures": [MeasureDraft("a", "A", 100, {"fact": "mood"})]}, "measures[0].scale"),
        ({"applies": {"all": []}}, "applies.all"),
        ({"applies": EVERYBODY | {"heldFor": {"days": 3}}}, "applies.heldFor"),
        ({"contradiction": {"one": ["mood"]}}, "contradiction"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(account: Account, values: dict[str, Any], place: str) -> None:
    before = HealthModelVersion.objects.count()
    with pytest.raises(ValidationError) as refused:
        publish(simple(**values), key="plain", name="Plain", by=None, at=AT)
    assert place in refused.value.message_dict
    assert HealthModelVersion.objects.count() == before


def test_publishing_the_same_again_changes_nothing(account: Account) -> None:
    feel(account, AT, mood=80, use=40)
    before = HealthModelVersion.objects.count(), HealthScore.objects.count()
    put(weighed(50), AT + DAY)
    assert (HealthModelVersion.objects.count(), HealthScore.objects.count()) == before


def test_a_stage_that_moves_makes_health_again(account: Account) -> None:
    won = {"fact": "stage", "operator": "equal", "value": "closed_won"}
    put(simple(applies=won, precedence=0), AT, key="won")
    assert feel(account, AT, mood=80, use=40).version.model.key == "plain"  # type: ignore[union-attr]
    ContractFactory(account=account, signed_at=AT, ends_on=(AT + 300 * DAY).date())
    events.mark([account.pk], DirtyAccount.Pass.FACTS, at=AT)
    for _ in range(2):
        settle(AT)
        evaluate(AT)
    settle(AT)
    found = AccountHealth.objects.get()
    assert (found.version.model.key, found.score) == ("won", 80)  # type: ignore[union-attr]
    assert latest() == (80, 20, 0), "the customer signed: that is data"
