"""A comparison as an English sentence: "Active users, change 30 days is below −30 %"."""

from collections.abc import Callable, Mapping
from datetime import date, datetime

from .explanation import Clause
from .language import FactType, Held, Leaf, Window
from .values import Kind, kind_of

Formatter = Callable[[str, object], str]

_PHRASES = {
    "equal": "is {}",
    "notEqual": "is not {}",
    "in": "is one of {}",
    "notIn": "is none of {}",
    "contains": "contains {}",
    "doesNotContain": "does not contain {}",
    "lessThan": "is below {}",
    "lessThanInclusive": "is at most {}",
    "greaterThan": "is above {}",
    "greaterThanInclusive": "is at least {}",
    "isKnown": "is known",
    "isUnknown": "is unknown",
    "withinLast": "is within the last {}",
    "withinNext": "is within the next {}",
    "moreThanAgo": "is at least {} ago",
    "moreThanAhead": "is more than {} ahead",
}

_TEMPORAL_PHRASES = {
    "lessThan": "is before {}",
    "lessThanInclusive": "is not after {}",
    "greaterThan": "is after {}",
    "greaterThanInclusive": "is not before {}",
}

# "At least 0 days ago" is true and says nothing.
_ZERO_DAY_PHRASES = {"moreThanAgo": "has passed", "moreThanAhead": "lies ahead"}


def describe(comparison: Leaf | Held | Clause, labels: Mapping[str, str], formatter: Formatter | None = None) -> str:
    """The comparison in words. `labels` names the facts; `formatter(fact, value)` writes one value for the reader.

    Of what must have held, only a comparison has words of its own; a group is put into words by whoever shows groups,
    with `for_at_least` after it.
    """
    if isinstance(comparison, Held):
        if not isinstance(comparison.node, Leaf):
            raise ValueError("only a comparison can be described; describe those inside the held group")
        return f"{describe(comparison.node, labels, formatter)}{for_at_least(comparison.days)}"
    value = comparison.operand if isinstance(comparison, Leaf) else comparison.value
    held_for_days = comparison.held_for_days if isinstance(comparison, Clause) else None
    label = labels.get(comparison.fact, comparison.fact)
    phrase = _phrase(comparison.operator, value)

    def write(item: object) -> str:
        return formatter(comparison.fact, item) if formatter else plainly(comparison.type, item)

    return f"{label} {phrase.format(_written(value, write))}{for_at_least(held_for_days)}"


def for_at_least(days: int | None) -> str:
    """How long something must have held, to stand after it: ", for at least 7 days"; empty without a duration."""
    return f", for at least {_days(days)}" if days else ""


def plainly(fact_type: FactType, value: object) -> str:
    """A value in plain English, where nobody knows the reader's locale: −30 %, “adopted”, 2026-01-31 09:00 UTC."""
    if isinstance(value, str):
        return f"“{value}”"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M} UTC"
    if kind_of(value) is Kind.NUMBER:
        return _number(value, fact_type)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _number(value: object, fact_type: FactType) -> str:
    if fact_type is FactType.RATIO:
        return f"{float(str(value)) * 100:.10g} %".replace("-", "−")
    return f"{value}".replace("-", "−", 1)


def _phrase(operator: str, value: object) -> str:
    if isinstance(value, Window) and value.days == 0:
        return _ZERO_DAY_PHRASES.get(operator, _PHRASES[operator])
    if isinstance(value, date):
        return _TEMPORAL_PHRASES.get(operator, _PHRASES[operator])
    return _PHRASES[operator]


def _days(days: int | float) -> str:
    return "1 day" if days == 1 else f"{days:g} days"


def _written(value: object, write: Callable[[object], str]) -> str:
    if isinstance(value, Window):
        return _days(value.days)
    if isinstance(value, tuple):
        return _choice([write(item) for item in value])
    return "" if value is None else write(value)


def _choice(words: list[str]) -> str:
    """ "a, b or c"; "nothing" where the list is empty, which is allowed and never matches."""
    if len(words) < 2:
        return words[0] if words else "nothing"
    return f"{', '.join(words[:-1])} or {words[-1]}"


def operator_words(name: str, fact_type: FactType) -> str:
    """An operator by itself, as it reads beside a fact of this type: "is below", "is before", "is at least … ago"."""
    temporal = _TEMPORAL_PHRASES if fact_type.operand_kind in (Kind.INSTANT, Kind.DATE) else {}
    return temporal.get(name, _PHRASES[name]).replace("{}", "…").removesuffix(" …")
