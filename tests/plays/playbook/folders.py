"""Playbook folders for tests: a good file of each kind, and one thing changed in it."""

import copy
from pathlib import Path
from typing import Any

import yaml

GOOD: dict[str, dict[str, Any]] = {
    "role": {
        "kind": "role",
        "key": "analyst",
        "name": "Analyst",
        "description": "Reads.",
        "home": "csm",
        "grants": {"accounts": "view all"},
    },
    "products": {
        "kind": "products",
        "products": [{"key": "essentials", "name": "Essentials", "kind": "plan", "description": "One team."}],
    },
    "tracking_plan": {
        "kind": "tracking_plan",
        "features": [{"key": "reports", "name": "Reports", "tier": "core", "events": ["Report Viewed"]}],
    },
    "custom_facts": {
        "kind": "custom_facts",
        "facts": [{"key": "bugs_open", "label": "Open tickets", "type": "number", "meaning": "Tickets not solved."}],
    },
    "ideal_profile": {
        "kind": "ideal_profile",
        "fit_from": 60,
        "review_from": 40,
        "criteria": [
            {
                "key": "size",
                "label": "Not too small",
                "weight": 100,
                "matches": {"fact": "employees", "operator": "greaterThan", "value": 50},
            }
        ],
    },
    "lifecycle": {
        "kind": "lifecycle",
        "key": "journey",
        "name": "Journey",
        "primary": True,
        "stages": [
            {
                "key": "won",
                "name": "Won",
                "meaning": "The contract is signed.",
                "enter": {"fact": "closed_won_at", "operator": "isKnown"},
            }
        ],
    },
    "play": {
        "kind": "play",
        "key": "usage_drop",
        "name": "Usage drop",
        "purpose": "Talk to them in time.",
        "class": "critical",
        "trigger": {"entered": {"fact": "active_users_30d", "operator": "lessThan", "value": 3}},
        "again_after_days": 60,
        "steps": [{"key": "call", "kind": "human_task", "owner": "csm", "title": "Call {account}", "due": "1 bd"}],
    },
}
GONE = object()
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


def changed(kind: str, path: str, value: Any) -> dict[str, Any]:
    """The good body of `kind` with `value` at `path` (`steps.0.due`); GONE takes the key away."""
    body = copy.deepcopy(GOOD[kind])
    *above, last = [int(step) if step.isdigit() else step for step in path.split(".")]
    inner: Any = body
    for step in above:
        inner = inner[step]
    if value is GONE:
        del inner[last]
    else:
        inner[last] = value
    return body


def write(folder: Path, **files: dict[str, Any] | str) -> Path:
    """Writes each file under its name; a mapping becomes YAML in the order of its keys."""
    for name, body in files.items():
        text = body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False)
        (folder / f"{name}.yaml").write_text(text)
    return folder


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
TYPES = {
    "plan": "text",
    "seats": "number",
    "score": "ratio",
    "spent": "money",
    "trial": "boolean",
    "seen_at": "instant",
    "seen_on": "date",
    "tags": "text_list",
    "steps": "number_list",
}
EVERY_KEY: dict[str, dict[str, Any]] = {
    "silent": {"kind": "role", "key": "silent", "name": "null", "description": "~", "home": "operator", "grants": {}},
    "analyst": {**GOOD["role"], "grants": {"audit": "view own", "accounts": "edit  team"}},
    "plan": {
        "kind": "tracking_plan",
        "features": [
            {
                "key": f"f{number}",
                "name": text[:120],
                "tier": ("advanced", "core")[number % 2],
                "events": [text, text],
            }
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
        "milestones": [
            {"key": f"m{number}", "name": text[:120], "events": [text, "Report Viewed"]}
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
        "intents": [
            {"key": f"i{number}", "name": text[:120], "paths": ["/pricing*", f"/{text}"]}
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
    },
    "own": {
        "kind": "custom_facts",
        "facts": [
            {
                "key": key,
                "label": f"{kind}: #1",
                "type": kind,
                "meaning": "Two\nlines.",
                "unit": "%",
                "use": "may be named to the customer",
            }
            for key, kind in TYPES.items()
        ],
    },
    "more": {
        "kind": "custom_facts",
        "facts": [{"key": "true", "label": "True", "type": "text", "meaning": "yes", "unit": None, "use": None}],
    },
    "ideal": {
        "kind": "ideal_profile",
        "fit_from": 0,
        "review_from": 0,
        "criteria": [
            {
                "key": f"c{number}",
                "label": text[:120],
                "weight": number % 101,
                "matches": {"fact": "industry", "operator": "equal", "value": text},
            }
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
    },
    "sold": {
        "kind": "products",
        "products": [
            {"active": False, "description": text[:250], "kind": "add_on", "name": text[:120], "key": f"p{number}"}
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
    },
    "also_sold": {
        "kind": "products",
        "products": [{"key": "no", "name": "null", "kind": "service", "description": None, "active": None}],
    },
    "first": {
        "kind": "lifecycle",
        "key": "1e3",
        "name": "0x1",
        "primary": True,
        "stages": [
            {
                "leave_after_days": 3650,
                "leave": {"not": HELD},
                "enter_after_days": 1,
                "enter": EVERY_OPERATOR,
                "passing": True,
                "meaning": text[:250],
                "name": text[:120],
                "key": f"s{number}",
            }
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
    },
    "second": {**GOOD["lifecycle"], "key": "no", "primary": False},
    "every": {
        "kind": "play",
        "key": "0x1",
        "name": "Every key",
        "purpose": "Say: everything # at once",
        "class": "internal",
        "trigger": {"entered": EVERY_OPERATOR, "after_days": 14, "rearmed": {"all": [HELD, {"any": [HELD]}]}},
        "again_after_days": 3650,
        "steps": [
            {
                "key": f"s{number}",
                "kind": "human_task",
                "sooner": {"due": "4 bh", "when": {"not": comparison("plan", "in", [])}},
                "due": "1 bd",
                "guidance": text,
                "owner": "csm",
                "title": text,
            }
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
    },
    "plain": {**GOOD["play"], "key": "plain", "again_after_days": None},
}
"""A folder with every key of every kind, and texts that YAML has a mind of its own about."""
