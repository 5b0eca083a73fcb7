"""All console pages of this app, for Django to find. Each lives with its concept."""

from retention.audiences import admin as audiences
from retention.coverage import admin as coverage
from retention.evaluation import admin as evaluation
from retention.fit import admin as fit
from retention.handoffs import admin as handoffs
from retention.health import admin as health
from retention.lifecycle import admin as lifecycle
from retention.milestones import admin as milestones
from retention.risks import admin as risks
from retention.segments import admin as segments
from retention.slas import admin as slas
from retention.success_plans import admin as success_plans
from retention.success_plans import prospect_pages
from retention.success_plans.office_hours import admin as office_hours
from retention.work import admin as work

__all__ = [
    "audiences",
    "coverage",
    "evaluation",
    "fit",
    "handoffs",
    "health",
    "lifecycle",
    "milestones",
    "office_hours",
    "prospect_pages",
    "risks",
    "segments",
    "slas",
    "success_plans",
    "work",
]
