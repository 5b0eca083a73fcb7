"""All models of this app, for Django to find. Each lives with its concept."""

from accounts.catalogue.models import Product
from accounts.contracts.models import ArrMovement, Contract, Invoice
from accounts.deals.models import ContractProposal, Deal
from accounts.events.models import DirtyAccount, Reaction
from accounts.facts.models import AccountFacts, CustomFact, FactChange
from accounts.foundation.models import AuditEntry, Bell
from accounts.identity.models import ExternalId
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    EventName,
    Feature,
    FeatureActivity,
    InboxRequest,
    IntentActivity,
    Milestone,
    MilestoneReached,
    PageIntent,
    PageSession,
    QuarantinedItem,
    SignalEvent,
    SignalPayload,
    SourceCount,
    UserActivity,
    Visit,
    Visitor,
)
from accounts.portfolio.models import Account, AccountEvent, AccountMember, SavedFilter
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole
from accounts.support.models import Ticket, TicketReopening
from accounts.team.models import ApiKey, Grant, Role, Team, User
from accounts.touches.models import (
    BusinessReview,
    NextStep,
    Pulse,
    ReviewAttendee,
    SurveyResponse,
    Touch,
    TouchAttendee,
    TouchText,
)
from accounts.workspace.models import Source, Workspace

__all__ = [
    "Account",
    "AccountActivity",
    "AccountEvent",
    "AccountFacts",
    "AccountIntents",
    "AccountMember",
    "ApiKey",
    "ArrMovement",
    "AuditEntry",
    "Bell",
    "BusinessReview",
    "Contract",
    "ContractProposal",
    "CustomFact",
    "Deal",
    "DirtyAccount",
    "EventName",
    "ExternalId",
    "FactChange",
    "Feature",
    "FeatureActivity",
    "Grant",
    "InboxRequest",
    "IntentActivity",
    "Milestone",
    "MilestoneReached",
    "PageIntent",
    "PageSession",
    "Invoice",
    "Product",
    "NextStep",
    "ProductUser",
    "Pulse",
    "QuarantinedItem",
    "Reaction",
    "ReviewAttendee",
    "Role",
    "SavedFilter",
    "SignalEvent",
    "SignalPayload",
    "Source",
    "SourceCount",
    "Stakeholder",
    "StakeholderRole",
    "SurveyResponse",
    "Team",
    "Ticket",
    "TicketReopening",
    "Touch",
    "TouchAttendee",
    "TouchText",
    "User",
    "UserActivity",
    "Visit",
    "Visitor",
    "Workspace",
]
