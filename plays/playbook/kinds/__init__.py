"""The kinds of playbook files, one module each; importing this package registers them."""

from plays.playbook.kinds import lifecycle, play, role, tracking_plan

__all__ = ["lifecycle", "play", "role", "tracking_plan"]
