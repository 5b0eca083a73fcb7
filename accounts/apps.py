from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "accounts.idempotency.jobs",
    "accounts.portfolio.registry",
    "accounts.portfolio.queries",
    "accounts.portfolio.panels",
    "accounts.portfolio.leaving",
    "accounts.events.services",
    "accounts.events.panels",
    "accounts.privacy.registry",
    "accounts.stakeholders.registry",
    "accounts.stakeholders.traces",
    "accounts.stakeholders.panels",
    "accounts.outbox.registry",
    "accounts.outbox.traces",
    "accounts.outbox.transports",
    "accounts.outbox.gates",
    "accounts.outbox.jobs",
    "accounts.outbox.sending",
    "accounts.outbox.endpoints.events",
    "accounts.identity.registry",
    "accounts.identity.panels",
    "accounts.identity.api",
    "accounts.identity.pages",
    "accounts.sign_in.factors",
    "accounts.calendar.services",
    "accounts.contracts.registry",
    "accounts.contracts.panels",
    "accounts.support.registry",
    "accounts.support.traces",
    "accounts.support.panels",
    "accounts.deals.registry",
    "accounts.deals.panels",
    "accounts.deals.leaving",
    "accounts.touches.registry",
    "accounts.touches.traces",
    "accounts.touches.panels",
    "accounts.ingestion.registry",
    "accounts.ingestion.traces",
    "accounts.ingestion.services",
    "accounts.ingestion.joining",
    "accounts.ingestion.bulk.rows",
    "accounts.ingestion.bulk.services",
    "accounts.facts.providers",
    "accounts.facts.dates",
    "accounts.facts.panels",
    "accounts.facts.history",
    "accounts.facts.api",
)
"""Modules whose import fills the registries of this app and of those below."""


class AccountsConfig(AppConfig):
    """Who our customers are, and what we know about them."""

    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        """Wires the rooms together."""
        for module in WIRED:
            import_module(module)
