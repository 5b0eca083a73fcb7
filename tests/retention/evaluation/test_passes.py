"""The pass: when a verdict turns, what is held while nobody knows, and what is silent."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events.models import DirtyAccount
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.workspace import services as workspace
from retention.evaluation import fullpass, passes, plans, services
from retention.evaluation.models import WORD, Edge, Standing, Watch
from retention.evaluation.queries import true_watches
from retention.evaluation.services import WatchDraft
from tests.retention.evaluation.facts import AT, DAY, evaluate, know

LOW = {"fact": "active_users_30d", "operator": "lessThan", "value": 3}
HIGH = {"fact": "active_users_30d", "operator": "greaterThan", "value": 10}

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(db: Any) -> Account:
    """An account in a workspace without any rule but those of the test."""
    workspace.found(company="Anchor Analytics", by=None, at=AT)
    return portfolio.create(name="Northwind Traders", by=None, at=AT)


def watch(key: str = "play:low", enter: Any = LOW, leave: Any = None, definition: str = "version 1") -> Watch:
    [found] = services.watch([WatchDraft(key, "plays", definition, enter, leave)], by=None, at=AT)
    return found


def turns(at: Any = AT) -> list[tuple[str, str, int]]:
    return [(edge.watch.key, edge.direction, edge.n) for edge in evaluate(at) if edge.watch.reader == "plays"]


def is_true(one: Watch, account: Account) -> bool:
    return one.pk in true_watches([account.pk], watches=[one])[account.pk]


def is_held(one: Watch, account: Account) -> bool:
    return Standing.objects.get(account=account).is_held(one)


def test_becoming_true_and_becoming_false_are_edges_and_they_are_numbered(account: Account) -> None:
    watch()
    for users, expected in ((5, []), (2, ["entered"]), (1, []), (8, ["left"]), (0, ["entered"])):
        know(account, active_users_30d=users)
        assert [direction for _, direction, _ in turns()] == expected
    assert list(Edge.objects.order_by("id").values_list("n", flat=True)) == [1, 2, 3]


def test_an_edge_says_when_why_and_what_was_seen(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=2)
    [edge] = [edge for edge in evaluate(AT) if edge.watch == one]
    assert (edge.at, edge.cause, edge.definition, edge.pending) == (AT, "data", "version 1", True)
    assert edge.clauses == [LOW | {"observed": 2, "truth": True}]


def test_unknown_holds_the_state_and_its_end_wakes_nobody(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=2)
    evaluate()
    know(account, active_users_30d=None)
    assert turns() == []
    assert is_true(one, account)
    assert is_held(one, account)
    know(account, active_users_30d=1)
    assert turns() == []
    assert not is_held(one, account)


def test_what_changed_during_the_silence_is_an_edge_after_it(account: Account) -> None:
    watch()
    know(account, active_users_30d=2)
    evaluate()
    know(account, active_users_30d=None)
    evaluate()
    know(account, active_users_30d=7)
    assert turns() == [("play:low", "left", 2)]


def test_between_two_thresholds_nothing_moves(account: Account) -> None:
    watch(enter=LOW, leave=HIGH)
    seen = []
    for users in (5, 2, 5, 11, 5, 2):
        know(account, active_users_30d=users)
        seen += [direction for _, direction, _ in turns()]
    assert seen == ["entered", "left", "entered"]


def test_a_new_account_starts_as_false(account: Account) -> None:
    one = watch()
    newcomer = portfolio.create(name="Contoso", by=None, at=AT)
    know(newcomer, active_users_30d=None)
    assert turns() == []
    assert not is_true(one, newcomer)
    know(newcomer, active_users_30d=1)
    assert turns() == [("play:low", "entered", 1)]


def test_a_new_watch_starts_from_where_accounts_are(account: Account) -> None:
    know(account, active_users_30d=2)
    evaluate()
    one = watch()
    assert is_true(one, account)
    know(account, active_users_30d=1)
    assert turns() == []
    know(account, active_users_30d=4)
    assert turns() == [("play:low", "left", 1)]


def test_an_edited_condition_moves_silently(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=5)
    evaluate()
    watch(enter=LOW | {"value": 6}, definition="version 2")
    assert is_true(one, account)
    know(account, active_users_30d=5)
    assert turns() == []
    watch(enter=LOW | {"value": 4}, definition="version 3")
    assert not is_true(one, account)
    edges = Edge.objects.filter(watch=one).order_by("n")
    assert [(edge.n, edge.direction, edge.cause) for edge in edges] == [
        (1, "entered", "definition"),
        (2, "left", "definition"),
    ]
    assert not edges.filter(pending=True).exists(), "nobody fires because a rule was changed"
    assert [edge.clauses[0]["value"] for edge in edges] == [6, 4]


def test_an_edit_while_nobody_knows_keeps_what_was_known(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=2)
    evaluate()
    know(account, active_users_30d=None)
    watch(enter=LOW | {"value": 4})
    assert is_true(one, account)
    assert is_held(one, account)
    know(account, active_users_30d=2)
    assert turns() == []


def test_watching_again_starts_anew(account: Account) -> None:
    one = watch(enter=LOW, leave=HIGH)
    know(account, active_users_30d=2)
    evaluate()
    services.unwatch(key="play:low", by=None, at=AT)
    know(account, active_users_30d=5)
    assert turns() == []
    watch(enter=LOW, leave=HIGH)
    assert not is_true(one, account)
    know(account, active_users_30d=1)
    assert turns() == [("play:low", "entered", 2)]


def test_what_only_names_another_version_leaves_the_state_alone(account: Account) -> None:
    one = watch(enter=LOW, leave=HIGH)
    know(account, active_users_30d=2)
    evaluate()
    know(account, active_users_30d=5)
    watch(enter=LOW, leave=HIGH, definition="version 2")
    one.refresh_from_db()
    assert (one.definition, is_true(one, account)) == ("version 2", True)


def test_a_slot_is_used_again_once_nothing_mentions_it(account: Account) -> None:
    first = watch("play:a")
    know(account, active_users_30d=1)
    evaluate()
    services.unwatch(key="play:a", by=None, at=AT)
    second = watch("play:b", HIGH)
    assert second.slot == first.slot
    assert not is_true(second, account)
    assert watch("play:a").slot != second.slot


def test_more_comparisons_than_a_statement_holds(account: Account, monkeypatch: Any) -> None:
    monkeypatch.setattr(plans, "LARGEST", 3)
    watches = [
        watch(f"play:{number}", {"all": [LOW | {"value": number}, {"not": HIGH}]}, definition=f"version {number}")
        for number in range(9)
    ]
    for users in (4, 7, 4):
        know(account, active_users_30d=users)
        evaluate()
        assert [is_true(one, account) for one in watches] == [users < number for number in range(9)]
    assert fullpass.run(at=AT).turned == 0


def test_a_rule_neither_enters_nor_leaves_while_it_may_have_to_leave(account: Account) -> None:
    one = watch(enter=LOW, leave={"fact": "arr", "operator": "greaterThan", "value": 0})
    know(account, active_users_30d=1)
    assert turns() == []
    assert is_held(one, account)
    know(account, arr_minor=0)
    assert turns() == [("play:low", "entered", 1)]
    know(account, arr_minor=None)
    assert turns() == []
    know(account, arr_minor=5)
    assert turns() == [("play:low", "left", 2)]


def test_more_watches_than_bits_in_a_word(account: Account) -> None:
    watches = [watch(f"play:{number}", LOW | {"value": number}) for number in range(130)]
    know(account, active_users_30d=64)
    evaluate()
    assert watches[-1].slot >= 2 * WORD
    assert sum(is_true(one, account) for one in watches) == 130 - 65
    know(account, active_users_30d=129)
    assert len(turns()) == 65
    assert Edge.objects.filter(direction="left").count() == 65


def test_a_condition_on_time_turns_when_time_passes(account: Account) -> None:
    soon = {"fact": "contract_end_date", "operator": "withinNext", "value": {"days": 30}}
    watch("play:soon", soon)
    know(account, contract_end_date=(AT + 31 * DAY).date())
    assert turns() == []
    know(account)
    assert turns(AT + DAY) == [("play:soon", "entered", 1)]


def test_a_full_pass_finds_what_no_mark_told_of(account: Account) -> None:
    one = watch()
    know(account, active_users_30d=2)
    DirtyAccount.objects.all().delete()
    assert evaluate() == []
    report = fullpass.run(at=AT)
    assert (report.accounts, report.turned, dict(report.missed)) == (1, 1, {"play:low": 1})
    [edge] = Edge.objects.filter(watch=one)
    assert (edge.direction, edge.cause) == ("entered", "correction")
    assert fullpass.run(at=AT).turned == 0
    assert Edge.objects.filter(watch=one).count() == 1


def test_differences_are_what_a_full_pass_would_write_and_write_nothing(account: Account) -> None:
    soon = {"fact": "contract_end_date", "operator": "withinNext", "value": {"days": 30}}
    one = watch("play:soon", soon)
    know(account, contract_end_date=(AT + 40 * DAY).date())
    evaluate()
    before = list(Standing.objects.values_list("true_0", "held_0", "wake_on", "changed_at"))
    assert [edges for _, edges in fullpass.differences(at=AT) if edges[0].watch == one] == []
    [(found, edges)] = fullpass.differences(at=AT + 20 * DAY)
    assert found == account
    assert "play:soon" in {edge.watch.key for edge in edges}
    assert not Edge.objects.filter(watch=one).exists()
    assert list(Standing.objects.values_list("true_0", "held_0", "wake_on", "changed_at")) == before


def test_a_pass_costs_as_many_queries_for_ten_accounts_as_for_a_hundred(starter: Any) -> None:
    watch()
    costs = []
    for count in (10, 100):
        for number in range(count):
            know(portfolio.create(name=f"Account {number}", by=None, at=AT), active_users_30d=number % 6)
        with CaptureQueriesContext(connection) as queries:
            passes.evaluate_dirty(at=AT)
        costs.append(sum("INSERT INTO" not in query["sql"] for query in queries))  # many rows take several of those
    assert costs[1] <= costs[0]
