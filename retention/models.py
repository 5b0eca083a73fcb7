"""All models of this app, for Django to find. Each lives with its concept."""

from retention.evaluation.models import Edge, Standing, Watch
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange
from retention.work.models import WorkItem

__all__ = [
    "AccountStage",
    "Edge",
    "Lifecycle",
    "LifecycleVersion",
    "Stage",
    "StageChange",
    "Standing",
    "Watch",
    "WorkItem",
]
