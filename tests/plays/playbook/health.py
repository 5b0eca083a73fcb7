"""A health model with every key and every scale, and texts that YAML has a mind of its own about."""

from typing import Any

from tests.plays.playbook.conditions import EVERY_OPERATOR_BUT_HELD, HOSTILE

KNOWN_ARR = {"fact": "arr", "operator": "isKnown"}
SCALES: list[dict[str, Any]] = [
    {"above": 0, "below": 1.5, "marks": [[-0.5, 0], [0, 70.25], [1, 100]], "fact": "active_users_change_30d"},
    {"days_since": "last_active_at", "marks": [[7, 100], [30, 0]]},
    {"days_since": "contract_end_date", "marks": [[0, 100]], "fresh": {"days": 90, "fact": "pulse_at"}},
    {"fact": "pulse", "values": {"green": 100, "true": 50, "1": 0}, "otherwise": 25},
    {
        "steps": [{"points": 100, "when": {"fact": "arr", "operator": "isKnown"}}],
        "otherwise": {"mean": [{"fact": "arr", "marks": [[0, 0], [1, 1]]}]},
    },
    {
        "deductions": [{"points": 40, "when": {"fact": "tickets_open", "operator": "greaterThan", "value": 0}}],
        "from": 90,
    },
]
HEALTHY: dict[str, Any] = {
    "kind": "health_model",
    "key": "1e2",
    "name": "null",
    "meaning": "~",
    "precedence": 0,
    "applies": EVERY_OPERATOR_BUT_HELD,
    "green_from": 100,
    "amber_from": 1,
    "enough_percent": 0,
    "margin_points": 0,
    "margin_days": 1,
    "measures": [
        {
            "worst_where": EVERY_OPERATOR_BUT_HELD,
            "missing": ("exclude", "worst", "neutral")[number % 3],
            "basis": "published",
            "scale": scale,
            "weight": 100 - 10 * (len(SCALES) - 1) if number == 0 else 10,
            "name": f"Measure {number}: #",
            "key": f"m{number}",
        }
        for number, scale in enumerate(SCALES)
    ],
    "caps": [
        {"when": KNOWN_ARR, "basis": "practice", "at_most": 0, "name": text[:120], "key": f"c{number}"}
        for number, text in enumerate(text for text in HOSTILE if text.strip())
    ],
    "contradiction": {"policy": "yes", "low_below": 50, "high_from": 75, "other": ["m1"], "one": ["m0", "m2"]},
}
