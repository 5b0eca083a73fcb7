"""Audiences of stakeholders, one with every key."""

from typing import Any

from accounts.stakeholders.models import StakeholderRole, StakeholderTopic

GOOD_AUDIENCE: dict[str, Any] = {
    "kind": "audience",
    "key": "champions",
    "name": "Champions",
    "roles": ["champion"],
    "condition": {"fact": "stage", "operator": "equal", "value": "won"},
}
EVERY_AUDIENCE: dict[str, Any] = {
    "kind": "audience",
    "needs_email": False,
    "condition": {"all": [{"value": "no", "operator": "notEqual", "fact": "stage"}]},
    "topics": list(reversed(StakeholderTopic.Topic.values)),
    "roles": list(reversed(StakeholderRole.Role.values)),
    "meaning": "Say: everything # at once",
    "name": "null",
    "key": "0x1",
}
