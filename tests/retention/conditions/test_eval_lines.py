"""`conditions eval` and `conditions check`: lines in, verdicts out, and bad input told precisely."""

import io
import json
import sys
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from retention.conditions.check import parse
from retention.conditions.lines import LineRefused, answers, summary

from .catalogue import CATALOGUE, NOW, leaf


def answer(condition, facts, **more):
    [given] = answers([json.dumps({"condition": condition, "facts": facts, **more})], NOW)
    return given


def refusal(*lines):
    with pytest.raises(LineRefused) as caught:
        list(answers(lines, NOW))
    return str(caught.value)


@pytest.mark.parametrize(
    ("operator", "value", "fact", "expected"),
    [
        ("equal", 5, "5", "unknown"),
        ("notEqual", "5", 5, "unknown"),
        ("equal", True, 1, "unknown"),
        ("equal", 5, 5.0, "true"),
        ("equal", 5, [5], "unknown"),
        ("lessThan", 5, "3", "unknown"),
        ("lessThan", "b", "a", "unknown"),
        ("in", [5], "5", "false"),
        ("notIn", [5, None], "5", "true"),
        ("in", [1], True, "false"),
        ("in", [True], True, "true"),
        ("in", [], None, "unknown"),
        ("in", [5], [5], "unknown"),
        ("contains", "5", [5], "false"),
        ("doesNotContain", 1, [True, None], "true"),
        ("contains", "a", "abc", "unknown"),
        ("lessThan", "2026-01-31", "2026-01-30", "true"),
        ("lessThan", "2026-01-31T09:00:00Z", "2026-01-31T09:30:00+01:00", "true"),
        ("lessThan", "2026-01-31T09:00:00Z", "2026-01-30", "unknown"),
        ("withinLast", {"days": 1}, "2026-01-31T08:59:59Z", "true"),
        ("withinLast", {"days": 1}, "2026-01-31", "true"),
        ("withinLast", {"days": 1}, "2026-01-30", "false"),
        ("withinLast", {"days": 1}, "yesterday", "unknown"),
        ("withinLast", {"days": 1}, 5, "unknown"),
        ("moreThanAhead", {"days": 1}, "2026-02-03", "true"),
    ],
)
def test_types_facts_by_their_json(operator, value, fact, expected):
    assert answer(leaf("f", operator, value), {"f": fact}) == expected


def test_null_and_absent_facts_are_unknown():
    assert answer(leaf("f", "equal", 5), {"f": None}) == "unknown"
    assert answer(leaf("f", "equal", 5), {}) == "unknown"
    assert answer(leaf("f", "isUnknown"), {}) == "true"
    assert answer(leaf("f", "isKnown"), {"f": {"an": "object"}}) == "true"


@pytest.mark.parametrize(
    "as_of", ["2026-01-20T00:00:00Z", "2026-01-20T01:00:00+01:00", "2026-01-20T00:00", "2026-01-20"]
)
def test_takes_the_moment_from_the_line(as_of):
    condition = leaf("f", "withinLast", {"days": 1})
    assert answer(condition, {"f": "2026-01-20T00:00:00Z"}, as_of=as_of) == "true"
    assert answer(condition, {"f": "2026-01-20T00:00:01Z"}, as_of=as_of) == "false"
    assert answer(condition, {"f": "2026-01-20"}, as_of=as_of) == "true"


def test_answers_each_line_and_skips_blank_ones():
    line = json.dumps({"condition": leaf("f", "equal", 1), "facts": {"f": 1}, "note": "left alone"})
    assert list(answers([line, "\n", line.encode()], NOW)) == ["true", "true"]


def test_names_the_line_and_the_path():
    good = json.dumps({"condition": leaf("f", "equal", 1), "facts": {}})
    bad = json.dumps({"condition": {"all": [leaf("f", "equals", 1), {"any": []}]}, "facts": {}})
    first, second = refusal(good, bad).splitlines()
    assert first.startswith('line 2: $.condition.all[0].operator: there is no operator "equals"; use one of equal, ')
    assert second.startswith("line 2: $.condition.all[1].any: is empty")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("[]", "line 1: $: expected an object"),
        ("{", "line 1: $: this is not JSON"),
        (b"\xff\xfe", "line 1: $: byte 1 is not UTF-8"),
        ('{"facts": {}}', "line 1: $.condition: is missing"),
        ('{"condition": {"not": 1}}', "line 1: $.facts: is missing"),
        ('{"condition": {"not": 1}, "facts": []}', "line 1: $.facts: expected an object of facts, got a list"),
        ('{"condition": {"not": 1}, "facts": {}, "as_of": "soon"}', "line 1: $.as_of: expected an instant"),
        ('{"condition": {"not": 1}, "facts": {}, "as_of": 5}', "line 1: $.as_of: expected an instant"),
        ('{"condition": {"not": 1}, "facts": {"f": 1e999}}', "line 1: $: the number 1e999 is too large"),
        ('{"condition": {"not": 1}, "facts": {}}', "line 1: $.condition.not: expected an object"),
    ],
)
def test_refuses_lines_it_cannot_answer(line, words):
    assert refusal(line).startswith(words)


@pytest.mark.parametrize("condition", [
    {"all": []}, leaf("f", "equal", None), leaf("f", "equal", [1]), leaf("f", "in", 5), leaf("f", "in", [[1]]),
    leaf("f", "isKnown", 1), leaf("f", "withinLast", 5), leaf("f", "equal", 1, heldFor={"days": 1}),
])  # fmt: skip
def test_refuses_conditions_of_the_wrong_shape(condition):
    assert refusal(json.dumps({"condition": condition, "facts": {}}))


def test_sums_up_a_condition():
    source = {"all": [leaf("stage", "isKnown"), {"not": leaf("seats", "equal", 5)}]}
    assert summary(parse(source, CATALOGUE)) == "ok: 2 leaves, depth 2, reads seats, stage"
    assert summary(parse(leaf("seats", "isKnown"), CATALOGUE)) == "ok: 1 leaf, depth 0, reads seats"


class TestCommand:
    """The command itself, which only reads and prints."""

    def run(self, *arguments):
        out, err = io.StringIO(), io.StringIO()
        code = 0
        try:
            call_command("conditions", *arguments, stdout=out, stderr=err)
        except SystemExit as ended:
            code = ended.code
        return code, out.getvalue(), err.getvalue()

    @pytest.fixture
    def catalogue(self, monkeypatch):
        types = {key: fact_type.value for key, fact_type in CATALOGUE.items()}
        queries = SimpleNamespace(condition_types=lambda: types, withheld=set)
        monkeypatch.setitem(sys.modules, "accounts.facts", SimpleNamespace(queries=queries))
        monkeypatch.setitem(sys.modules, "accounts.facts.queries", queries)

    def test_eval_prints_answers_up_to_the_first_bad_line(self, monkeypatch):
        good = json.dumps({"condition": leaf("f", "equal", 1), "facts": {"f": 1}})
        monkeypatch.setattr(sys, "stdin", io.StringIO(f"{good}\nnonsense\n{good}\n"))
        code, out, err = self.run("eval")
        assert (code, out) == (2, "true\n")
        assert err.startswith("line 2: $: this is not JSON")

    def test_check_sums_up_a_good_file(self, catalogue, tmp_path):
        (tmp_path / "good.json").write_text(json.dumps(leaf("seats", "equal", 5)))
        assert self.run("check", str(tmp_path / "good.json")) == (0, "ok: 1 leaf, depth 0, reads seats\n", "")

    def test_check_lists_the_problems_of_a_bad_file(self, catalogue, tmp_path):
        (tmp_path / "bad.json").write_text(json.dumps({"all": [leaf("seat", "equal", 5), leaf("seats", "equal", "5")]}))
        code, out, err = self.run("check", str(tmp_path / "bad.json"))
        assert (code, out) == (2, "")
        assert [line.split(": ")[0] for line in err.splitlines()] == ["$.all[0].fact", "$.all[1].value"]

    def test_check_says_which_file_is_missing(self, catalogue, tmp_path):
        code, _, err = self.run("check", str(tmp_path / "none.json"))
        assert code == 2
        assert "none.json: No such file" in err


def test_now_is_the_moment_of_lines_without_one():
    line = json.dumps({"condition": leaf("f", "withinNext", {"days": 1}), "facts": {"f": "2030-01-01T12:00:00Z"}})
    assert list(answers([line], datetime(2030, 1, 1, tzinfo=UTC))) == ["true"]
    assert list(answers([line], datetime(2031, 1, 1, tzinfo=UTC))) == ["false"]
