"""What happened to the customer, and what we did to our rules, told apart when both come at once."""

from typing import Any

import pytest

from accounts.events import services as events
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation import passes
from retention.evaluation.models import Edge, Standing
from retention.lifecycle.services import StageDraft, publish
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import LOW, of, watch

pytestmark = pytest.mark.django_db
HOUR = DAY / 24
WON = {"fact": "closed_won_at", "operator": "isKnown"}


@pytest.fixture
def account(starter: Any) -> Account:
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def test_news_that_waits_beside_a_changed_rule_still_fires(account: Account) -> None:
    low = watch()
    staged = watch("play:staged", {"fact": "stage", "operator": "equal", "value": "won"})
    know(account, closed_won_at=AT, active_users_30d=5)
    evaluate()
    events.mark([account.pk], "verdicts", at=AT, cause="definition")
    stages = [StageDraft("won", "Won", "", WON, None, False)]
    publish(key="go_to_market", name="Go to market", is_primary=True, stages=stages, by=None, at=AT)
    know(account, active_users_30d=1)
    passes.evaluate_dirty(at=AT)
    evaluate()
    edges = list(Edge.objects.all())
    assert of(edges, low) == [("entered", "data")]
    assert of(edges, staged) == [("entered", "definition")]
    assert set(Edge.objects.filter(pending=True).values_list("watch__key", flat=True)) == {"play:low"}


def test_what_happened_before_a_play_is_changed_is_judged_by_the_play_as_it_was(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=5)
    evaluate()
    know(account, active_users_30d=1)
    watch(enter=LOW | {"value": 4}, definition="version 2")
    [edge] = Edge.objects.filter(watch=one)
    assert (edge.cause, edge.definition, edge.pending) == ("data", "version 1", True)


def test_a_changed_stage_does_not_take_for_granted_what_it_has_not_seen(account: Account) -> None:
    def published(threshold: int) -> None:
        enter = {"fact": "features_used_30d", "operator": "greaterThanInclusive", "value": threshold}
        stages = [StageDraft("adopted", "Adopted", "", enter, None, False, enter_after_days=14)]
        publish(key="go_to_market", name="Main", is_primary=True, stages=stages, by=None, at=AT + HOUR)

    published(5)
    know(account, features_used_30d=4)
    evaluate(AT + HOUR)
    published(4)
    account.facts.refresh_from_db()
    assert account.facts.stage is None
    evaluate(AT + HOUR + 13 * DAY)
    account.facts.refresh_from_db()
    assert account.facts.stage is None
    evaluate(AT + HOUR + 14 * DAY)
    account.facts.refresh_from_db()
    assert account.facts.stage == "adopted"
    assert Standing.objects.get(account=account).since
