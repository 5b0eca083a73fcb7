"""All models of this app, for Django to find. Each lives with its concept."""

from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
from retention.fit.models import FitCriterion, IdealProfile
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange
from retention.work.models import WorkItem

__all__ = [
    "AccountStage",
    "Edge",
    "FitCriterion",
    "FullPass",
    "IdealProfile",
    "Incident",
    "Lifecycle",
    "LifecycleVersion",
    "Stage",
    "StageChange",
    "Standing",
    "Watch",
    "WorkItem",
]
