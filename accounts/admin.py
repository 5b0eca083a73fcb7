"""All console pages of this app, for Django to find. Each lives with its concept."""

from accounts.catalogue import admin as catalogue
from accounts.contracts import admin as contracts
from accounts.deals import admin as deals
from accounts.facts import admin as facts
from accounts.foundation import admin as foundation
from accounts.identity import admin as identity
from accounts.ingestion import admin as ingestion
from accounts.portfolio import admin as portfolio
from accounts.stakeholders import admin as stakeholders
from accounts.support import admin as support
from accounts.team import admin as team
from accounts.touches import admin as touches

__all__ = [
    "catalogue",
    "contracts",
    "deals",
    "facts",
    "foundation",
    "identity",
    "ingestion",
    "portfolio",
    "stakeholders",
    "support",
    "team",
    "touches",
]
