"""All routes of this app on the REST API."""

from accounts.catalogue import api as catalogue
from accounts.contracts import api as contracts
from accounts.contracts import invoice_api as invoices
from accounts.deals import api as deals
from accounts.events import api as events
from accounts.facts import api as facts
from accounts.identity import api as identity
from accounts.ingestion import api as ingestion
from accounts.ingestion.bulk import api as bulk
from accounts.outbox import api as outbox
from accounts.portfolio import api as portfolio
from accounts.privacy import api as privacy
from accounts.privacy import keeping_api as keeping
from accounts.stakeholders import api as stakeholders
from accounts.support import api as support
from accounts.team import absence_api as absences
from accounts.team import people_api as team
from accounts.touches import api as touches
from accounts.trail import api as trail

ROUTES = (
    bulk.ROUTES  # before the routes of their rooms, where `bulk` would be the id of a row
    | portfolio.ROUTES
    | facts.ROUTES
    | events.ROUTES
    | identity.ROUTES
    | privacy.ROUTES
    | keeping.ROUTES
    | stakeholders.ROUTES
    | catalogue.ROUTES
    | contracts.ROUTES
    | invoices.ROUTES
    | deals.ROUTES
    | support.ROUTES
    | touches.ROUTES
    | outbox.ROUTES
    | ingestion.ROUTES
    | team.ROUTES
    | absences.ROUTES
    | trail.ROUTES
)
