"""Rows of the retention app."""

from tests.factories.retention.evaluation import (
    CLAUSE,
    CONDITION,
    EdgeFactory,
    FullPassFactory,
    IncidentFactory,
    StandingFactory,
    WatchFactory,
)
from tests.factories.retention.fit import (
    FitCriterionFactory,
    IdealProfileFactory,
)
from tests.factories.retention.health import (
    AccountHealthFactory,
    HealthCapFactory,
    HealthMeasureFactory,
    HealthModelFactory,
    HealthModelVersionFactory,
    HealthOverrideFactory,
    HealthScoreFactory,
)
from tests.factories.retention.lifecycle import (
    AccountStageFactory,
    LifecycleFactory,
    LifecycleVersionFactory,
    StageChangeFactory,
    StageFactory,
    StagePlacementFactory,
)
from tests.factories.retention.segments import (
    AccountSegmentFactory,
    DimensionFactory,
    DimensionVersionFactory,
    SegmentChangeFactory,
    SegmentFactory,
)
from tests.factories.retention.work import (
    BusinessCalendarFactory,
    ClockFactory,
    ClosedDayFactory,
    PauseFactory,
    TeamCalendarFactory,
    WorkItemFactory,
)

__all__ = [
    "AccountHealthFactory",
    "AccountSegmentFactory",
    "AccountStageFactory",
    "BusinessCalendarFactory",
    "CLAUSE",
    "CONDITION",
    "ClockFactory",
    "ClosedDayFactory",
    "DimensionFactory",
    "DimensionVersionFactory",
    "EdgeFactory",
    "FitCriterionFactory",
    "FullPassFactory",
    "HealthCapFactory",
    "HealthMeasureFactory",
    "HealthModelFactory",
    "HealthModelVersionFactory",
    "HealthOverrideFactory",
    "HealthScoreFactory",
    "IdealProfileFactory",
    "IncidentFactory",
    "LifecycleFactory",
    "LifecycleVersionFactory",
    "PauseFactory",
    "SegmentChangeFactory",
    "SegmentFactory",
    "StageChangeFactory",
    "StageFactory",
    "StagePlacementFactory",
    "StandingFactory",
    "TeamCalendarFactory",
    "WatchFactory",
    "WorkItemFactory",
]
