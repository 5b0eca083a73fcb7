"""All models of this app, for Django to find. Each lives with its concept."""

from retention.audiences.models import Audience
from retention.coverage.models import CoverageLine, CoveragePolicyVersion, CoverageRole
from retention.evaluation.models import Edge, FullPass, Incident, Standing, Watch
from retention.fit.models import FitCriterion, IdealProfile
from retention.handoffs.models import (
    Answer,
    Handoff,
    HandoffFile,
    HandoffItem,
    HandoffSection,
    HandoffTemplate,
    HandoffTurn,
    HandoffVersion,
    ItemReturn,
    Promise,
)
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
from retention.milestones.models import AccountMilestone, MilestoneRoute, ValueMilestone
from retention.risks.models import (
    AccountRisk,
    Risk,
    RiskModelVersion,
    RiskRemedy,
    RiskReview,
    RiskSignal,
    RiskTierChange,
)
from retention.segments.models import AccountSegment, Dimension, DimensionVersion, Segment, SegmentChange
from retention.slas.models import BusinessCalendar, Clock, ClosedDay, Pause, TeamCalendar
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursGuest, OfficeHoursSession
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion
from retention.work.models import CalendarFeed, WorkComment, WorkItem, WorkTime

__all__ = [
    "AccountSegment",
    "AccountHealth",
    "AccountMilestone",
    "AccountRisk",
    "AccountStage",
    "Answer",
    "Audience",
    "BusinessCalendar",
    "CalendarFeed",
    "Clock",
    "CoverageLine",
    "CoveragePolicyVersion",
    "CoverageRole",
    "ClosedDay",
    "Dimension",
    "DimensionVersion",
    "Edge",
    "FitCriterion",
    "FullPass",
    "Handoff",
    "HandoffFile",
    "HandoffItem",
    "HandoffSection",
    "HandoffTemplate",
    "HandoffTurn",
    "HandoffVersion",
    "HealthCap",
    "HealthMeasure",
    "HealthModel",
    "HealthModelVersion",
    "HealthOverride",
    "HealthScore",
    "IdealProfile",
    "Incident",
    "ItemReturn",
    "Lifecycle",
    "LifecycleVersion",
    "MilestoneRoute",
    "Pause",
    "Promise",
    "OfficeHours",
    "OfficeHoursGuest",
    "OfficeHoursSession",
    "PlanLink",
    "PlanObjective",
    "PlanTask",
    "PlanTemplate",
    "PlanTemplateVersion",
    "PlanWin",
    "ProspectLink",
    "Risk",
    "RiskModelVersion",
    "RiskRemedy",
    "RiskReview",
    "RiskSignal",
    "RiskTierChange",
    "Segment",
    "SegmentChange",
    "Stage",
    "StageChange",
    "StagePlacement",
    "Standing",
    "SuccessPlan",
    "TeamCalendar",
    "ValueMilestone",
    "Watch",
    "WorkComment",
    "WorkItem",
    "WorkTime",
]
