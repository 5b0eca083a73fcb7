"""Everything wrong with a health model that somebody wrote, each with its place."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from accounts.foundation.keys import KEY
from retention.conditions.check import problems
from retention.conditions.language import FactType
from retention.health.drafts import HealthDraft, MeasureDraft
from retention.health.models import HealthMeasure
from retention.health.scales import KINDS

Facts = Mapping[str, FactType]
Wrong = list[tuple[str, str]]
"""The path to each place, such as `.measures[2].weight`, and what to do about it."""
FULL = 100
DEEPEST = 4
MOST_MEASURES = 40
MOST_CAPS = 100
EXTRA = {
    "marks": {"fact", "days_since", "marks", "below", "above"},
    "values": {"fact", "values", "otherwise"},
    "steps": {"steps", "otherwise"},
    "deductions": {"from", "deductions"},
    "mean": {"mean"},
}
NUMBERS = (FactType.NUMBER, FactType.RATIO, FactType.MONEY, FactType.INTEGER)
TIMES = (FactType.INSTANT, FactType.DATE)


def wrong_with(draft: HealthDraft, facts: Facts) -> Wrong:
    """Everything wrong with `draft`, where conditions may read `facts`."""
    found = condition(draft.applies, ".applies", facts) + _bands(draft) + _measures(draft.measures, facts)
    found += _few(draft.measures, MOST_MEASURES, ".measures") + _few(draft.caps, MOST_CAPS, ".caps")
    seen: set[str] = set()
    for place, cap in enumerate(draft.caps):
        path = f".caps[{place}]"
        found += _key(cap.key, f"{path}.key", seen) + condition(cap.when, f"{path}.when", facts)
        found += points(cap.at_most, f"{path}.at_most")
    return found + _contradiction(draft)


def _few(parts: Sequence[Any], most: int, path: str) -> Wrong:
    return [(path, f"these are {len(parts)}, and {most} fit; leave some out")] if len(parts) > most else []


def _bands(draft: HealthDraft) -> Wrong:
    if not 1 <= draft.amber_from < draft.green_from <= FULL:
        told = f"amber begins at {draft.amber_from} and green at {draft.green_from}"
        return [(".amber_from", f"{told}, which leaves no amber between them; give 1 ≤ amber < green ≤ 100")]
    if not 0 <= draft.enough_percent <= FULL:
        return [(".enough_percent", "give a share from 0 to 100 per cent")]
    return []


def _measures(measures: Sequence[MeasureDraft], facts: Facts) -> Wrong:
    found: Wrong = []
    seen: set[str] = set()
    for place, one in enumerate(measures):
        path = f".measures[{place}]"
        found += _key(one.key, f"{path}.key", seen) + points(one.weight, f"{path}.weight", what="a weight")
        found += scale(one.scale, f"{path}.scale", facts)
        if one.missing not in HealthMeasure.Missing.values:
            found.append((f"{path}.missing", f"choose one of {', '.join(HealthMeasure.Missing.values)}"))
        if one.worst_where is not None:
            found += condition(one.worst_where, f"{path}.worst_where", facts)
    total = sum(one.weight for one in measures if isinstance(one.weight, int))
    if total != FULL:
        missing = f"add {FULL - total}" if total < FULL else f"take away {total - FULL}"
        found.append((".measures", f"the weights add up to {total} and must add up to {FULL}: {missing}"))
    return found


def _key(key: Any, path: str, seen: set[str]) -> Wrong:
    if not isinstance(key, str) or not KEY.fullmatch(key):
        return [(path, "expected a key of lower-case letters, digits, hyphens and underscores")]
    if key in seen:
        return [(path, f"{key} stands here twice")]
    seen.add(key)
    return []


def condition(source: Any, path: str, facts: Facts) -> Wrong:
    """Everything wrong with a condition; durations are no part of it, since nobody follows them here."""
    return [(path + one.path.removeprefix("$"), one.message) for one in problems(source, facts, allow_held_for=False)]


def points(value: Any, path: str, *, what: str = "points") -> Wrong:
    """Whether `value` lies between 0 and 100."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= FULL:
        return []
    return [(path, f"expected {what} from 0 to {FULL}")]


def scale(source: Any, path: str, facts: Facts, depth: int = 0) -> Wrong:
    """Everything wrong with a scale."""
    if not isinstance(source, Mapping):
        return [(path, "expected a scale, such as a fact with marks")]
    kinds = [kind for kind in KINDS if kind in source]
    if len(kinds) != 1 or depth > DEEPEST:
        return [(path, f"expected exactly one of {', '.join(KINDS)}, at most {DEEPEST} inside each other")]
    known = EXTRA[kinds[0]] | {"fresh"}
    found = [(f"{path}.{name}", f"unknown key; known are {', '.join(sorted(known))}") for name in source.keys() - known]
    if "fresh" in source:
        found += _fresh(source["fresh"], f"{path}.fresh", facts)
    if found:
        return found
    return _CHECKS[kinds[0]](source, path, facts, depth)


def _fresh(source: Any, path: str, facts: Facts) -> Wrong:
    days = source.get("days") if isinstance(source, Mapping) else None
    if not isinstance(days, int) or isinstance(days, bool) or not 0 < days <= 3650:
        return [(path, "expected the fact of an instant, and days from 1 to 3650")]
    return _fact(source.get("fact"), f"{path}.fact", facts, TIMES)


def _fact(key: Any, path: str, facts: Facts, kinds: Collection[FactType]) -> Wrong:
    if not isinstance(key, str) or key not in facts:
        return [(path, f'there is no fact "{key}"')]
    if facts[key] not in kinds:
        return [(path, f"{key} is of type {facts[key].value}; expected {', '.join(kind.value for kind in kinds)}")]
    return []


def _marks(source: Mapping[str, Any], path: str, facts: Facts, depth: int) -> Wrong:
    if ("fact" in source) == ("days_since" in source):
        return [(path, "expected either fact, or days_since with an instant or a date")]
    name, kinds = ("fact", NUMBERS) if "fact" in source else ("days_since", TIMES)
    found = _fact(source[name], f"{path}.{name}", facts, kinds)
    marks = source["marks"]
    if not isinstance(marks, list) or not marks or not all(map(_is_mark, marks)):
        return [*found, (f"{path}.marks", "expected pairs of a value and its points, such as [30, 100]")]
    for place, (one, other) in enumerate(pairwise(marks)):
        if one[0] >= other[0]:
            found.append((f"{path}.marks[{place + 1}]", "values must rise from one mark to the next"))
    for place, (_, height) in enumerate(marks):
        found += points(height, f"{path}.marks[{place}]")
    for side in ("below", "above"):
        found += points(source[side], f"{path}.{side}") if side in source else []
    return found


def _is_mark(mark: Any) -> bool:
    is_pair = isinstance(mark, (list, tuple)) and len(mark) == 2
    return is_pair and all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in mark)


def _values(source: Mapping[str, Any], path: str, facts: Facts, depth: int) -> Wrong:
    found = _fact(source.get("fact"), f"{path}.fact", facts, (FactType.TEXT, FactType.BOOLEAN))
    values = source["values"]
    if not isinstance(values, Mapping) or not values:
        return [*found, (f"{path}.values", "expected values with their points")]
    for name, height in values.items():
        found += points(height, f"{path}.values.{name}")
        if not isinstance(name, str):
            found.append((f"{path}.values", f'write the value {name} in quotes: "{str(name).lower()}"'))
    return found + points(source.get("otherwise", 0), f"{path}.otherwise")


def _list(source: Mapping[str, Any], name: str, path: str) -> Wrong:
    found = source[name]
    if isinstance(found, list) and found and all(isinstance(one, Mapping) for one in found):
        return []
    return [(f"{path}.{name}", "expected a list of at least one entry")]


def _cases(source: Mapping[str, Any], name: str, path: str, facts: Facts) -> Wrong:
    if found := _list(source, name, path):
        return found
    for place, one in enumerate(source[name]):
        here = f"{path}.{name}[{place}]"
        found += condition(one.get("when"), f"{here}.when", facts) + points(one.get("points"), f"{here}.points")
    return found


def _steps(source: Mapping[str, Any], path: str, facts: Facts, depth: int) -> Wrong:
    found, last = _cases(source, "steps", path, facts), source.get("otherwise")
    inner = scale(last, f"{path}.otherwise", facts, depth + 1) if isinstance(last, Mapping) else []
    return found + inner + ([] if isinstance(last, Mapping) else points(last, f"{path}.otherwise"))


def _deductions(source: Mapping[str, Any], path: str, facts: Facts, depth: int) -> Wrong:
    return _cases(source, "deductions", path, facts) + points(source.get("from", FULL), f"{path}.from")


def _mean(source: Mapping[str, Any], path: str, facts: Facts, depth: int) -> Wrong:
    found = _list(source, "mean", path)
    for place, one in enumerate([] if found else source["mean"]):
        found += scale(one, f"{path}.mean[{place}]", facts, depth + 1)
    return found


_CHECKS = {"marks": _marks, "values": _values, "steps": _steps, "deductions": _deductions, "mean": _mean}


def _contradiction(draft: HealthDraft) -> Wrong:
    asked = draft.contradiction
    if asked is None:
        return []
    path, keys = ".contradiction", {one.key for one in draft.measures}
    if not isinstance(asked, Mapping) or asked.keys() != {"one", "other", "high_from", "low_below", "policy"}:
        return [(path, "expected one, other, high_from, low_below and policy")]
    found: Wrong = []
    for name in ("one", "other"):
        named = asked[name] if isinstance(asked[name], list) else []
        if not named or set(map(str, named)) - keys:
            found.append(
                (f"{path}.{name}", f"expected keys of measures; there are {', '.join(sorted(map(str, keys)))}")
            )
    both = (
        [] if found else [one.name for one in draft.measures if one.key in asked["one"] and one.key in asked["other"]]
    )
    found += [(f"{path}.other", f"{name} cannot contradict itself: choose it on one side only") for name in both]
    for name in ("high_from", "low_below"):
        found += points(asked[name], f"{path}.{name}")
    if not found and asked["low_below"] > asked["high_from"]:
        found.append((f"{path}.low_below", f"expected at most {asked['high_from']:g}, from where on a measure is high"))
    if not isinstance(asked["policy"], str) or not asked["policy"].strip():
        found.append((f"{path}.policy", "say in a sentence what is done about it"))
    return found
