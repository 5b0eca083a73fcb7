"""Files of plan templates: a good one, and those that use every key with hostile texts."""

from typing import Any

from tests.plays.playbook.conditions import HOSTILE

GOOD_PLAN_TEMPLATE: dict[str, Any] = {
    "kind": "plan_template",
    "key": "data_lead",
    "name": "Plan for a head of data",
    "type": "plan",
    "objectives": [{"key": "faster", "goal": "Reports in a minute", "due": "14 d"}],
    "tasks": [{"key": "connect", "title": "Connect the data", "side": "theirs", "role": "admin", "due": "3 bd"}],
}
TEXTS = [text for text in HOSTILE if text.strip()][:38]
EVERY_PLAN_TEMPLATE: dict[str, dict[str, Any]] = {
    "plan_of_all": {
        "kind": "plan_template",
        "key": "plan_of_all",
        "name": "null",
        "type": "plan",
        "meaning": "~",
        "basis": "practice",
        "precedence": 0,
        "use_cases": ["operations", "no"],
        "titles": ["yes", "head of: data"],
        "stacks": ["1.0"],
        "fallback": True,
        "on_won": True,
        "objectives": [
            {
                "key": f"o{number}",
                "goal": text[:250],
                "measure": text[:250],
                "due": "10 bd",
                "effort": text[:120],
                "baseline": -1.5,
                "target": number,
                "unit": "%",
                "fact": "active_users_30d",
                "alert_percent": 80,
                "role": "executive_sponsor",
                "shared": False,
            }
            for number, text in enumerate(TEXTS)
        ],
        "tasks": [
            {
                "key": f"t{number}",
                "title": text[:250],
                "side": "theirs",
                "role": "admin",
                "minutes": 45,
                "due": "14 d",
                "result": text[:500],
                "objective": "o1",
                "repeat_days": 7,
                "times": 4,
                "shared": False,
            }
            for number, text in enumerate(TEXTS)
        ],
        "office_hours": [
            {
                "key": f"h{number}",
                "title": text[:120],
                "weekday": "friday",
                "time": "08:05",
                "minutes": 30,
                "starts": "3 bd",
                "every_weeks": 2,
                "times": 6,
                "role": "onboarding_lead",
            }
            for number, text in enumerate(TEXTS)
        ],
    },
    "agenda_of_all": {
        "kind": "plan_template",
        "key": "agenda_of_all",
        "name": "0x1F",
        "type": "agenda",
        "agenda": [{"title": text[:250], "minutes": 5, "text": text[:500]} for text in TEXTS],
    },
}
