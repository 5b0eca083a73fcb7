"""All routes of this app on the REST API."""

from retention.lifecycle import api as lifecycle
from retention.work import api as work

ROUTES = lifecycle.ROUTES | work.ROUTES
