from collections.abc import Mapping

from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from retention.builder.registry import choices
from retention.milestones.models import ValueMilestone
from retention.milestones.standing import WORDS


def _taken_back(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"{event.data['milestone']} is not reached after all"


def _milestones() -> list[tuple[str, str]]:
    return [(one.key, one.name) for one in ValueMilestone.objects.filter(is_active=True)]


kinds.add("milestone.taken_back", EventKind(_taken_back, "undo", changes_facts=True, group=Group.SIGNALS))
choices.add("first_value_status", lambda: [(status.value, word) for status, word in WORDS.items()])
for key in ("milestones_reached", "milestones_pending", "milestones_missed", "milestones_not_tracked"):
    choices.add(key, _milestones)
