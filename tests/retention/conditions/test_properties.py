"""Laws that hold for every condition and all facts, tried on random ones."""

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.foundation.truth import all_of, any_of, negate
from retention.conditions.check import parse, problems
from retention.conditions.evaluate import compile_closure, explain, facts_read, to_json
from retention.conditions.language import OPERATORS, FactType, Family, operators_for

from .catalogue import CATALOGUE, MOMENT, leaf

TRUTHS = (True, False, None)

# Few different values, so that conditions and facts often meet.
INSTANTS = ["2026-01-01T00:00:00Z", "2026-01-30T09:00:00Z", "2026-01-31T10:00:00+01:00", "2026-02-07T09:00:00Z"]
DATES = ["2026-01-24", "2026-01-31", "2026-02-01"]
WRITTEN = {
    FactType.INTEGER: [-1, 0, 5],
    FactType.NUMBER: [-0.5, 0, 5.0],
    FactType.RATIO: [-0.3, 0, 1],
    FactType.MONEY: [0, 50000, 99.5],
    FactType.TEXT: ["", "adopted", "Žilina"],
    FactType.BOOLEAN: [True, False],
    FactType.INSTANT: INSTANTS,
    FactType.DATE: DATES,
    FactType.TEXT_LIST: ["vip", "risk"],
    FactType.NUMBER_LIST: [1, 5],
}
OBSERVED = WRITTEN | {
    FactType.INSTANT: [datetime.fromisoformat(text).astimezone(UTC) for text in INSTANTS],
    FactType.DATE: [date.fromisoformat(text) for text in DATES],
    FactType.TEXT_LIST: [[], ["vip"], ["risk", "vip"]],
    FactType.NUMBER_LIST: [[], [5], [1, 2]],
}


@st.composite
def leaf_sources(draw):
    fact = draw(st.sampled_from(sorted(CATALOGUE)))
    operator = OPERATORS[draw(st.sampled_from(operators_for(CATALOGUE[fact])))]
    one = st.sampled_from(WRITTEN[CATALOGUE[fact]])
    if operator.family is Family.KNOWLEDGE:
        return leaf(fact, operator.name)
    if operator.family is Family.MEMBERSHIP:
        return leaf(fact, operator.name, draw(st.lists(one, max_size=3)))
    if operator.family is Family.WINDOW:
        return leaf(fact, operator.name, {"days": draw(st.sampled_from([1, 7, 30]))})
    return leaf(fact, operator.name, draw(one))


def groups(inner):
    several = st.lists(inner, min_size=1, max_size=3)
    return st.one_of(
        st.builds(lambda nodes: {"all": nodes}, several),
        st.builds(lambda nodes: {"any": nodes}, several),
        st.builds(lambda node: {"not": node}, inner),
    )


def fits(source):
    """Whether it is a condition, also with the two more groups around it that a test below adds."""
    return not problems({"not": {"not": source}}, CATALOGUE)


SOURCES = st.recursive(leaf_sources(), groups, max_leaves=8).filter(fits)
FACTS = st.fixed_dictionaries(
    {},
    optional={key: st.sampled_from([None, *OBSERVED[fact_type]]) for key, fact_type in CATALOGUE.items()},
)


def verdict(source, facts):
    return compile_closure(parse(source, CATALOGUE))(facts, MOMENT)


@given(SOURCES, FACTS)
def test_explains_the_verdict_it_gives(source, facts):
    explanation = explain(parse(source, CATALOGUE), facts, MOMENT)
    assert explanation.truth is verdict(source, facts)
    assert explanation.decisive
    assert all(clause in explanation.clauses for clause in explanation.decisive)


@given(SOURCES, FACTS)
def test_decisive_clauses_alone_keep_the_verdict(source, facts):
    """Whatever the other facts turn into, a settled verdict stands as long as the deciding facts stay."""
    explanation = explain(parse(source, CATALOGUE), facts, MOMENT)
    if explanation.truth is not None:
        kept = {clause.fact for clause in explanation.decisive}
        assert verdict(source, {key: value for key, value in facts.items() if key in kept}) is explanation.truth


@given(SOURCES, FACTS)
def test_negation_is_symmetrical(source, facts):
    assert verdict({"not": source}, facts) is negate(verdict(source, facts))
    assert verdict({"not": {"not": source}}, facts) is verdict(source, facts)


@given(leaf_sources(), FACTS)
def test_opposite_operators_give_opposite_answers(source, facts):
    opposites = {
        "equal": "notEqual", "in": "notIn", "contains": "doesNotContain", "isKnown": "isUnknown",
        "lessThan": "greaterThanInclusive", "greaterThan": "lessThanInclusive",
    }  # fmt: skip
    if source["operator"] in opposites:
        opposite = source | {"operator": opposites[source["operator"]]}
        assert verdict(opposite, facts) is negate(verdict(source, facts))


@given(SOURCES, FACTS, st.sampled_from(sorted(CATALOGUE)))
def test_learning_more_never_turns_a_verdict_around(source, facts, learned):
    """Unless it asks for knowledge itself, what is true or false without a fact stays so once the fact is known."""
    if "isKnown" in str(source) or "isUnknown" in str(source):
        return
    before = verdict(source, {key: value for key, value in facts.items() if key != learned})
    if before is not None:
        assert verdict(source, facts) is before


@given(SOURCES)
def test_comes_back_as_written(source):
    condition = parse(source, CATALOGUE)
    assert to_json(condition) == source
    assert parse(to_json(condition), CATALOGUE) == condition


@given(SOURCES, FACTS)
def test_reads_only_the_facts_it_names(source, facts):
    named = facts_read(parse(source, CATALOGUE))
    assert verdict(source, {key: value for key, value in facts.items() if key in named}) is verdict(source, facts)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["all", "any", "not", "fact", "operator", "value", "heldFor", "x"]), inner)
    ),
    max_leaves=12,
)


@given(json_values)
def test_any_json_is_a_condition_or_refused_with_reasons(source):
    found = problems(source, CATALOGUE)
    assert found or parse(source, CATALOGUE)
    assert all(problem.path.startswith("$") and problem.message for problem in found)


@pytest.mark.parametrize(("left", "right"), list(product(TRUTHS, repeat=2)))
def test_logic_obeys_kleene(left, right):
    assert all_of([left, right]) is all_of([right, left])
    assert any_of([left, right]) is any_of([right, left])
    assert negate(all_of([left, right])) is any_of([negate(left), negate(right)])
    assert negate(any_of([left, right])) is all_of([negate(left), negate(right)])
    assert any_of([left, all_of([left, right])]) is left
    assert all_of([left, left]) is any_of([left, left]) is negate(negate(left)) is left
