"""A definition written as YAML reads back exactly, whatever its texts hold, and is laid out as a person would."""

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from plays.playbook.files import read_folder
from plays.playbook.layout import OneLine, tidy
from plays.playbook.yaml_text import WIDTH, written
from retention.conditions.check import problems
from tests.plays.playbook.conditions import EVERY_OPERATOR, HOSTILE, comparison
from tests.retention.conditions.catalogue import CATALOGUE
from tests.retention.conditions.test_properties import SOURCES

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=300)
PIECES = st.sampled_from(
    ["a", "Word", " ", "  ", "\n", "\t", ":", ": ", " #", "-", "'", '"', "\\", "é", "🦊", "{", "]", ","]
)
LIKELY = st.sampled_from(HOSTILE) | st.lists(PIECES, max_size=80).map("".join) | TEXTS
SCALARS = LIKELY | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none()
KEYS = st.sampled_from(["key", "value", "no", "1e3", "a b", "", "? x", "#", "é"]) | TEXTS.map(lambda text: text[:60])


def mappings(inner):
    plain = st.dictionaries(KEYS, inner, max_size=4)
    return st.lists(inner, max_size=4) | plain | plain.map(OneLine)


BODIES = st.dictionaries(KEYS, st.recursive(SCALARS, mappings, max_leaves=12), min_size=1, max_size=4)


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Reads a text as the import does."""
    folder = tmp_path_factory.mktemp("playbook")

    def one(text):
        (folder / "one.yaml").write_text("kind: any\n" + text, newline="\n")
        [document], problems = read_folder(folder)
        assert not problems
        return document.body

    return one


@given(BODIES.filter(lambda body: "kind" not in body))
def test_what_was_written_reads_back_exactly(read, body):
    text = written(body)
    assert repr(read(text)) == repr(_plain(body))
    assert written(read(text)) == written(_plain(body))


def _plain(value):
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_reads_back_wherever_it_stands(read, text):
    body = {
        "a": text,
        "b": [text],
        "c": OneLine(d=text),
        "e": {"f": {"g": text}},
        "h": [{"i": text, "j": text}],
        "": [[text]],
    }
    assert read(written(body)) == body
    assert read(written(OneLine(body))) == body


@given(LIKELY)
def test_other_readers_of_yaml_see_the_same_text(text):
    """Block forms and quotes are read by PyYAML's own constructor too."""
    assert yaml.safe_load(written({"a": text, "b": OneLine(c=text)})) == {"a": text, "b": {"c": text}}


@given(SOURCES)
@example(EVERY_OPERATOR)
def test_a_condition_reads_back_exactly_and_is_written_in_one_way(read, source):
    text = written({"when": tidy(source)})
    assert read(text)["when"] == source
    assert written({"when": tidy(_turned(source))}) == text, "the order of keys in the database says nothing"
    assert written({"when": tidy(read(text)["when"])}) == text


def _turned(value):
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(item) for item in value] if isinstance(value, list) else value


@given(LIKELY)
def test_a_condition_on_any_text(read, text):
    source = {"all": [comparison("stage", "equal", text), comparison("stage", "in", [text, "x"])]}
    if not problems(source, CATALOGUE):
        assert read(written({"when": tidy(source)}))["when"] == source


@given(BODIES)
def test_nothing_invisible_is_written(body):
    text = written(body)
    assert text.endswith("\n")
    assert not any(line != line.rstrip(" ") for line in text.split("\n"))
    assert "\t" not in text
    assert "\r" not in text


LAID_OUT = """\
key: usage_drop
name: "Ask: now"
flag: true
trigger:
  entered: {fact: change, operator: lessThan, value: -0.3}
  after_days: 14
any:
  - not: {fact: stage, operator: in, value: ["no", "a, b", c]}
  - {fact: seen, operator: isKnown}
steps:
  - key: call
    title: Call {account}
    guidance: >-
      Ask what changed: people, priorities, something that does not work. Ask what changed: people, priorities,
      something that does not work. Ask what changed: people, priorities, something that does not work.
    note: |-
      One.

      Two.
long:
  fact: stage
  operator: in
  value:
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
    - a long word
none: []
"""


def test_is_laid_out_as_a_person_would():
    long = "Ask what changed: people, priorities, something that does not work. " * 3
    body = {
        "key": "usage_drop",
        "name": "Ask: now",
        "flag": True,
        "trigger": {"entered": tidy({"value": -0.3, "operator": "lessThan", "fact": "change"}), "after_days": 14},
        "any": tidy([{"not": comparison("stage", "in", ["no", "a, b", "c"])}, comparison("seen", "isKnown")]),
        "steps": [{"key": "call", "title": "Call {account}", "guidance": long.strip(), "note": "One.\n\nTwo."}],
        "long": OneLine(fact="stage", operator="in", value=["a long word"] * 10),
        "none": [],
    }
    assert written(body) == LAID_OUT


def test_no_line_is_longer_than_it_must_be():
    body = {"a": {"b": "word " * 100 + "end", "c": [OneLine(d="e" * 50, f=["g" * 30, "h" * 30])]}}
    assert max(map(len, written(body).splitlines())) <= WIDTH
