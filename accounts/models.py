"""All models of this app, for Django to find. Each lives with its concept."""

from accounts.calendar.models import Calendar, Occurrence
from accounts.catalogue.models import Product
from accounts.contracts.models import ArrMovement, Contract, Invoice
from accounts.deals.models import ContractProposal, Deal
from accounts.events.models import DirtyAccount, Reaction
from accounts.facts.models import AccountFacts, CustomFact, FactChange
from accounts.foundation.models import AuditEntry, Bell
from accounts.idempotency.models import StoredAnswer
from accounts.identity.models import ExternalId
from accounts.ingestion.models import (
    AccountActivity,
    AccountIntents,
    EventName,
    Feature,
    FeatureActivity,
    HistoryCount,
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
from accounts.keeping.models import KeptPeriod
from accounts.limits.models import Crossing
from accounts.outbox.models import Delivery, DeliveryAttempt, DeliveryBody, Digest, NoticeChoice, WebhookEndpoint
from accounts.portfolio.models import Account, AccountEvent, AccountMember, SavedFilter
from accounts.privacy.models import ErasedName, Pepper, PersonRequest
from accounts.sign_in.models import FactorRule, Identity, RecoveryCode, SecondFactor
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole, StakeholderTopic
from accounts.support.models import Ticket, TicketReopening
from accounts.team.models import Absence, ApiKey, Grant, Role, Team, User
from accounts.throttling.models import Allowance
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
    "FactorRule",
    "Identity",
    "RecoveryCode",
    "SecondFactor",
    "Crossing",
    "KeptPeriod",
    "Absence",
    "Account",
    "AccountActivity",
    "AccountEvent",
    "AccountFacts",
    "AccountIntents",
    "AccountMember",
    "Allowance",
    "ApiKey",
    "ArrMovement",
    "AuditEntry",
    "Bell",
    "BusinessReview",
    "Calendar",
    "Contract",
    "ContractProposal",
    "CustomFact",
    "Deal",
    "Delivery",
    "DeliveryAttempt",
    "DeliveryBody",
    "Digest",
    "DirtyAccount",
    "ErasedName",
    "EventName",
    "ExternalId",
    "FactChange",
    "Feature",
    "FeatureActivity",
    "HistoryCount",
    "Grant",
    "InboxRequest",
    "IntentActivity",
    "Milestone",
    "MilestoneReached",
    "Occurrence",
    "PageIntent",
    "PageSession",
    "Invoice",
    "Product",
    "NextStep",
    "NoticeChoice",
    "Pepper",
    "PersonRequest",
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
    "StakeholderTopic",
    "StoredAnswer",
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
    "WebhookEndpoint",
    "Workspace",
]
