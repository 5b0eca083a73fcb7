"""The order of rules: what reads comes after what decides; a ring is refused, a chase is stopped and told."""

from collections.abc import Collection, Sequence
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.facts import services as facts
from accounts.facts.models import AccountFacts
from accounts.facts.services import FactDraft
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation import passes, services
from retention.evaluation.models import Edge, Incident, Standing, Watch
from retention.evaluation.registry import Outcome, outcomes
from retention.evaluation.rules import rules
from retention.evaluation.services import WatchDraft
from retention.evaluation.strata import Cycle, strata
from retention.lifecycle.services import StageDraft, publish
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import LOW, QUIET, of, watch

pytestmark = pytest.mark.django_db


def asks(fact: str, value: Any = "low", operator: str = "equal") -> dict[str, Any]:
    return {"fact": fact, "operator": operator, "value": value}


@pytest.fixture
def account(starter: Any) -> Account:
    for key in ("size", "hazard", "tier"):
        facts.define(FactDraft(key, key.capitalize(), "text", "Decided by rules of this test."), by=None, at=AT)
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


@pytest.fixture
def deciding(monkeypatch: Any) -> None:
    """A reader whose rules `decide:<fact>:<value>` give the account that value while they are true."""

    def follow(edges: Sequence[Edge], at: Any) -> set[int]:
        for edge in edges:
            _, fact, value = edge.watch.key.split(":")
            known = AccountFacts.objects.get(account=edge.account_id)
            known.custom[fact] = value if edge.direction == "entered" else None
            known.save()
        return set()

    def settle(watches: Sequence[Watch], account_ids: Collection[int], at: Any) -> set[int]:
        return set()

    monkeypatch.setitem(outcomes._entries, "decider", Outcome(follow, settle))


def decides(fact: str, enter: Any, value: str = "low") -> WatchDraft:
    return WatchDraft(f"decide:{fact}:{value}", "decider", "version 1", enter, decides=fact)


def layers() -> list[set[str]]:
    ready, _ = rules(Watch.objects.filter(active=True, reader__in=["decider", "plays"]))
    return [{one.watch.key for one in layer} for layer in strata(ready)]


def test_a_rule_comes_after_those_that_decide_what_it_reads(account: Account) -> None:
    drafts = [decides("tier", asks("hazard")), decides("hazard", asks("size")), decides("size", LOW)]
    services.watch(drafts, by=None, at=AT)
    watch("play:tier", asks("tier"))
    watch("play:plain", LOW)
    assert layers() == [{"decide:size:low", "play:plain"}, {"decide:hazard:low"}, {"decide:tier:low"}, {"play:tier"}]


def test_a_duration_begins_before_rules_that_come_later_are_asked(account: Account, deciding: None) -> None:
    services.watch([decides("hazard", QUIET)], by=None, at=AT)
    watch("play:hazard", asks("hazard"))
    watch("play:held", {**LOW, "heldFor": {"days": 5}})
    know(account, active_users_30d=9, last_active_at=AT)
    evaluate(AT)
    assert Standing.objects.get().wake_at == AT + 14 * DAY
    know(account, active_users_30d=1)
    evaluate(AT + DAY)
    assert Standing.objects.get().wake_at == AT + 6 * DAY


def test_what_is_decided_counts_within_the_same_pass(account: Account, deciding: None) -> None:
    services.watch([decides("hazard", asks("size")), decides("size", LOW)], by=None, at=AT)
    one = watch("play:hazard", asks("hazard"))
    know(account, active_users_30d=1)
    assert passes.evaluate_dirty(at=AT) == 1
    assert of(list(Edge.objects.all()), one) == [("entered", "data")]


def test_only_accounts_for_which_an_earlier_rule_turned_are_asked_again(
    account: Account, deciding: None, monkeypatch: Any
) -> None:
    services.watch([decides("size", LOW)], by=None, at=AT)
    tier = watch("play:tier", asks("size"))
    many = {"fact": "active_users_30d", "operator": "greaterThan", "value": 50}
    busy = watch("play:busy", {"any": [many, asks("size", "big")]})
    others = [portfolio.create(name=f"Other {number}", by=None, at=AT) for number in range(3)]
    for one in (account, *others):
        know(one, active_users_30d=9)
    evaluate()
    know(account, active_users_30d=1)
    for one in others:
        know(one, active_users_30d=99)
    asked: list[list[int]] = []

    def scanned(strata: Any, ids: Sequence[int], plan: Any) -> Any:
        asked.append(list(ids))
        return scan(strata, ids, plan)

    scan = passes._scanned
    monkeypatch.setattr(passes, "_scanned", scanned)
    edges = evaluate()
    assert asked == [[account.pk, *(one.pk for one in others)], [account.pk]]
    found = {(edge.account_id, edge.watch_id) for edge in edges if edge.watch.reader == "plays"}
    assert found == {(account.pk, tier.pk), *((one.pk, busy.pk) for one in others)}


def test_rules_that_wait_for_each_other_are_refused_with_their_ring(account: Account) -> None:
    services.watch([decides("size", asks("hazard"))], by=None, at=AT)
    with pytest.raises(ValidationError, match="hazard → size → hazard|size → hazard → size"):
        services.watch([decides("hazard", {"any": [LOW, {"not": asks("size")}]})], by=None, at=AT)
    assert not Watch.objects.filter(key="decide:hazard:low").exists()


def test_a_rule_about_its_own_fact_is_a_ring_of_one(account: Account) -> None:
    with pytest.raises(ValidationError, match="size → size"):
        services.watch([decides("size", asks("size"))], by=None, at=AT)


def test_a_cycle_names_its_facts() -> None:
    assert Cycle(["a", "b", "a"]).path == ["a", "b", "a"]


def stage(key: str, enter: Any) -> StageDraft:
    return StageDraft(key, key.capitalize(), "", enter, None, False)


def test_stages_that_chase_each_other_are_stopped_and_told(account: Account) -> None:
    stages = [
        stage("calm", {"fact": "active_users_30d", "operator": "isKnown"}),
        stage("alarm", {"all": [LOW, asks("stage", "alarm", "notEqual")]}),
    ]
    know(account, active_users_30d=5)
    evaluate()
    publish(key="go_to_market", name="Main", is_primary=True, stages=stages, by=None, at=AT)
    evaluate()
    know(account, active_users_30d=1)
    for _ in range(20):
        if not passes.evaluate_dirty(at=AT):
            break
    else:
        pytest.fail("the pass does not come to rest")
    [incident] = Incident.objects.all()
    assert (incident.kind, incident.closed_at) == ("rounds", None)
    assert "Northwind Traders: " in incident.details[0]
    assert "stage:go_to_market:alarm" in incident.details[0]


def statements(count: int) -> int:
    """How many statements a pass over ten accounts needs with this many more rules."""
    for number in range(count):
        watch(f"play:{count}-{number}", {"any": [LOW | {"value": number - 100}, asks("stage", "nowhere")]})
    for one in Account.objects.all():
        know(one, active_users_30d=5)
    with CaptureQueriesContext(connection) as queries:
        passes.evaluate_dirty(at=AT)
    return len(queries)


def test_fifty_rules_cost_the_statements_of_one(account: Account) -> None:
    for number in range(9):
        portfolio.create(name=f"Account {number}", by=None, at=AT)
    evaluate()
    statements(2)
    few = statements(1)
    assert statements(50) == few <= 14
