"""All console pages of this app, for Django to find. Each lives with its concept."""

from accounts.foundation import admin as foundation
from accounts.ingestion import admin as ingestion
from accounts.portfolio import admin as portfolio
from accounts.stakeholders import admin as stakeholders
from accounts.team import admin as team
from accounts.workspace import admin as workspace

__all__ = ["foundation", "ingestion", "portfolio", "stakeholders", "team", "workspace"]
