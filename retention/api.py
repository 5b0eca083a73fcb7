"""All routes of this app on the REST API."""

from retention.fit import api as fit
from retention.lifecycle import api as lifecycle
from retention.work import api as work

ROUTES = fit.ROUTES | lifecycle.ROUTES | work.ROUTES
