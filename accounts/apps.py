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
    "accounts.identity.api",
    "accounts.contracts.registry",
    "accounts.contracts.panels",
    "accounts.ingestion.registry",
    "accounts.ingestion.services",
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
