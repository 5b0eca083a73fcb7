"""Conditions for playbook files, and texts that YAML has a mind of its own about."""

from typing import Any

HOSTILE = [
    *("no", "~", "null", "yes", "n", "0x1", "0o17", "1e3", "1.0", "12:30", "2026-01-01", "=", "<<", "-", "? a", "---"),
    *("a: b", "a:", "# x", "a # b", "&a", "*a", "!a", "%a", "@a", "`a", "|", ">", "{a}", "[a]", "'a'", '"a"', "a, b"),
    *(" a", "a ", "a  b", "\ta", "a\tb", "a\n", "a\nb", "a\n\nb\n", "\na", "a\n  b", "  a\nb", "a \nb", "a\n\n\n"),
    *(
        "a\r\nb",
        "a\x85b",
        "a\u2028b",
        "\ufeffa",
        "a\x07b",
        "a\xa0:",
        "\U0001f468\u200d\U0001f4bb",
        "Žilina",
        "…",
        "a\\nb",
    ),
    *(
        "word " * 60 + "end",
        "#tag " * 40 + "end",
        "word  " * 30 + "end",
        "x" * 200,
        "word " * 40 + "\n" + "word " * 40 + ".",
    ),
]
"""Texts that YAML could take for something else, or lay out in a way that changes them."""


def comparison(fact: str, operator: str, *value: Any, **more: Any) -> dict[str, Any]:
    """One comparison; without a value for the operators that take none."""
    return {"fact": fact, "operator": operator, **({"value": value[0]} if value else {}), **more}


HELD = comparison("score", "lessThanInclusive", 0.5, heldFor={"days": 3})
EVERY_OPERATOR = {
    "any": [
        {
            "all": [
                comparison("plan", "equal", "no"),
                comparison("plan", "notEqual", " 1e3 "),
                comparison("plan", "in", HOSTILE),
                comparison("seats", "notIn", [1, 2.5, -3, 1e16, 1.5e-7]),
                comparison("tags", "contains", "# vip"),
                comparison("tags", "doesNotContain", ""),
            ]
        },
        {
            "not": {
                "all": [
                    HELD,
                    comparison("seats", "lessThan", 10**15),
                    comparison("arr", "greaterThan", 0),
                    comparison("score", "greaterThanInclusive", -0.0),
                ]
            }
        },
        comparison("trial", "equal", True),
        comparison("plan", "isKnown"),
        comparison("seen_on", "isUnknown"),
        comparison("seen_on", "withinLast", {"days": 30}),
        comparison("seen_on", "withinNext", {"days": 1}),
        comparison("seen_at", "moreThanAgo", {"days": 0.5}),
        comparison("seen_at", "moreThanAhead", {"days": 0}),
        comparison("seen_on", "lessThan", "2026-01-01"),
        comparison("seen_at", "greaterThan", "2026-01-31T10:00:00+01:00"),
    ]
}
EVERY_OPERATOR_BUT_HELD = {"any": [one for one in EVERY_OPERATOR["any"] if "not" not in one]}
FIELDS = {
    "all": [
        comparison("0x1", "equal", "no"),
        comparison("a: b", "in", HOSTILE),
        {"any": [comparison("amount", "greaterThan", 1.5), {"not": comparison("type", "isKnown")}]},
    ]
}
