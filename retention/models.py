"""All models of this app, for Django to find. Each lives with its concept."""

from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
from retention.fit.models import FitCriterion, IdealProfile
from retention.health.models import (
    AccountHealth,
    HealthCap,
    HealthMeasure,
    HealthModel,
    HealthModelVersion,
    HealthOverride,
    HealthScore,
)
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange, StagePlacement
from retention.segments.models import AccountSegment, Dimension, DimensionVersion, Segment, SegmentChange
from retention.slas.models import BusinessCalendar, Clock, ClosedDay, Pause, TeamCalendar
from retention.work.models import WorkItem

__all__ = [
    "AccountSegment",
    "AccountHealth",
    "AccountStage",
    "BusinessCalendar",
    "Clock",
    "ClosedDay",
    "Dimension",
    "DimensionVersion",
    "Edge",
    "FitCriterion",
    "FullPass",
    "HealthCap",
    "HealthMeasure",
    "HealthModel",
    "HealthModelVersion",
    "HealthOverride",
    "HealthScore",
    "IdealProfile",
    "Incident",
    "Lifecycle",
    "LifecycleVersion",
    "Pause",
    "Segment",
    "SegmentChange",
    "Stage",
    "StageChange",
    "StagePlacement",
    "Standing",
    "TeamCalendar",
    "Watch",
    "WorkItem",
]
