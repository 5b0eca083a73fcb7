from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "retention.segments.newcomers",
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
    "retention.coverage.facts",
    "retention.coverage.registry",
    "retention.coverage.panels",
    "retention.audiences.queries",
    "retention.audiences.panels",
    "retention.fit.services",
    "retention.fit.scoring",
    "retention.fit.panels",
    "retention.milestones.facts",
    "retention.milestones.services",
    "retention.milestones.registry",
    "retention.milestones.panels",
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
    "retention.work.digest",
    "retention.work.panels",
    "retention.work.leaving",
    "retention.work.following",
    "retention.work.lateness",
    "retention.work.effort",
    "retention.handoffs.queries",
    "retention.handoffs.registry",
    "retention.handoffs.reactions",
    "retention.handoffs.facts",
    "retention.handoffs.panels",
    "retention.handoffs.account_pages",
    "retention.handoffs.leaving",
    "retention.success_plans.registry",
    "retention.success_plans.office_hours.registry",
    "retention.success_plans.facts",
    "retention.success_plans.reacting",
    "retention.success_plans.customer",
    "retention.success_plans.prospects",
    "retention.success_plans.panels",
    "retention.risks.facts",
    "retention.risks.services",
    "retention.risks.registry",
    "retention.risks.panels",
    "retention.risks.pages",
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
