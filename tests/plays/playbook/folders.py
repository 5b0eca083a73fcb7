"""Playbook folders for tests: a good file of each kind, and one thing changed in it."""

import copy
from pathlib import Path
from typing import Any

import yaml

from tests.plays.playbook.audiences import EVERY_AUDIENCE, GOOD_AUDIENCE
from tests.plays.playbook.calendars import EVERY_CALENDAR, GOOD_CALENDAR
from tests.plays.playbook.conditions import EVERY_OPERATOR, EVERY_OPERATOR_BUT_HELD, FIELDS, HELD, HOSTILE, comparison
from tests.plays.playbook.coverage import EVERY_COVERAGE, GOOD_COVERAGE
from tests.plays.playbook.dimensions import EVERY_DIMENSION, GOOD_DIMENSION
from tests.plays.playbook.handoffs import EVERY_HANDOFF, GOOD_HANDOFF
from tests.plays.playbook.health import HEALTHY
from tests.plays.playbook.milestones import EVERY_MILESTONE, EVERY_RISK, GOOD_MILESTONES, GOOD_RISK
from tests.plays.playbook.plan_templates import EVERY_PLAN_TEMPLATE, GOOD_PLAN_TEMPLATE

GOOD: dict[str, dict[str, Any]] = {
    "role": {
        "kind": "role",
        "key": "analyst",
        "name": "Analyst",
        "description": "Reads.",
        "home": "csm",
        "grants": {"accounts": "view all"},
    },
    "business_calendar": GOOD_CALENDAR,
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
    "dimension": GOOD_DIMENSION,
    "milestones": GOOD_MILESTONES,
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
    "health_model": {
        "kind": "health_model",
        "key": "plain",
        "name": "Plain",
        "precedence": 90,
        "applies": {"fact": "stage", "operator": "isKnown"},
        "measures": [
            {
                "key": "users",
                "name": "People at work",
                "weight": 100,
                "scale": {"fact": "active_users_30d", "marks": [[0, 0], [10, 100]]},
            }
        ],
    },
    "coverage_policy": GOOD_COVERAGE,
    "audience": GOOD_AUDIENCE,
    "handoff": GOOD_HANDOFF,
    "risk_model": GOOD_RISK,
    "plan_template": GOOD_PLAN_TEMPLATE,
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
    **EVERY_PLAN_TEMPLATE,
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
    **EVERY_CALENDAR,
    **EVERY_DIMENSION,
    "first": {
        "kind": "lifecycle",
        "key": "1e3",
        "name": "0x1",
        "primary": True,
        "stages": [
            {
                "raci": {"sales": "AR", "marketing": "C", "cs": "I", "support": "R", "revops": "C"},
                "pace": {"stuck": 15, "from": "decision_date", "normal": 0, "behind": 1},
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
    "healthy": HEALTHY,
    "handed": EVERY_HANDOFF,
    "covered": EVERY_COVERAGE,
    "meant": EVERY_AUDIENCE,
    "to_value": EVERY_MILESTONE,
    "risk": EVERY_RISK,
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
        ]
        + [
            {"key": "tell", "kind": "notify", "text": "Why", "title": "Told", "by": ["email", "in_app"], "to": "csm"},
            {"key": "tell_olga", "kind": "notify", "title": "Told", "by": ["in_app"], "user": "olga"},
        ],
    },
    "plain": {**GOOD["play"], "key": "plain", "again_after_days": None},
    "before": {
        **GOOD["play"],
        "key": "before",
        "after_stop": "skip",
        "trigger": {"window": {"hour": 0, "until": 60, "before": True, "days": 90, "fact": "decision_date"}},
    },
    "after": {
        **GOOD["play"],
        "key": "after",
        "after_stop": "catch_up",
        "trigger": {"window": {"before": False, "days": 0, "fact": "contract_end_date"}},
    },
    "happening": {**GOOD["play"], "key": "happening", "trigger": {"event": {"where": FIELDS, "kind": "deal.won"}}},
    "any_event": {**GOOD["play"], "key": "any_event", "trigger": {"event": {"kind": "touch.logged"}}},
    "signal": {**GOOD["play"], "key": "signal", "trigger": {"signal": {"where": FIELDS, "event": "a: b # c"}}},
    "feature": {**GOOD["play"], "key": "feature", "trigger": {"signal": {"feature": "f1"}}},
    "quarterly": {
        **GOOD["play"],
        "key": "quarterly",
        "after_stop": "skip",
        "trigger": {
            "cadence": {
                "for": EVERY_OPERATOR_BUT_HELD,
                "zone": "Europe/Berlin",
                "hour": 0,
                "anchor": "2026-01-31",
                "unit": "months",
                "every": 3,
            }
        },
    },
    "daily": {
        **GOOD["play"],
        "key": "daily",
        "trigger": {"cadence": {"every": 1, "unit": "days", "anchor": "2026-01-01", "hour": 9}},
    },
}
"""A folder with every key of every kind, and texts that YAML has a mind of its own about."""
