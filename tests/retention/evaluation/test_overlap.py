"""Passes and changes of facts at the same time: no edge twice, no state wrong, nothing left undone."""

import random
import threading
from collections import defaultdict
from typing import Any

import pytest

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.foundation.lanes import lane
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency
from retention.conditions.evaluate import compile_closure
from retention.evaluation import baseline, fullpass, passes
from retention.evaluation.known import facts_of
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.queries import moment
from retention.evaluation.rules import rule
from tests.retention.evaluation.facts import AT, know
from tests.retention.evaluation.rules import LOW, watch
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)
RICH = {"fact": "arr", "operator": "greaterThan", "value": 500}
RULES = {
    "low": LOW,
    "rich": RICH,
    "both": {"all": [LOW, RICH]},
    "neither": {"not": {"any": [LOW, RICH]}},
    "known": {"fact": "arr", "operator": "isKnown"},
}
CHANGES = 60


def change(accounts: list[Account], seed: int) -> int:
    """What a fold and a projection do, again and again: facts change, and the account is marked with them."""
    chance = random.Random(seed)
    for _ in range(CHANGES):
        some = chance.sample(accounts, 5)
        with lane("facts"):
            for account in some:
                AccountFacts.objects.filter(pk=account.pk).update(
                    active_users_30d=chance.choice([None, 1, 5]), arr_minor=chance.choice([None, 0, 100_000])
                )
            events.mark([account.pk for account in some], DirtyAccount.Pass.VERDICTS, at=AT)
    return CHANGES


def evaluating(done: threading.Event) -> int:
    """A worker that runs passes until the changes are over and nothing is left."""
    used = 0
    while moved := passes.evaluate_dirty(at=AT) or not done.wait(0.001):
        used += int(moved)
    return used


def test_overlapping_passes_and_changes(starter: Any) -> None:
    accounts = [portfolio.create(name=f"Account {number}", by=None, at=AT) for number in range(30)]
    for account in accounts:
        know(account, active_users_30d=5, arr_minor=0)
    watches = [watch(f"play:{key}", enter) for key, enter in RULES.items()]
    done = threading.Event()

    def folds(seed: int) -> int:
        changed = change(accounts, seed)
        if seed == 1:
            done.set()
        return changed

    def full() -> int:
        return sum(fullpass.run(at=AT).missed.total() for _ in range(5))

    def publishing() -> int:
        for number in range(5):
            watch("play:edited", {"any": [LOW, RICH | {"value": number}]})
        return 5

    calls = [lambda: folds(1), lambda: folds(2), lambda: evaluating(done), lambda: evaluating(done), full, publishing]
    *changed, first, second, missed, _ = at_once(*calls)
    while baseline.advance(at=AT) or passes.evaluate_dirty(at=AT):
        pass
    assert changed == [CHANGES, CHANGES]
    assert first + second > 0
    assert missed == 0, "whatever a full pass found was marked or being looked at"
    assert not DirtyAccount.objects.filter(what="verdicts").exists()
    assert_alternating()
    assert_right([*watches, Watch.objects.get(key="play:edited")], accounts)


def assert_alternating() -> None:
    """Every rule enters and leaves an account in turns, numbered without a gap."""
    found: dict[tuple[int, int], list[Edge]] = defaultdict(list)
    for edge in Edge.objects.order_by("n"):
        found[edge.watch_id, edge.account_id].append(edge)
    assert len(found) > 50
    for edges in found.values():
        assert [edge.n for edge in edges] == list(range(1, len(edges) + 1))
        directions = [edge.direction for edge in edges]
        assert all(one != other for one, other in zip(directions, directions[1:], strict=False))


def assert_right(watches: list[Watch], accounts: list[Account]) -> None:
    """Every state is what memory says of the facts, or held where it cannot tell."""
    known = facts_of([account.pk for account in accounts], {}, currency=base_currency())
    for row in Standing.objects.all():
        for one in watches:
            truth = compile_closure(rule(one).asked.enter)(known[row.pk], moment(AT))
            assert row.is_held(one) is (truth is None)
            assert truth is None or row.is_true(one) is truth
