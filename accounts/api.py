"""All routes of this app on the REST API."""

from accounts.contracts import api as contracts
from accounts.events import api as events
from accounts.facts import api as facts
from accounts.identity import api as identity
from accounts.ingestion import api as ingestion
from accounts.portfolio import api as portfolio
from accounts.stakeholders import api as stakeholders
from accounts.team import api as team

ROUTES = (
    portfolio.ROUTES
    | facts.ROUTES
    | events.ROUTES
    | identity.ROUTES
    | stakeholders.ROUTES
    | contracts.ROUTES
    | ingestion.ROUTES
    | team.ROUTES
)
