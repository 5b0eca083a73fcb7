"""The room's routes on the REST API. Signals themselves come through the signal doors."""

from accounts.ingestion.plan import api as plan
from accounts.ingestion.plan import history_api
from accounts.ingestion.quarantine import api as quarantine
from accounts.ingestion.sources import api as sources

ROUTES = sources.ROUTES | plan.ROUTES | history_api.ROUTES | quarantine.ROUTES
