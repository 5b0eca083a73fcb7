"""Each account is in one segment of each dimension, at all times, and every move is kept with its evidence."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.facts.queries import value_of
from accounts.facts.services import FactDraft, define, set_custom
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, AccountEvent
from retention.evaluation import fullpass, passes
from retention.segments.drafts import drafts_of
from retention.segments.models import AccountSegment, Dimension, SegmentChange
from retention.segments.queries import latest_changes, membership
from retention.segments.services import MustBeConfirmed
from tests.factories.retention import AccountSegmentFactory
from tests.retention.evaluation.facts import evaluate, know
from tests.retention.segments.book import (
    AT,
    DAY,
    SIZE,
    at_least,
    below,
    catch_up,
    equal,
    published,
    segment,
    segment_of,
    sign,
)

pytestmark = pytest.mark.django_db
SOON = dt.timedelta(seconds=1)


def account(name: str = "Fabrikam", **values: Any) -> Account:
    return portfolio.create(name=name, by=None, at=AT, **values)


def fact(one: Account, key: str = "size") -> Any:
    return value_of(catalogue()[key], AccountFacts.objects.get(account=one), currency="USD")


def test_the_first_segment_whose_condition_is_true_takes_the_account(db: None) -> None:
    published(SIZE)
    assert segment_of(account(employees=700), "size") == "large"
    assert segment_of(account(employees=60), "size") == "middle"


def test_what_nobody_can_tell_is_a_segment_and_an_unknown_fact(db: None) -> None:
    published(SIZE)
    one = account()
    assert segment_of(one, "size") == "unknown"
    assert fact(one) is None
    portfolio.change(one, by=None, at=AT, employees=60)
    assert segment_of(one, "size") == "middle"
    assert fact(one) == "middle"


def test_the_segment_stays_while_its_facts_are_unknown(db: None) -> None:
    published(SIZE)
    one = account(employees=60)
    catch_up()
    portfolio.change(one, by=None, at=AT, employees=None)
    assert segment_of(one, "size") == "middle"
    assert fact(one) == "middle"


def test_a_later_segment_waits_until_the_earlier_ones_can_be_answered(db: None) -> None:
    published([segment("rich", at_least("arr", 100)), segment("big", at_least("employees", 50)), segment("rest")])
    one = account(employees=60)
    assert segment_of(one, "size") == "rest", "it may be rich"
    know(one, arr_minor=0, employees=60)
    evaluate()
    assert AccountSegment.objects.get(account=one).segment.key == "big"


def test_an_account_that_exists_is_placed_silently(db: None) -> None:
    one = account(employees=60)
    catch_up()
    published(SIZE)
    assert AccountSegment.objects.get(account=one).segment.key == "middle"
    assert [change.cause for change in SegmentChange.objects.all()] == ["definition"]
    assert not AccountEvent.objects.filter(kind="segment.changed").exists()


def test_a_move_keeps_its_evidence_and_is_told(db: None) -> None:
    published(SIZE)
    one = account(employees=60)
    catch_up()
    portfolio.change(one, by=None, at=AT, employees=600)
    catch_up(AT + DAY)
    [change] = latest_changes(one).values()
    assert change.edge is not None
    assert change.from_segment is not None
    assert (change.from_segment.key, change.to_segment.key, change.at) == ("middle", "large", AT + DAY)
    assert [clause["observed"] for clause in change.edge.clauses] == [600]
    [event] = AccountEvent.objects.filter(kind="segment.changed")
    assert event.data == {"dimension": "Size", "from": "Middle", "to": "Large"}


def test_a_dimension_reads_another_one_in_the_same_pass(db: None) -> None:
    published(SIZE)
    published(
        [segment("owned", equal("size", "large")), segment("pooled", equal("size", "middle")), segment("x")], "tier"
    )
    one = account(employees=60)
    catch_up()
    assert segment_of(one, "tier") == "pooled"
    portfolio.change(one, by=None, at=AT, employees=600)
    assert segment_of(one, "tier") == "owned"
    rounds = SegmentChange.objects.filter(account=one, dimension__key="tier").order_by("id")
    assert [change.to_segment.key for change in rounds] == ["pooled", "owned"], "no stop in between"


def test_a_changed_dimension_moves_those_that_read_it_silently(db: None) -> None:
    published(SIZE)
    published([segment("owned", equal("size", "large")), segment("rest")], "tier")
    one = account(employees=60)
    assert segment_of(one, "tier") == "rest"
    published([segment("large", at_least("employees", 55)), *SIZE[1:]], at=AT + DAY)
    assert segment_of(one, "tier", AT + DAY) == "owned"
    change = SegmentChange.objects.filter(account=one, dimension__key="tier").latest("id")
    assert change.cause == "definition"
    assert not AccountEvent.objects.filter(kind="segment.changed").exists()


def test_dimensions_that_wait_for_each_other_are_refused(db: None) -> None:
    published(SIZE)
    published([segment("owned", equal("size", "large")), segment("rest")], "tier")
    with pytest.raises(ValidationError, match="decided from each other"):
        published([segment("large", equal("tier", "owned")), *SIZE[1:]])
    assert Dimension.objects.get(key="size").versions.count() == 1


def test_the_same_segments_again_are_the_same_version(db: None) -> None:
    first = published(SIZE)
    assert published(drafts_of(first)) == first


def test_a_segment_that_is_gone_holds_nobody(db: None) -> None:
    published(SIZE)
    one = account(employees=60)
    catch_up()
    published([SIZE[0], segment("small", below("employees", 500)), SIZE[3]])
    assert segment_of(one, "size") == "small"


def test_an_account_cannot_stand_twice_in_a_dimension(db: None) -> None:
    row = AccountSegmentFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccountSegmentFactory(account=row.account, dimension=row.dimension)


def test_the_fact_of_a_dimension_is_nobody_elses_to_set(db: None) -> None:
    published(SIZE)
    one = account(employees=60)
    catch_up()
    with pytest.raises(ValidationError, match="no custom fact size"):
        set_custom(one, {"size": "large"}, source="crm", at=AT)
    with pytest.raises(ValidationError, match="is a dimension of segments"):
        define(FactDraft("size", "Size", "text", "Something."), by=None, at=AT)
    assert fact(one) == "middle"


def test_a_key_that_is_a_fact_already_is_refused(db: None) -> None:
    with pytest.raises(ValidationError, match="Employees is a fact with this key already"):
        published(SIZE, "employees")


def test_who_would_be_nowhere_is_refused_with_an_example(db: None) -> None:
    with pytest.raises(ValidationError, match="An account with Employees unknown belongs nowhere"):
        published(SIZE[:3])
    assert not Dimension.objects.exists()


def test_moving_many_asks_first(db: None) -> None:
    published(SIZE)
    for number in range(4):
        account(f"A{number}", employees=60)
    account("B", employees=600)
    catch_up()
    higher = [segment("large", at_least("employees", 55)), *SIZE[1:]]
    with pytest.raises(MustBeConfirmed) as asked:
        published(higher, confirmed=False)
    assert asked.value.message_dict["confirmed"] == [
        "4 of 5 accounts (80 %) move to another segment.",
        "“Middle” loses all its accounts.",
    ]
    assert Dimension.objects.get().versions.count() == 1
    published(higher)
    assert AccountSegment.objects.filter(segment__key="large").count() == 5


def test_placing_sixty_accounts_costs_the_queries_of_placing_ten(db: None) -> None:
    published(SIZE)
    costs = []
    for count in (10, 10, 60):
        for number in range(count):
            know(account(f"A{number}"), employees=60)
        with CaptureQueriesContext(connection) as queries:
            passes.evaluate_dirty(at=AT)
        evaluate()
        costs.append(len(queries))
    assert AccountSegment.objects.filter(segment__key="middle").count() == 80
    assert costs[2] <= costs[1] + 2, "batches of rows, not rows"


def test_the_rhythm_of_the_segment_says_when_the_next_touch_is_due(db: None) -> None:
    published([segment("large", at_least("employees", 500), check_in_days=14), segment("rest", check_in_days=30)])
    one = account(employees=600)
    catch_up()
    row = AccountFacts.objects.get(account=one)
    assert row.next_touch_due_at is None, "it was never won, and nobody has talked to it"
    sign(one, 1000)
    catch_up()
    assert AccountFacts.objects.get(account=one).next_touch_due_at == AT + 14 * DAY


def test_another_rhythm_counts_for_who_was_looked_at_in_the_same_instant(db: None) -> None:
    def rhythm(days: int | None) -> Any:
        return published([segment("large", at_least("employees", 500), check_in_days=days), segment("rest")])

    rhythm(14)
    one = account(employees=600)
    sign(one, 1000)
    catch_up()
    rhythm(7)
    catch_up(AT + SOON)
    assert AccountFacts.objects.get(account=one).next_touch_due_at == AT + 7 * DAY
    rhythm(None)
    catch_up(AT + 2 * SOON)
    assert AccountFacts.objects.get(account=one).next_touch_due_at is None


STEPS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from([None, 0, 49, 50, 499, 500, 900])), max_size=12)


class AlwaysInOne(TestCase):
    @settings(max_examples=25)
    @given(STEPS)
    def test_each_account_is_in_exactly_one_segment_and_the_record_says_which(self, steps: list[Any]) -> None:
        published(SIZE)
        accounts = [account(f"A{number}") for number in range(4)]
        seen: list[tuple[dt.datetime, dict[int, str]]] = []
        for number, (which, employees) in enumerate([(0, None), *steps]):
            at = AT + number * DAY
            portfolio.change(accounts[which], by=None, at=at, employees=employees)
            catch_up(at)
            rows = AccountSegment.objects.filter(dimension__key="size").values_list("account", "segment__key")
            assert sorted(pk for pk, _ in rows) == sorted(one.pk for one in accounts)
            seen.append((at, dict(rows)))
        dimension = Dimension.objects.get()
        for at, then in seen:
            assert membership(dimension, as_of=at) == then, "as it was, whatever happened later"
        assert fullpass.run(at=seen[-1][0]).missed.total() == 0
