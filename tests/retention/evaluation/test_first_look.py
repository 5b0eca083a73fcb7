"""The first look of a rule at a large book: in pieces, silent, and right while the world goes on."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from accounts.facts.models import AccountFacts
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from retention.evaluation import baseline, passes, services
from retention.evaluation.models import Edge, Standing, Watch
from retention.evaluation.queries import progress, true_watches
from retention.lifecycle.models import AccountStage, StageChange
from retention.lifecycle.services import StageDraft, publish
from tests.retention.evaluation.facts import AT, DAY, evaluate, know
from tests.retention.evaluation.rules import LOW, of, watch

pytestmark = pytest.mark.django_db
FEW = LOW | {"value": 2}
MANY = LOW | {"value": 100}


@pytest.fixture
def book(starter: Any, monkeypatch: Any) -> list[Account]:
    """Ten accounts with 0 to 9 users; a book of five is large already, and a piece has three."""
    monkeypatch.setattr(baseline, "AT_ONCE", 5)
    monkeypatch.setattr(baseline, "CHUNK", 3)
    accounts = [portfolio.create(name=f"Account {number}", by=None, at=AT) for number in range(10)]
    for number, account in enumerate(accounts):
        know(account, active_users_30d=number)
    evaluate()
    return accounts


def holding(one: Watch, book: list[Account]) -> list[int]:
    found = true_watches([account.pk for account in book], watches=[one])
    return [number for number, account in enumerate(book) if found[account.pk]]


def test_a_large_book_is_prepared_piece_by_piece_and_silently(book: list[Account]) -> None:
    one = watch(enter=MANY)
    assert holding(one, book) == []
    shares = []
    while baseline.advance(at=AT):
        one.refresh_from_db()
        shares.append(progress(one))
    assert holding(one, book) == list(range(10))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(shares) >= 4
    assert not Edge.objects.filter(watch=one).exists()


def test_a_rule_is_not_asked_about_accounts_it_has_not_looked_at(book: list[Account]) -> None:
    one = watch(enter=MANY)
    baseline.advance(at=AT)
    know(book[1], active_users_30d=1000)
    know(book[8], active_users_30d=8)
    passes.evaluate_dirty(at=AT)
    assert of(list(Edge.objects.all()), one) == [("left", "data")], "the first is ready, the other is not"
    evaluate()
    assert holding(one, book) == [number for number in range(10) if number != 1]
    assert of(list(Edge.objects.all()), one) == [("left", "data")]


def test_an_account_that_comes_meanwhile_starts_from_false(book: list[Account]) -> None:
    one = watch(enter=MANY)
    newcomer = portfolio.create(name="Contoso", by=None, at=AT)
    know(newcomer, active_users_30d=1)
    passes.evaluate_dirty(at=AT)
    assert of(list(Edge.objects.filter(account=newcomer)), one) == [("entered", "data")]
    evaluate()
    assert Edge.objects.filter(watch=one).count() == 1


def test_a_changed_rule_says_whom_it_moved(book: list[Account]) -> None:
    one = watch(enter=FEW)
    evaluate()
    watch(enter=LOW | {"value": 5}, definition="version 2")
    evaluate()
    assert holding(one, book) == [0, 1, 2, 3, 4]
    edges = Edge.objects.filter(watch=one)
    assert {(edge.direction, edge.cause, edge.pending, edge.definition) for edge in edges} == {
        ("entered", "definition", False, "version 2")
    }
    assert edges.count() == 3


def test_a_held_comparison_is_prepared_before_the_rule_that_looks_at_it(book: list[Account]) -> None:
    one = watch(enter={"all": [FEW | {"heldFor": {"days": 5}}]}, enter_after_days=3)
    evaluate()
    assert holding(one, book) == [0, 1]
    assert evaluate(AT + 30 * DAY) == []


def test_stages_settle_when_their_rules_are_ready(book: list[Account]) -> None:
    stages = [StageDraft("few", "Few", "", FEW, None, False), StageDraft("many", "Many", "", MANY, None, False)]
    publish(key="go_to_market", name="Main", is_primary=True, stages=stages[::-1], by=None, at=AT)
    evaluate()
    found = AccountStage.objects.order_by("account").values_list("stage__key", flat=True)
    assert list(found) == ["few", "few", *["many"] * 8]
    assert set(StageChange.objects.values_list("cause", flat=True)) == {"definition"}
    assert AccountFacts.objects.filter(stage="many").count() == 8
    publish(key="go_to_market", name="Main", is_primary=True, stages=stages, by=None, at=AT)
    evaluate()
    assert set(AccountStage.objects.values_list("stage__key", flat=True)) == {"many"}, "the order alone changed"


def test_a_stopped_rule_gives_its_slot_back_once_no_account_mentions_it(book: list[Account]) -> None:
    one = watch(enter=MANY)
    evaluate()
    slot = one.slot
    services.unwatch(key="play:low", by=None, at=AT)
    other = watch("play:other", FEW)
    assert other.slot != slot
    evaluate()
    one.refresh_from_db()
    assert one.slot is None
    assert not any(row.is_true(Watch(slot=slot)) for row in Standing.objects.all())
    assert watch("play:third", FEW).slot == slot


def test_rules_beyond_what_can_be_watched_are_refused(book: list[Account], monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "CAPACITY", Watch.objects.count() + 1)
    watch("play:last")
    with pytest.raises(ValidationError, match="rules are watched already"):
        watch("play:one-more")
    assert not Watch.objects.filter(key="play:one-more").exists()
