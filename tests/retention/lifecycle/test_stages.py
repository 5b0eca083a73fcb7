"""Stages: accounts follow the criteria, with their hysteresis, and a new version moves nobody loudly."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts.models import AccountFacts
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from retention.evaluation import passes
from retention.lifecycle import queries
from retention.lifecycle.models import AccountStage, LifecycleVersion, StageChange
from retention.lifecycle.services import StageDraft, publish
from tests.retention.evaluation.facts import AT, DAY, evaluate, know

pytestmark = pytest.mark.django_db

WON = {"fact": "closed_won_at", "operator": "isKnown"}
FEATURES = {"fact": "features_used_30d", "operator": "greaterThanInclusive", "value": 3}
FEW = {"fact": "features_used_30d", "operator": "lessThan", "value": 2}
ENDING = {"fact": "contract_end_date", "operator": "withinNext", "value": {"days": 120}}
FAR = (AT + 300 * DAY).date()


def stage(key: str, enter: Any, *, leave: Any = None, is_passing: bool = False) -> StageDraft:
    return StageDraft(key, key.capitalize(), "", enter, leave, is_passing)


STAGES = [stage("won", WON), stage("adopted", FEATURES, leave=FEW), stage("renewal", ENDING, is_passing=True)]


def published(stages: list[StageDraft], at: dt.datetime = AT) -> LifecycleVersion:
    return publish(key="main", name="Main", is_primary=True, stages=stages, by=None, at=at)


@pytest.fixture
def account(db: Any) -> Account:
    published(STAGES)
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def told(account: Account) -> list[str]:
    events = AccountEvent.objects.filter(account=account, kind="stage.changed").order_by("id")
    return [event.data["to"] for event in events]


def place(account: Account) -> tuple[str | None, str | None]:
    """The stage the account is in and the one it has reached; and the fact says the same."""
    row = AccountStage.objects.select_related("stage", "reached").get(account=account)
    found = row.stage.key if row.stage else None
    assert AccountFacts.objects.get(account=account).stage == found
    return found, row.reached.key if row.reached else None


def test_an_account_is_in_the_last_stage_whose_criteria_hold(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=1, contract_end_date=FAR)
    evaluate()
    assert place(account) == ("won", "won")
    know(account, features_used_30d=4)
    evaluate()
    assert place(account) == ("adopted", "adopted")
    assert told(account) == ["Won", "Adopted"]


def test_it_leaves_a_stage_only_when_the_exit_criteria_hold(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=3)
    evaluate()
    know(account, features_used_30d=2)
    evaluate()
    assert place(account) == ("adopted", "adopted")
    know(account, features_used_30d=1)
    evaluate()
    assert place(account) == ("won", "won")


def test_while_facts_are_unknown_the_stage_stays(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=3)
    evaluate()
    know(account, features_used_30d=None, closed_won_at=AT)
    evaluate()
    assert place(account) == ("adopted", "adopted")
    know(account, features_used_30d=3)
    evaluate()
    assert told(account) == ["Adopted"]


def test_a_passing_stage_keeps_the_one_that_was_reached(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=3, contract_end_date=(AT + 100 * DAY).date())
    evaluate()
    assert place(account) == ("renewal", "adopted")
    know(account, contract_end_date=FAR)
    evaluate()
    assert place(account) == ("adopted", "adopted")


def test_a_stage_that_is_reached_while_another_passes_is_noted(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=1, contract_end_date=(AT + 100 * DAY).date())
    evaluate()
    assert place(account) == ("renewal", "won")
    know(account, features_used_30d=3)
    evaluate()
    assert place(account) == ("renewal", "adopted")
    assert told(account) == ["Renewal"]


def test_what_was_reached_is_kept_even_where_its_criteria_end_meanwhile(account: Account) -> None:
    know(account, features_used_30d=3, contract_end_date=(AT + 100 * DAY).date())
    evaluate()
    know(account, features_used_30d=0)
    evaluate()
    assert place(account) == ("renewal", "adopted")


def test_a_stage_is_entered_because_time_passed(account: Account) -> None:
    know(account, closed_won_at=AT, contract_end_date=(AT + 121 * DAY).date())
    evaluate()
    assert place(account)[0] == "won"
    know(account)
    evaluate(AT + DAY)
    assert place(account) == ("renewal", "won")


def test_without_any_stage_there_is_none(account: Account) -> None:
    know(account, features_used_30d=3)
    evaluate()
    know(account, features_used_30d=0)
    evaluate()
    assert place(account) == (None, None)
    [_, left] = AccountEvent.objects.filter(account=account, kind="stage.changed").order_by("id")
    assert (left.data["from"], left.data["to"]) == ("Adopted", "")


def test_the_evidence_is_that_of_the_stage_entered(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=5)
    evaluate()
    change = StageChange.objects.get(account=account)
    assert change.edge is not None
    assert change.edge.watch.key == "stage:main:adopted"
    assert [clause["fact"] for clause in queries.position(account).evidence] == ["features_used_30d"]


def test_the_evidence_is_that_of_the_stage_entered_whatever_the_order_of_the_watches(account: Account) -> None:
    published([stage("fresh", FEATURES), *STAGES[:1], stage("adopted", FEATURES)])
    know(account, closed_won_at=AT, features_used_30d=5)
    evaluate()
    assert StageChange.objects.get(account=account).edge.watch.key == "stage:main:adopted"  # type: ignore[union-attr]


def test_a_new_version_places_accounts_silently(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=3)
    evaluate()
    later = AT + DAY
    version = published([STAGES[0], stage("adopted", FEATURES | {"value": 10}), STAGES[2]], at=later)
    assert version.number == 2
    assert place(account) == ("won", "won")
    change = StageChange.objects.filter(account=account).latest("id")
    assert (change.cause, change.at, change.edge) == ("definition", later, None)
    assert told(account) == ["Adopted"]
    assert evaluate(later) == []


def test_the_same_stages_again_are_the_same_version(account: Account) -> None:
    assert published(STAGES).number == 1


def test_a_stage_that_is_gone_holds_nobody(account: Account) -> None:
    know(account, closed_won_at=AT, features_used_30d=3)
    evaluate()
    published(STAGES[:1])
    assert place(account) == ("won", "won")
    know(account, features_used_30d=9)
    assert evaluate() == []


def test_the_stage_can_be_asked_for_in_the_next_round(account: Account) -> None:
    star = stage("star", {"all": [{"fact": "stage", "operator": "equal", "value": "adopted"}, WON]})
    published([*STAGES[:1], star, STAGES[1]])
    know(account, closed_won_at=AT, features_used_30d=3)
    keys = [edge.watch.key for edge in evaluate()]
    assert keys == ["stage:main:won", "stage:main:adopted", "stage:main:star"]


def test_moving_sixty_accounts_costs_the_queries_of_moving_ten(db: Any) -> None:
    published(STAGES)
    costs = []
    for count in (10, 10, 60):
        for number in range(count):
            know(portfolio.create(name=f"Account {number}", by=None, at=AT), closed_won_at=AT, features_used_30d=4)
        with CaptureQueriesContext(connection) as queries:
            passes.evaluate_dirty(at=AT)
        evaluate()
        costs.append(len(queries))
    assert AccountStage.objects.filter(stage__key="adopted").count() == 80
    assert AccountEvent.objects.filter(kind="stage.changed").count() == 80
    assert costs[2] <= costs[1] + 2, "batches of rows, not rows"
