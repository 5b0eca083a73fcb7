"""All console pages of this app, for Django to find. Each lives with its concept."""

from accounts.catalogue import admin as catalogue
from accounts.contracts import admin as contracts
from accounts.deals import admin as deals
from accounts.facts import admin as facts
from accounts.identity import admin as identity
from accounts.ingestion import admin as ingestion
from accounts.outbox import admin as outbox
from accounts.portfolio import admin as portfolio
from accounts.privacy import admin as privacy
from accounts.stakeholders import admin as stakeholders
from accounts.support import admin as support
from accounts.team import admin as team
from accounts.team import away_pages, role_pages
from accounts.touches import admin as touches
from accounts.trail import pages as trail

__all__ = [
    "away_pages",
    "catalogue",
    "contracts",
    "deals",
    "facts",
    "identity",
    "ingestion",
    "outbox",
    "portfolio",
    "privacy",
    "role_pages",
    "stakeholders",
    "support",
    "team",
    "touches",
    "trail",
]
