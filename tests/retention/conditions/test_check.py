"""What is a condition, what is not, and whether the author learns how to put it right."""

import re
from pathlib import Path

import pytest

from retention.conditions.check import ConditionRefused, parse, parse_text, problems
from retention.conditions.language import OPERATORS, FactType, Held, Leaf, depth, to_json

from .catalogue import CATALOGUE, leaf

SEATS = leaf("seats", "lessThan", 5)


def refusals(source, **options):
    return {problem.path: problem.message for problem in problems(source, CATALOGUE, **options)}


def nested(levels, inner=SEATS):
    for _ in range(levels):
        inner = {"not": inner}
    return inner


def test_accepts_every_operator_on_every_type_the_table_allows():
    values = {
        "integer": 1, "number": 1.5, "ratio": 0.3, "money": 50000, "text": "a", "boolean": True,
        "instant": "2026-01-31T09:00:00+01:00", "date": "2026-01-31", "text_list": "a", "number_list": 1,
    }  # fmt: skip
    for fact, fact_type in CATALOGUE.items():
        for operator in OPERATORS.values():
            shapes = {"membership": [values[fact_type.value]], "window": {"days": 7}}
            value = shapes.get(operator.family.value, values[fact_type.value])
            source = leaf(fact, operator.name, *([] if operator.family.value == "knowledge" else [value]))
            assert (refusals(source) == {}) is (fact_type in operator.types), source


def test_docs_show_the_table_the_code_follows():
    page = (Path(__file__).parents[3] / "docs" / "conditions.md").read_text(encoding="utf-8")
    rows = [re.findall(r"[^|\s][^|]*?(?= *\|)", line) for line in page.splitlines() if line.startswith("| ")]
    table = {row[0].strip("`"): row[1:] for row in rows if len(row) == 1 + len(FactType)}
    assert table.pop("operator") == [fact_type.spoken for fact_type in FactType]
    assert table == {
        operator.name: ["yes" if fact_type in operator.types else "–" for fact_type in FactType]
        for operator in OPERATORS.values()
    }


def test_accepts_a_comparison_without_a_group():
    assert parse(SEATS, CATALOGUE) == Leaf("seats", "lessThan", 5, FactType.INTEGER)


def test_accepts_an_empty_list_of_values():
    assert refusals(leaf("stage", "in", [])) == {}


def test_accepts_huge_integers():
    assert refusals(leaf("seats", "lessThan", 10**5000)) == {}


@pytest.mark.parametrize(
    ("source", "path", "words"),
    [
        ({"all": []}, "$.all", "is empty"),
        ({"any": []}, "$.any", "is empty"),
        ({"all": SEATS}, "$.all", "expected a list"),
        ({"all": [SEATS], "any": [SEATS]}, "$.any", 'does not belong beside "all"'),
        ({"all": [SEATS], "name": "x"}, "$.name", "does not belong"),
        ({"not": [SEATS]}, "$.not", "expected an object"),
        ({"all": [SEATS, 3]}, "$.all[1]", "got a number"),
        (None, "$", "got null"),
        ("all", "$", 'got "all"'),
        ([SEATS], "$", "got a list"),
        ({**SEATS, "odd key": 1}, '$["odd key"]', "unknown key"),
        ({**SEATS, 7: 1}, "$[a number]", "unknown key"),
        ({"operator": "equal", "value": 1}, "$.fact", "is missing"),
        ({"fact": ["seats"], "operator": "equal", "value": 1}, "$.fact", "got a list"),
        ({"fact": "seats", "value": 1}, "$.operator", "is missing"),
        ({"fact": "seats", "operator": "equal"}, "$.value", "needs a value"),
        ({"fact": "seats", "operator": [], "value": 1}, "$.operator", "no operator a list"),
        (leaf("seats", "isKnown", None), "$.value", "takes no value"),
    ],
)
def test_refuses_what_has_the_wrong_shape(source, path, words):
    assert words in refusals(source)[path]


@pytest.mark.parametrize(
    ("fact", "operator", "value", "path", "words"),
    [
        ("seats", "equal", "5", "$.value", 'expected a number such as 30, got "5"'),
        ("seats", "equal", True, "$.value", "got a boolean"),
        ("seats", "lessThan", float("nan"), "$.value", "not finite"),
        ("seats", "lessThan", float("inf"), "$.value", "not finite"),
        ("seats", "equal", [5], "$.value", "got a list"),
        ("seats", "in", 5, "$.value", "expected a list"),
        ("seats", "in", [1, "2", 3, None], "$.value[1]", "expected a number"),
        ("seats", "in", [1, "2", 3, None], "$.value[3]", "got null"),
        ("stage", "equal", None, "$.value", "isUnknown"),
        ("stage", "equal", 5, "$.value", "expected text"),
        ("stage", "equal", "a\0", "$.value", "NUL"),
        ("stage", "equal", "\ud800", "$.value", "surrogate"),
        ("trial", "equal", 1, "$.value", "expected true or false"),
        ("seen_at", "lessThan", "2026-01-31", "$.value", "with its offset"),
        ("seen_at", "lessThan", "2026-01-31T09:00:00", "$.value", "with its offset"),
        ("seen_at", "lessThan", "0001-01-01T00:00:00+14:00", "$.value", "with its offset"),
        ("renewal_date", "lessThan", "2026-02-30", "$.value", "expected a date"),
        ("renewal_date", "lessThan", "20260131", "$.value", "expected a date"),
        ("tags", "contains", 5, "$.value", "expected text"),
        ("seat_steps", "contains", "5", "$.value", "expected a number"),
        ("seen_at", "withinLast", 30, "$.value", '{"days": n}'),
        ("seen_at", "withinLast", {"day": 30}, "$.value", '{"days": n}'),
        ("seen_at", "withinLast", {"days": 3, "hours": 2}, "$.value.hours", "unknown key"),
        ("seen_at", "withinLast", {"days": "3"}, "$.value.days", "expected a number"),
        ("seen_at", "withinLast", {"days": True}, "$.value.days", "got a boolean"),
        ("seen_at", "withinLast", {"days": 0}, "$.value.days", "more than 0"),
        ("seen_at", "moreThanAgo", {"days": -1}, "$.value.days", "0 or more"),
        ("seen_at", "moreThanAgo", {"days": 10**400}, "$.value.days", "at most 36500"),
        ("renewal_date", "withinNext", {"days": 0.5}, "$.value.days", "a whole number"),
    ],
)
def test_refuses_values_that_do_not_fit_the_fact(fact, operator, value, path, words):
    assert words in refusals({"all": [leaf(fact, operator, value)]})[path.replace("$", "$.all[0]")]


def test_accepts_half_a_day_for_an_instant_and_zero_days_as_an_edge():
    assert refusals(leaf("seen_at", "withinLast", {"days": 0.5})) == {}
    assert refusals(leaf("renewal_date", "moreThanAgo", {"days": 0})) == {}


def test_suggests_the_closest_fact():
    assert refusals(leaf("stagee", "equal", "x")) == {"$.fact": 'there is no fact "stagee"; did you mean "stage"?'}


def test_lists_the_operators_a_type_allows():
    message = refusals(leaf("usage_change", "equal", 0.3))["$.operator"]
    assert message.startswith('"equal" cannot be used on a fact of type ratio; use one of lessThan, ')
    assert "contains" not in message
    assert 'no operator "lesThan"' in refusals(leaf("seats", "lesThan", 1))["$.operator"]


def test_reports_every_problem_at_its_path():
    source = {"all": [leaf("stagee", "equal", "x"), {"any": []}, leaf("seats", "equal", "5", colour=1)]}
    assert set(refusals(source)) == {"$.all[0].fact", "$.all[1].any", "$.all[2].colour", "$.all[2].value"}


def test_refusal_reads_as_one_line_a_problem():
    with pytest.raises(ConditionRefused) as refusal:
        parse({"any": []}, CATALOGUE)
    assert str(refusal.value) == "$.any: is empty; put at least one comparison in it or remove the group"


def test_allows_ten_groups_and_refuses_eleven():
    assert refusals(nested(10)) == {}
    assert "10 groups deep" in refusals(nested(11))["$" + ".not" * 10]


def test_allows_two_hundred_comparisons_and_refuses_more():
    assert refusals({"all": [SEATS] * 200}) == {}
    assert "more than 200" in refusals({"all": [SEATS] * 201})["$"]


def test_allows_a_thousand_values_and_refuses_more():
    assert refusals(leaf("seats", "in", [1] * 1000)) == {}
    assert "keep it to 1000" in refusals(leaf("seats", "in", ["x"] * 1001))["$.value"]


def test_refuses_ten_thousand_levels():
    assert len(problems(nested(10_000), CATALOGUE)) == 1
    with pytest.raises(ConditionRefused, match="nested far too deeply"):
        parse_text('{"not":' * 100_000 + "1" + "}" * 100_000, CATALOGUE)


@pytest.mark.parametrize("width", [1, 2, 100])
def test_refuses_a_condition_that_contains_itself(width):
    endless: dict[str, object] = {}
    endless["all"] = [endless] * width
    assert 1 <= len(problems(endless, CATALOGUE)) < 5_000


def test_stops_early_in_a_source_of_a_million_nodes():
    assert len(problems({"all": [7] * 1_000_000}, CATALOGUE)) < 5_000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"fact": "seats", "operator": "equal", "value": NaN}', "NaN is not a number"),
        ('{"fact": "seats", "operator": "equal", "value": -Infinity}', "-Infinity is not a number"),
        ('{"fact": "seats", "operator": "equal", "value": 1e999}', "too large"),
        ('{"fact": "seats", "operator": "equal", "value": ' + "9" * 5000 + "}", "too many digits"),
        ('{"fact": "seats", "fact": "arr", "operator": "equal", "value": 1}', 'the key "fact" stands twice'),
    ],
)
def test_refuses_text_that_is_not_plain_json(text, words):
    with pytest.raises(ConditionRefused, match=words):
        parse_text(text, CATALOGUE)


def test_refuses_held_for_where_it_is_not_available():
    source = leaf("seats", "equal", 5, heldFor={"days": 7})
    assert "it needs history" in refusals(source, allow_held_for=False)["$.heldFor"]


def test_reads_held_for_where_it_is_available():
    source = leaf("seats", "equal", 5, heldFor={"days": 7})
    assert parse(source, CATALOGUE) == Held(Leaf("seats", "equal", 5, FactType.INTEGER), 7)
    assert to_json(parse({"not": source}, CATALOGUE)) == {"not": source}


def test_a_duration_is_no_group():
    held = leaf("seats", "equal", 5, heldFor={"days": 7})
    assert refusals(nested(10, held)) == {}
    assert depth(parse({"all": [held]}, CATALOGUE)) == 1


def test_a_held_group_has_no_json():
    with pytest.raises(ValueError, match="has no JSON"):
        to_json(Held(parse({"all": [SEATS]}, CATALOGUE), 7))


@pytest.mark.parametrize("held_for", [7, {}, {"days": 0}, {"days": 1.5}, {"days": True}, {"days": 7, "x": 1}])
def test_refuses_durations_that_are_not_whole_days(held_for):
    assert refusals(leaf("seats", "equal", 5, heldFor=held_for))
