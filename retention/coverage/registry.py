"""What coverage tells other rooms: the roles from which a condition on the missing ones chooses."""

from accounts.stakeholders.models import StakeholderRole
from retention.builder.registry import choices
from retention.coverage.facts import MISSING

choices.add(MISSING, lambda: StakeholderRole.Role.choices)
