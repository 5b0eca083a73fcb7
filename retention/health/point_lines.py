"""The points of a measure over one fact as people write them: a value and its points on each line, `30 = 100`."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from django.core.exceptions import ValidationError

from accounts.facts.catalogue import Fact, Type

LINE = re.compile(r"(?P<value>.*\S)\s*(?:=|→|->)\s*(?P<points>\d{1,3}(?:\.\d{1,6})?)")
NUMBER = re.compile(r"-?\d{1,15}(?:\.\d{1,6})?")
UNITS = re.compile(r"\s*(?:%|days?(?: ago)?)$")
BELOW, ABOVE, OTHERWISE = {"less", "below"}, {"more", "above", "longer"}, {"otherwise", "anything else"}
YES_NO = {"yes": "true", "no": "false", "true": "true", "false": "false"}
PERCENT = 100
NUMBERS, TIMES, NAMES = (Type.NUMBER, Type.RATIO, Type.MONEY), (Type.INSTANT, Type.DATE), (Type.TEXT, Type.BOOLEAN)
EXAMPLES = "such as “30 = 100”, “less = 0” or “more = 100” for a number, days or %, and “yes = 100” for a word"


def scale_of(fact: Fact, text: str, choices: Mapping[str, str]) -> dict[str, Any]:
    """The scale over `fact` that these lines describe. Raises ValidationError naming each line that is wrong.

    `choices` are the words of values that the fact may have.
    """
    if fact.type in NAMES:
        return _named(fact, text, choices)
    return _numbered(fact, text)


def plain(value: float) -> float:
    """A whole number without its point: 100 and not 100.0."""
    value = round(value, 6)
    return int(value) if value == int(value) else value


def _numbered(fact: Fact, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {"days_since" if fact.type in TIMES else "fact": fact.key}
    marks: list[list[float]] = []

    def take(value: str, points: float) -> str:
        word = value.lower()
        if word in BELOW or word in ABOVE:
            found["below" if word in BELOW else "above"] = points
            return ""
        number = re.sub(r"[\s,_]", "", UNITS.sub("", word).replace("−", "-"))
        if not NUMBER.fullmatch(number):
            return f"“{value[:40]}” is no number"
        marks.append([plain(float(number) / (PERCENT if fact.type is Type.RATIO else 1)), points])
        return ""

    _each(text, take)
    return found | {"marks": sorted(marks)}


def _named(fact: Fact, text: str, choices: Mapping[str, str]) -> dict[str, Any]:
    by_word = {words.lower(): value for value, words in choices.items()}
    found: dict[str, Any] = {"fact": fact.key}
    values: dict[str, float] = {}

    def take(value: str, points: float) -> str:
        word = value.lower()
        if word in OTHERWISE:
            found["otherwise"] = points
            return ""
        if fact.type is Type.BOOLEAN and word not in YES_NO:
            return f"“{value[:40]}” is neither yes nor no"
        if choices and value not in choices and word not in by_word:
            return f"“{value[:40]}” is no value of {fact.label}; it has {', '.join(choices.values())}"
        values[YES_NO[word] if fact.type is Type.BOOLEAN else by_word.get(word, value)] = points
        return ""

    _each(text, take)
    return found | {"values": values}


def _each(text: str, take: Callable[[str, float], str]) -> None:
    """Hands each line to `take`, which says what is wrong with it."""
    wrong = list(_wrong(text, take))
    if wrong:
        raise ValidationError(wrong)


def _wrong(text: str, take: Callable[[str, float], str]) -> Iterator[str]:
    for number, line in enumerate(map(str.strip, text.splitlines()), 1):
        found = LINE.fullmatch(line)
        if not line:
            continue
        told = (
            take(found["value"], plain(float(found["points"])))
            if found
            else f"write a value and its points, {EXAMPLES}"
        )
        if told:
            yield f"Line {number}: {told}."
