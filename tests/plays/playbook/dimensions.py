"""Files of dimensions for tests: a good one, and those that use every key."""

from typing import Any

from tests.plays.playbook.conditions import EVERY_OPERATOR, HOSTILE, comparison

GOOD_DIMENSION: dict[str, Any] = {
    "kind": "dimension",
    "key": "company_class",
    "name": "Class",
    "segments": [
        {
            "key": "large",
            "name": "Large",
            "capacity": 10,
            "condition": {"fact": "employees", "operator": "greaterThan", "value": 50},
        },
        {"key": "unknown", "name": "Unknown"},
    ],
}
EVERY_DIMENSION: dict[str, dict[str, Any]] = {
    "divided": {
        "kind": "dimension",
        "key": "no",
        "name": "0x1",
        "meaning": "Two: #1",
        "segments": [
            {
                "retention_target": 100,
                "risk_review_days": 30,
                "executive_call_days": 1,
                "business_review_days": 3650,
                "check_in_days": 7,
                "time_share": 50,
                "capacity": 1000,
                "assign": "least_arr",
                "care": "pool",
                "products": ["no"],
                "offers": text,
                "strategy": text,
                "condition": comparison("yes", "equal", str(number)),
                "basis": "practice",
                "meaning": text[:250],
                "name": f"{number} {text}"[:120],
                "key": f"s{number}",
            }
            for number, text in enumerate([text for text in HOSTILE if text.strip()][:50])
        ]
        + [{"key": "no", "name": "null", "condition": None}],
    },
    "read_by_it": {
        "kind": "dimension",
        "key": "yes",
        "name": "Applied first, though its file comes later",
        "segments": [{"key": "null", "name": "~", "condition": EVERY_OPERATOR}, {"key": "rest", "name": "Rest"}],
    },
}
