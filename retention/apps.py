from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "retention.segments.registry",
    "retention.segments.services",
    "retention.segments.rhythm",
    "retention.segments.panels",
    "retention.builder.registry",
    "retention.lifecycle.registry",
    "retention.lifecycle.services",
    "retention.lifecycle.panels",
    "retention.lifecycle.account_pages",
    "retention.lifecycle.roll_up",
    "retention.evaluation.queries",
    "retention.evaluation.fullpass",
    "retention.fit.services",
    "retention.fit.scoring",
    "retention.fit.panels",
    "retention.slas.registry",
    "retention.health.facts",
    "retention.health.services",
    "retention.health.registry",
    "retention.health.panels",
    "retention.health.pages",
    "retention.work.queries",
    "retention.work.registry",
    "retention.work.notices",
    "retention.work.alarms",
    "retention.work.panels",
    "retention.work.leaving",
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
