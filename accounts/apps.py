from importlib import import_module

from django.apps import AppConfig

WIRED = (
    "accounts.portfolio.registry",
    "accounts.portfolio.queries",
    "accounts.portfolio.panels",
    "accounts.events.services",
    "accounts.events.panels",
    "accounts.stakeholders.registry",
    "accounts.stakeholders.panels",
    "accounts.identity.registry",
    "accounts.identity.panels",
    "accounts.identity.api",
    "accounts.identity.pages",
    "accounts.contracts.registry",
    "accounts.contracts.panels",
    "accounts.support.registry",
    "accounts.support.panels",
    "accounts.deals.registry",
    "accounts.deals.panels",
    "accounts.touches.registry",
    "accounts.touches.panels",
    "accounts.ingestion.registry",
    "accounts.ingestion.services",
    "accounts.ingestion.joining",
    "accounts.ingestion.bulk.rows",
    "accounts.ingestion.bulk.services",
    "accounts.facts.providers",
    "accounts.facts.panels",
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
