"""When time alone can change a verdict: never between two boundaries, and from the first moment of each."""

import json
import random
from datetime import UTC, date, datetime, timedelta
from itertools import product

import pytest

from retention.conditions.check import parse
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import All, FactType, Held, Leaf, Not, Window, hold_key
from retention.conditions.timing import Boundary, boundaries, next_change

from . import samples
from .catalogue import CATALOGUE, MOMENT, NOW, leaf

DAY, YEAR, TICK = timedelta(days=1), timedelta(days=365), timedelta(microseconds=1)
QUIET = Leaf("seen_at", "moreThanAgo", Window(14), FactType.INSTANT)
OFFSETS = [("withinLast", {0, 7}), ("moreThanAgo", {7}), ("withinNext", {-7, 0}), ("moreThanAhead", {-7})]


@pytest.mark.parametrize(("operator", "offsets"), OFFSETS)
@pytest.mark.parametrize(("fact", "fact_type"), [("seen_at", FactType.INSTANT), ("renewal_date", FactType.DATE)])
def test_a_window_has_boundaries_where_its_ends_pass_the_value(fact, fact_type, operator, offsets):
    condition = parse({"not": leaf(fact, operator, {"days": 7})}, CATALOGUE)
    assert boundaries(condition) == {Boundary(fact, fact_type, days) for days in offsets}


def test_what_must_hold_has_the_boundary_at_which_it_has_held_long_enough():
    held = Held(All((QUIET, Leaf("seats", "lessThan", 5, FactType.INTEGER))), 30)
    assert boundaries(held) == {
        Boundary(hold_key(held.node), FactType.INSTANT, 30),
        Boundary("seen_at", FactType.INSTANT, 14),
    }


def test_other_comparisons_have_no_boundaries():
    compared = [leaf("seen_at", "lessThan", "2026-01-31T09:00:00Z"), leaf("renewal_date", "isKnown")]
    assert boundaries(parse({"all": compared}, CATALOGUE)) == frozenset()


def test_refuses_facts_without_a_type():
    with pytest.raises(ValueError, match="has no type"):
        boundaries(Leaf("seen", "withinLast", Window(7), FactType.UNTYPED))


@pytest.mark.parametrize(("operator", "offset"), [(operator, days) for operator, both in OFFSETS for days in both])
def test_an_instant_boundary_is_the_first_instant_of_the_new_verdict(operator, offset):
    answer = compile_closure(parse(leaf("seen_at", operator, {"days": 7}), CATALOGUE))
    boundary = NOW + offset * DAY
    before, at = (answer({"seen_at": NOW}, Moment(time, time.date())) for time in (boundary - TICK, boundary))
    assert before is not at


@pytest.mark.parametrize(("operator", "offset"), [(operator, days) for operator, both in OFFSETS for days in both])
def test_a_date_boundary_is_the_first_day_of_the_new_verdict(operator, offset):
    answer = compile_closure(parse(leaf("renewal_date", operator, {"days": 7}), CATALOGUE))
    boundary = MOMENT.today + offset * DAY
    before, at = (answer({"renewal_date": MOMENT.today}, Moment(NOW, day)) for day in (boundary - DAY, boundary))
    assert before is not at


def test_finds_the_earliest_boundary_still_ahead():
    condition = parse(
        {
            "any": [
                leaf("seen_at", "withinLast", {"days": 7}),
                leaf("seen_at", "moreThanAgo", {"days": 30}),
                leaf("renewal_date", "withinNext", {"days": 90}),
            ]
        },
        CATALOGUE,
    )
    facts = {"seen_at": NOW - 10 * DAY, "renewal_date": MOMENT.today + 10 * DAY}
    assert next_change(condition, facts, MOMENT) == (NOW + 20 * DAY, MOMENT.today + 10 * DAY)
    assert next_change(condition, {}, MOMENT) == (None, None)


def test_a_boundary_of_this_very_moment_has_passed():
    held = Held(QUIET, 14)
    assert next_change(held, {hold_key(QUIET): NOW - 14 * DAY}, MOMENT) == (None, None)
    assert next_change(held, {hold_key(QUIET): NOW - 14 * DAY + TICK}, MOMENT) == (NOW + TICK, None)


@pytest.mark.parametrize("year", [1, 100, 9000, 9999])
def test_values_at_the_ends_of_the_calendar_have_no_boundaries(year):
    condition = parse(
        {"any": [leaf(fact, "withinNext", {"days": 36500}) for fact in ("seen_at", "renewal_date")]}, CATALOGUE
    )
    facts = {"seen_at": datetime(year, 12, 31, 23, tzinfo=UTC), "renewal_date": date(year, 12, 31)}
    assert next_change(condition, facts, MOMENT) == (None, None)


def between(now, then, chance):
    """Now, the last moment before `then` (within some centuries), and one in between."""
    step = TICK if isinstance(now, datetime) else DAY
    last = min(then or now + 500 * YEAR, now + 500 * YEAR) - step
    return [now, now + chance.randint(0, (last - now) // step) * step, last]


def test_a_verdict_stands_until_the_next_boundary():
    chance = random.Random(20260131)
    rows = [(row, json.loads(row["custom"] or "null")) for row in samples.rows(chance, 60)]
    turned = 0
    for _ in range(600):
        condition, moment = samples.condition(chance, only_time=True), samples.MOMENTS[chance.choice([0, 6])]
        answer = compile_closure(condition)
        for row, custom in chance.sample(rows, 5):
            facts = samples.with_holds(samples.facts_of(row, custom), samples.held_since(row, custom), condition)
            verdict, (instant, day) = answer(facts, moment), next_change(condition, facts, moment)
            instants, days = between(moment.as_of, instant, chance), between(moment.today, day, chance)
            later = {answer(facts, Moment(as_of, today)) for as_of, today in product(instants, days)}
            assert later == {verdict}, (condition, facts, moment, instant, day)
            turned += instant is not None and answer(facts, Moment(instant, moment.today)) is not verdict
    assert turned > 100


def test_negation_moves_no_boundary():
    assert boundaries(Not(QUIET)) == boundaries(QUIET)
