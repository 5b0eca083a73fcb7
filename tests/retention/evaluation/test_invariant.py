"""Incremental at T equals a full pass with as_of T: after random changes of facts and random passage of time.

The reference is a few lines of plain Python that ask every rule about every account at every moment.
"""

import datetime as dt
import random
from typing import Any

import pytest

from accounts.facts import services as facts
from accounts.facts.services import FactDraft
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import Held, Not, hold_key
from retention.evaluation import fullpass
from retention.evaluation.known import facts_of
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.queries import moment
from retention.evaluation.rules import Rule, rule
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import HIGH, LOW, QUIET, SOON, watch

pytestmark = pytest.mark.django_db

DROP = {"fact": "active_users_change_30d", "operator": "lessThan", "value": -0.3}
RENEWED = {"fact": "renewed_at", "operator": "withinLast", "value": {"days": 2.5}}
STEPS = {"fact": "seat_steps", "operator": "contains", "value": 2}
LARGE = {"fact": "arr", "operator": "greaterThanInclusive", "value": 1000.5}
RULES: dict[str, dict[str, Any]] = {
    "low": {"enter": LOW},
    "flip": {"enter": LOW, "leave": HIGH},
    "soon": {"enter": SOON},
    "quiet": {"enter": {"any": [QUIET, {"not": SOON}]}},
    "drop": {"enter": {"all": [DROP, {"not": QUIET}]}},
    "held": {"enter": {"all": [LOW | {"heldFor": {"days": 2}}, {"fact": "arr", "operator": "isKnown"}]}},
    "dwell": {"enter": {"any": [LOW, DROP]}, "enter_after_days": 3},
    "slow": {"enter": DROP, "enter_after_days": 1, "leave": HIGH, "leave_after_days": 2},
    "custom": {"enter": {"any": [RENEWED, {"all": [STEPS, {"not": LARGE}]}]}},
    "unheard": {
        "enter": {"not": {"any": [RENEWED | {"heldFor": {"days": 1}}, {"fact": "arr", "operator": "isUnknown"}]}}
    },
    "stays": {"enter": LOW, "leave": {"fact": "arr", "operator": "isKnown"}, "stays_while_true": True},
    "past": {"enter": {"fact": "contract_end_date", "operator": "moreThanAgo", "value": {"days": 3}}},
    "ahead": {"enter": {"fact": "renewed_at", "operator": "moreThanAhead", "value": {"days": 1}}},
}


class Reference:
    """What a full pass at every moment would know."""

    def __init__(self, watches: list[Watch]) -> None:
        self.rules = [rule(watch) for watch in watches]
        self.true: set[tuple[int, int]] = set()
        self.since: dict[tuple[int, str], dt.datetime] = {}
        self.edges: list[tuple[int, str, str]] = []

    def look(self, known: dict[int, dict[str, Any]], at: dt.datetime) -> None:
        for account_id, values in known.items():
            remembered = {key: since for (pk, key), since in self.since.items() if pk == account_id}
            for one in self.rules:
                self._ask(one, account_id, values | remembered, at)
            self._remember(account_id, values | remembered, at)

    def _ask(self, one: Rule, account_id: int, values: dict[str, Any], at: dt.datetime) -> None:
        here = (account_id, one.watch.pk)
        leaves = compile_closure(one.asked.leave or Not(one.asked.enter))(values, moment(at))
        enters = compile_closure(one.asked.enter)(values, moment(at)) is True
        if leaves if here in self.true else enters and leaves is False:
            self.true ^= {here}
            self.edges.append((account_id, one.watch.key, "entered" if here in self.true else "left"))

    def _remember(self, account_id: int, values: dict[str, Any], at: dt.datetime) -> None:
        for held in {
            hold_key(held.node): held for one in self.rules for some in one.asked.holds.values() for held in some
        }.values():
            self._hold(held, account_id, values, at)

    def _hold(self, held: Held, account_id: int, values: dict[str, Any], at: dt.datetime) -> None:
        truth, here = compile_closure(held.node)(values, moment(at)), (account_id, hold_key(held.node))
        if truth is True:
            self.since.setdefault(here, at)
        elif truth is False:
            self.since.pop(here, None)


@pytest.fixture
def book(starter: Any) -> list[Account]:
    for key, kind in (("renewed_at", "instant"), ("seat_steps", "number_list")):
        facts.define(FactDraft(key, key, kind, "For this test."), by=None, at=AT)
    return [portfolio.create(name=f"Account {number}", by=None, at=AT) for number in range(25)]


def change(account: Account, chance: random.Random, at: dt.datetime) -> None:
    """New values for some of the facts, also unknown ones and such that are malformed."""
    days, custom = dt.timedelta(days=chance.uniform(-20, 8)), {}
    if chance.random() < 0.7:
        custom["renewed_at"] = chance.choice([int((at + days).timestamp() * 1e6), "soon", None, 1e300])
    if chance.random() < 0.7:
        custom["seat_steps"] = chance.choice([[1, 2], [], ["2"], 2, {"2": 2}])
    know(
        account,
        active_users_30d=chance.choice([None, 0, 2, 3, 5, 11]),
        active_users_change_30d=chance.choice([None, -0.5, -0.3, 0.1]),
        last_active_at=chance.choice([None, at + days]),
        arr_minor=chance.choice([None, 0, 100_049, 100_050, 100_051]),
        contract_end_date=chance.choice([None, (at + 3 * days).date()]),
        custom=custom,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_passes_over_what_changed_find_what_a_look_at_everything_finds(book: list[Account], seed: int) -> None:
    watches = [watch(f"play:{key}", **asked) for key, asked in RULES.items()]
    reference, chance, at = Reference(watches), random.Random(seed), AT
    while at < AT + 14 * DAY:
        for account in chance.sample(book, chance.randint(0, 4)):
            change(account, chance, at)
        edges = evaluate(at)
        known = facts_of([account.pk for account in book], {}, currency=base_currency())
        reference.look(known, at)
        found = {(edge.account_id, edge.watch.key, edge.direction) for edge in edges if edge.watch.reader == "plays"}
        assert found == set(reference.edges), at
        assert sum(edge.watch.reader == "plays" for edge in edges) == len(reference.edges)
        assert stored(watches) == reference.true
        reference.edges.clear()
        at += dt.timedelta(hours=chance.choice([0.001, 1, 5, 20, 40]), microseconds=chance.randint(0, 999))
    assert Edge.objects.filter(cause="time").exists()
    assert Edge.objects.filter(cause="data").exists()
    assert fullpass.run(at=at).missed.total() == 0


def stored(watches: list[Watch]) -> set[tuple[int, int]]:
    return {(row.pk, one.pk) for row in Standing.objects.all() for one in watches if row.is_true(one)}
