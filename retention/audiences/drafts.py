"""An audience as an author writes it, and what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.stakeholders.models import StakeholderRole, StakeholderTopic
from retention.audiences.models import Audience
from retention.conditions.check import problems
from retention.conditions.language import FactType

ROLES = dict(StakeholderRole.Role.choices)
TOPICS = dict(StakeholderTopic.Topic.choices)
EVERYBODY = "Choose a role, a topic or a condition: without any of them it would be everybody."


@dataclass(frozen=True)
class AudienceDraft:
    """One audience, whole. Who plays one of the `roles` is meant, and of these who named one of the `topics`."""

    key: str
    name: str
    meaning: str = ""
    roles: Sequence[str] = ()
    topics: Sequence[str] = ()
    condition: Mapping[str, Any] | None = None
    needs_email: bool = True


def draft_of(audience: Audience) -> AudienceDraft:
    """An audience in force as its author would write it."""
    return AudienceDraft(**{name: getattr(audience, name) for name in AudienceDraft.__dataclass_fields__})


def in_order(values: Sequence[str], known: Mapping[str, Any]) -> list[str]:
    """Roles or topics once each and as people list them, which is how they are kept."""
    return [value for value in known if value in values]


def wrong_with(draft: AudienceDraft, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    """Everything wrong with a draft beside its names: the place in it, and what to do."""
    found = []
    for name, values, known in (("roles", draft.roles, ROLES), ("topics", draft.topics, TOPICS)):
        for place, value in enumerate(values):
            if value not in known:
                found.append((f"{name}[{place}]", f"There is none called {value!r}. There are: {', '.join(known)}."))
    if draft.condition is not None:
        wrong = problems(draft.condition, facts, allow_held_for=False)
        found += [(f"condition{one.path.removeprefix('$')}", one.message) for one in wrong]
    if not (draft.roles or draft.topics or draft.condition is not None):
        found.append(("roles", EVERYBODY))
    return found
