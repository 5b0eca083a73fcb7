"""All models of this app, for Django to find. Each lives with its concept."""

from accounts.contracts.models import ArrMovement, Contract
from accounts.events.models import DirtyAccount, Reaction
from accounts.facts.models import AccountFacts, CustomFact
from accounts.foundation.models import AuditEntry, Bell
from accounts.identity.models import ExternalId
from accounts.ingestion.models import (
    AccountActivity,
    Feature,
    FeatureActivity,
    InboxRequest,
    QuarantinedItem,
    SignalEvent,
    SignalPayload,
    UserActivity,
)
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.stakeholders.models import ProductUser, Stakeholder, StakeholderRole
from accounts.team.models import ApiKey, Grant, Role, Team, User
from accounts.workspace.models import Source, Workspace

__all__ = [
    "Account",
    "AccountActivity",
    "AccountEvent",
    "AccountFacts",
    "AccountMember",
    "ApiKey",
    "ArrMovement",
    "AuditEntry",
    "Bell",
    "Contract",
    "CustomFact",
    "DirtyAccount",
    "ExternalId",
    "Feature",
    "FeatureActivity",
    "Grant",
    "InboxRequest",
    "ProductUser",
    "QuarantinedItem",
    "Reaction",
    "Role",
    "SignalEvent",
    "SignalPayload",
    "Source",
    "Stakeholder",
    "StakeholderRole",
    "Team",
    "User",
    "UserActivity",
    "Workspace",
]
