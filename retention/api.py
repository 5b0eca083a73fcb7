"""All routes of this app on the REST API."""

from retention.fit import api as fit
from retention.health import api as health
from retention.lifecycle import api as lifecycle
from retention.segments import api as segments
from retention.slas import api as slas
from retention.work import api as work

ROUTES = fit.ROUTES | health.ROUTES | lifecycle.ROUTES | segments.ROUTES | slas.ROUTES | work.ROUTES
