"""All models of this app, for Django to find. Each lives with its concept."""

from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange
from retention.work.models import WorkItem

__all__ = [
    "AccountStage",
    "Edge",
    "FullPass",
    "Incident",
    "Lifecycle",
    "LifecycleVersion",
    "Stage",
    "StageChange",
    "Standing",
    "Watch",
    "WorkItem",
]
