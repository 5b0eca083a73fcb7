from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "retention.lifecycle.registry",
    "retention.lifecycle.services",
    "retention.lifecycle.panels",
    "retention.lifecycle.roll_up",
    "retention.evaluation.queries",
    "retention.fit.services",
    "retention.fit.scoring",
    "retention.fit.panels",
    "retention.work.queries",
    "retention.work.registry",
    "retention.work.notices",
    "retention.work.panels",
)
"""Modules whose import fills the registries of this app and of those below."""


class RetentionConfig(AppConfig):
    """Where each customer stands, and what was agreed."""

    name = "retention"
    verbose_name = "Retention"

    def ready(self) -> None:
        """Wires the rooms together."""
        for module in WIRED:
            import_module(module)
