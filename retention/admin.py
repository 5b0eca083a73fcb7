"""All console pages of this app, for Django to find. Each lives with its concept."""

from retention.evaluation import admin as evaluation
from retention.fit import admin as fit
from retention.lifecycle import admin as lifecycle
from retention.work import admin as work

__all__ = ["evaluation", "fit", "lifecycle", "work"]
