from accounts.ingestion.models.activity import (
    AccountActivity,
    AccountIntents,
    FeatureActivity,
    IntentActivity,
    MilestoneReached,
    PageSession,
    Ring,
    UserActivity,
)
from accounts.ingestion.models.inbox import InboxRequest, QuarantinedItem, SourceCount
from accounts.ingestion.models.plan import EventName, Feature, HistoryCount, Milestone, PageIntent
from accounts.ingestion.models.signals import SignalEvent, SignalPayload
from accounts.ingestion.models.visits import Visit, Visitor

__all__ = [
    "AccountActivity",
    "AccountIntents",
    "EventName",
    "Feature",
    "FeatureActivity",
    "HistoryCount",
    "InboxRequest",
    "IntentActivity",
    "Milestone",
    "MilestoneReached",
    "PageIntent",
    "PageSession",
    "QuarantinedItem",
    "Ring",
    "SignalEvent",
    "SignalPayload",
    "SourceCount",
    "UserActivity",
    "Visit",
    "Visitor",
]
