"""The kinds of playbook files, one module each; importing this package registers them."""

from plays.playbook.kinds import (
    custom_facts,
    dimension,
    health_model,
    ideal_profile,
    lifecycle,
    play,
    products,
    role,
    tracking_plan,
)

__all__ = [
    "custom_facts",
    "dimension",
    "health_model",
    "ideal_profile",
    "lifecycle",
    "play",
    "products",
    "role",
    "tracking_plan",
]
