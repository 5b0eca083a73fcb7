"""The room's console pages; each lives with its concept."""

from accounts.ingestion.plan import admin as plan
from accounts.ingestion.quarantine import admin as quarantine
from accounts.ingestion.sources import admin as sources

__all__ = ["plan", "quarantine", "sources"]
