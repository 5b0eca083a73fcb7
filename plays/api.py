"""All routes of this app on the REST API."""

from plays.decisions import api as decisions
from plays.definitions import api as definitions
from plays.runs import api as runs
from plays.triggers import api as triggers

ROUTES = definitions.ROUTES | decisions.ROUTES | runs.ROUTES | triggers.ROUTES
