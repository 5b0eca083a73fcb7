"""All console pages of this app, for Django to find. Each lives with its concept."""

from retention.evaluation import admin as evaluation
from retention.fit import admin as fit
from retention.health import admin as health
from retention.lifecycle import admin as lifecycle
from retention.segments import admin as segments
from retention.slas import admin as slas
from retention.work import admin as work

__all__ = ["evaluation", "fit", "health", "lifecycle", "segments", "slas", "work"]
