from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "plays.definitions.entered",
    "plays.definitions.window",
    "plays.definitions.event",
    "plays.definitions.signal",
    "plays.definitions.cadence",
    "plays.runs.registry",
    "plays.steps.human_task",
    "plays.steps.notify",
    "plays.steps.reasons",
    "plays.steps.services",
    "plays.triggers.services",
    "plays.triggers.moments",
    "plays.triggers.rounds",
    "plays.triggers.attention",
    "plays.triggers.pages",
    "plays.triggers.together",
    "plays.triggers.play_pages",
    "plays.triggers.panels",
    "plays.playbook.kinds",
    "plays.authoring.pages",
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
