"""All routes of this app on the REST API."""

from retention.audiences import api as audiences
from retention.coverage import api as coverage
from retention.fit import api as fit
from retention.handoffs import api as handoffs
from retention.health import api as health
from retention.lifecycle import api as lifecycle
from retention.milestones import api as milestones
from retention.risks import api as risks
from retention.segments import api as segments
from retention.slas import api as slas
from retention.success_plans import api as success_plans
from retention.success_plans import prospect_api as prospects
from retention.success_plans.office_hours import api as office_hours
from retention.work import api as work

ROOMS = (
    audiences,
    coverage,
    fit,
    handoffs,
    health,
    lifecycle,
    milestones,
    risks,
    segments,
    slas,
    success_plans,
    office_hours,
    *(prospects, work),
)
ROUTES = {name: view for room in ROOMS for name, view in room.ROUTES.items()}
