"""The kinds of playbook files, one module each; importing this package registers them."""

from plays.playbook.kinds import (
    audience,
    business_calendar,
    coverage_policy,
    custom_facts,
    dimension,
    handoff,
    health_model,
    ideal_profile,
    lifecycle,
    milestones,
    plan_template,
    play,
    products,
    risk_model,
    role,
    tracking_plan,
)

__all__ = [
    "audience",
    "business_calendar",
    "coverage_policy",
    "custom_facts",
    "dimension",
    "handoff",
    "health_model",
    "ideal_profile",
    "lifecycle",
    "plan_template",
    "milestones",
    "play",
    "products",
    "risk_model",
    "role",
    "tracking_plan",
]
