"""Parents after children: what follows from the accounts below counts within the same pass."""

from typing import Any

import pytest

from accounts.events import services as events
from accounts.facts.lookup import find
from accounts.facts.queries import value_of
from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation import fullpass, passes
from retention.evaluation.models import Edge
from retention.lifecycle.services import StageDraft, publish
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import of, watch

pytestmark = pytest.mark.django_db
CHURNED_BELOW = {"fact": "stages_below", "operator": "contains", "value": "churned"}


@pytest.fixture
def tree(starter: Any) -> list[Account]:
    """A chain of five accounts, the top one first."""
    chain: list[Account] = []
    for number in range(5):
        chain.append(portfolio.create(name=f"Level {number}", parent=chain[-1] if chain else None, by=None, at=AT))
    for account in chain:
        know(account, closed_won_at=AT)
    evaluate()
    return chain


def stages_below(account: Account) -> Any:
    account.refresh_from_db()
    fact = find("stages_below")
    assert fact
    return value_of(fact, account.facts, currency="USD")


def test_an_account_knows_the_stages_of_all_accounts_below(tree: list[Account]) -> None:
    assert [stages_below(account) for account in tree] == [["closed_won"]] * 4 + [None]


def test_what_happens_at_the_bottom_is_known_at_the_top_after_few_passes(tree: list[Account]) -> None:
    one = watch("play:below", CHURNED_BELOW)
    know(tree[4], closed_won_at=AT, contract_end_date=(AT - 40 * DAY).date())
    rounds = 0
    while passes.evaluate_dirty(at=AT):
        rounds += 1
    assert rounds <= 4
    assert [stages_below(account) for account in tree[:4]] == [["churned", "closed_won"]] * 3 + [["churned"]]
    edges = list(Edge.objects.filter(watch=one).order_by("-account"))
    assert [edge.account for edge in edges] == [tree[3], tree[2], tree[1], tree[0]]
    assert of(edges, one) == [("entered", "data")] * 4


def test_no_parent_is_lost_where_a_transaction_ends_early(starter: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(passes, "TURNS", 3)
    parents = [portfolio.create(name=f"Parent {number}", by=None, at=AT) for number in range(12)]
    children = [portfolio.create(name=f"Child of {parent}", parent=parent, by=None, at=AT) for parent in parents]
    one = watch("play:below", CHURNED_BELOW)
    for account in [*parents, *children]:
        know(account, closed_won_at=AT, contract_end_date=(AT - 40 * DAY).date())
    evaluate()
    assert Edge.objects.filter(watch=one, direction="entered").count() == 12
    assert fullpass.run(at=AT).turned == 0


def test_a_changed_rule_below_fires_nothing_above(tree: list[Account]) -> None:
    one = watch("play:below", CHURNED_BELOW)
    everybody = {"fact": "closed_won_at", "operator": "isKnown"}
    stages = [StageDraft("churned", "Churned", "", everybody, None, False)]
    publish(key="go_to_market", name="Go to market", is_primary=True, stages=stages, by=None, at=AT)
    evaluate()
    edges = Edge.objects.filter(watch=one)
    assert edges.count() == 4
    assert {(edge.cause, edge.pending) for edge in edges} == {("definition", False)}


def test_who_is_moved_takes_the_stages_below_along(tree: list[Account]) -> None:
    other = portfolio.create(name="Other group", by=None, at=AT)
    know(other, closed_won_at=AT)
    portfolio.change(tree[4], parent=other, by=None, at=AT)
    events.react(at=now())
    evaluate()
    assert stages_below(tree[3]) is None
    assert stages_below(other) == ["closed_won"]
