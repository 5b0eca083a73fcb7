"""Values that break programs, and the places of a request body where they are put."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RAW = ["1e999", "-1e999", "NaN", '"\\u0000"', '"a\\ud800b"', "9" * 5_000, "[" * 2_000 + "]" * 2_000]
"""What no JSON library writes."""
OTHERS: list[Any] = [
    *(None, True, [], {}, [[]], {"a": 1}, [None], ["x"] * 2_000, 0, -1, 2**31, 2**63, 10**400, 1e308, 5e-324, -0.0),
    *("0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "1969-12-31", "2200-01-01", "2026-01-01T00:00:00"),
    *(
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-01-01T00:00:60Z",
        "1e999",
        "NaN",
        "-1",
        "9" * 400,
    ),
]
TEXTS = [
    *("", " ", "\t\r\n", "\uff11", "\u202e abc", "\ufeff", "\u0085", "\ufdd0", "𝒳" * 300, "x" * 100_000, "ﷺ" * 5_000),
    *("<script>alert(1)</script>", "' OR 1=1 --", "{{ 7 * 7 }}", "%s%n%d", "../../etc/passwd", "=1+1", "a,b;c\\"),
]


def texts() -> list[str]:
    """The list of naughty strings where it is at hand, else a few of its kinds."""
    file = Path(os.environ.get("REAL_INPUTS", "/nowhere")) / "naughty" / "blns.json"
    return TEXTS + (json.loads(file.read_text(encoding="utf-8")) if file.exists() else [])


def values() -> list[str]:
    """Each value as it stands in a body."""
    return [*RAW, *map(json.dumps, [*OTHERS, *texts()])]


MARK = "\u2400 here \u2400"


def bodies(good: Any, place: tuple[Any, ...], chosen: list[str]) -> Iterator[str]:
    """`good` as JSON text, with each of the chosen values at `place`."""
    marked = json.dumps(_with(good, place))
    for value in chosen:
        yield marked.replace(json.dumps(MARK), value)


def _with(good: Any, place: tuple[Any, ...]) -> Any:
    if not place:
        return MARK
    name, *rest = place
    if isinstance(name, int):
        return [_with(good[0] if isinstance(good, list) and good else {}, tuple(rest))]
    given = good if isinstance(good, dict) else {}
    return {**given, name: _with(given.get(name), tuple(rest))}


def places(schema: dict[str, Any], known: dict[str, Any], deep: int = 4) -> Iterator[tuple[Any, ...]]:
    """Every place of a body that `schema` describes, the whole of it first."""
    yield ()
    schema = _resolved(schema, known)
    if not deep:
        return
    for name, inner in schema.get("properties", {}).items():
        yield from ((name, *rest) for rest in places(inner, known, deep - 1))
    if isinstance(schema.get("additionalProperties"), dict):
        yield ("some_fact",)
    if "items" in schema:
        yield from ((0, *rest) for rest in places(schema["items"], known, deep - 1))


WORDS = {
    **{"account": "northwind-traders", "into": "other", "id": "acct-43", "source": "crm", "assignee": "amelia"},
    **{"key": "plain_words", "paths": ["/plain*"], "matches": {"fact": "arr", "operator": "isKnown"}},
    **{"values": {"plan_name": "Plain"}, "arr": "48000", "starts_on": "2026-01-15", "ends_on": "2027-01-14"},
}
"""What fields of these names mean in the tests' world."""


NEEDED = {"id", "arr", "starts_on", "ends_on", "text", "assignee"}
"""What calls want although their documents leave it open."""


def example(schema: dict[str, Any], known: dict[str, Any], name: str = "") -> Any:
    """A plain body with what `schema` requires."""
    schema = _resolved(schema, known)
    if name in WORDS:
        return WORDS[name]
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "array" or "items" in schema:
        return [example(schema["items"], known)]
    if "properties" in schema:
        inner = schema["properties"]
        needed = [*schema.get("required", []), *(NEEDED & inner.keys() if not name else ())]
        return {one: example(inner[one], known, one) for one in needed}
    plain = {"integer": 1, "number": 1, "boolean": True, "object": {}}
    kind = schema.get("type", "string")
    kind = next(one for one in kind if one != "null") if isinstance(kind, list) else kind
    formats = {"date": "2026-01-15", "date-time": "2026-01-15T09:00:00Z"}
    return plain.get(kind, formats.get(schema.get("format", ""), "plain words"))


def _resolved(schema: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    for several in ("allOf", "oneOf", "anyOf"):
        if several in schema:
            return _resolved(schema[several][0], known)
    name = schema.get("$ref", "").rpartition("/")[2]
    return _resolved(known[name], known) if name else schema
