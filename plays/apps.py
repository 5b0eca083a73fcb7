from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "plays.runs.registry",
    "plays.steps.human_task",
    "plays.steps.reasons",
    "plays.steps.services",
    "plays.triggers.attention",
    "plays.triggers.panels",
    "plays.playbook.kinds",
)
"""Modules whose import fills the registries of this app and of those below."""


class PlaysConfig(AppConfig):
    """What we do about it."""

    name = "plays"
    verbose_name = "Plays"

    def ready(self) -> None:
        """Wires the rooms together."""
        for module in WIRED:
            import_module(module)
