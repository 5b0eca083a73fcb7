"""Milestones and renewal risk with every key, and texts that YAML has a mind of its own about."""

from typing import Any

from tests.plays.playbook.conditions import EVERY_OPERATOR_BUT_HELD, HOSTILE

TEXTS = [text for text in HOSTILE if text.strip()]
GOOD_MILESTONES: dict[str, Any] = {
    "kind": "milestones",
    "milestones": [
        {"key": "first_value", "name": "First value", "routes": [{"key": "all", "name": "Everybody", "days": 30}]}
    ],
}
GOOD_RISK: dict[str, Any] = {
    "kind": "risk_model",
    "signals": [
        {
            "key": "few",
            "name": "Few people",
            "points": 2,
            "when": {"fact": "active_users_30d", "operator": "lessThan", "value": 3},
        }
    ],
}
EVERY_MILESTONE: dict[str, Any] = {
    "kind": "milestones",
    "milestones": [
        {
            "active": number % 2 == 0,
            "meaning": text[:250],
            "name": text[:120],
            "key": f"m{number}",
            "routes": [
                {
                    "basis": "published",
                    "clock": "decision",
                    "days": 0,
                    "condition": EVERY_OPERATOR_BUT_HELD,
                    "applies": EVERY_OPERATOR_BUT_HELD,
                    "name": text[:120],
                    "key": "no",
                },
                {"key": "1e3", "name": "null", "event": f"m{number}", "days": 3650},
            ],
        }
        for number, text in enumerate(TEXTS)
    ],
}
EVERY_RISK: dict[str, Any] = {
    "kind": "risk_model",
    "unknown_from": 1,
    "high_from": 100,
    "medium_from": 99,
    "signals": [
        {
            "basis": "published",
            "core": number % 2 == 0,
            "when": EVERY_OPERATOR_BUT_HELD,
            "points": number % 100 + 1,
            "name": text[:120],
            "key": f"s{number}",
        }
        for number, text in enumerate(TEXTS[:50])
    ],
}
