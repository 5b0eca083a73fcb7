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
    "tracking_plan": {
        "kind": "tracking_plan",
        "features": [{"key": "reports", "name": "Reports", "tier": "core", "events": ["Report Viewed"]}],
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
        text = body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False, allow_unicode=True)
        (folder / f"{name}.yaml").write_text(text)
    return folder
