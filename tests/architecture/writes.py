"""Finds the places that write rows past the audit trail."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.architecture.code import Module, our_models

MODELS = {model.__name__ for model in our_models()}

MACHINE_WRITTEN = {
    "AccountActivity": {"accounts.ingestion.activity", "accounts.ingestion.joining"},
    "AccountIntents": {"accounts.ingestion.intents", "accounts.ingestion.joining"},
    "AccountEvent": {"accounts.portfolio.events"},
    "AccountFacts": {"accounts.facts.projection", "accounts.facts.services"},
    "AccountSegment": {"retention.segments.placing"},
    "AccountMilestone": {"retention.milestones.keeping", "retention.milestones.services"},  # seen by conditions; merged
    "AccountRisk": {"retention.risks.keeping"},
    "AccountHealth": {"retention.health.keeping"},
    "AccountStage": {"retention.lifecycle.placing"},
    "Allowance": {"accounts.throttling.services", "accounts.throttling.jobs"},
    "AuditEntry": {"accounts.foundation.audit"},
    "Crossing": {"accounts.limits.services"},
    "Bell": {"accounts.foundation.bell"},
    "Delivery": {
        "accounts.outbox.services",
        "accounts.outbox.sending",
        "accounts.outbox.endpoints.services",
        "accounts.outbox.transports.webhook",
        "accounts.outbox.jobs",
    },
    "DeliveryAttempt": {"accounts.outbox.sending"},
    "DeliveryBody": {"accounts.outbox.services", "accounts.outbox.sending", "accounts.outbox.jobs"},
    "Candidate": {"plays.triggers.candidates"},
    "Decision": {"plays.triggers.deciding"},
    "DirtyAccount": {"accounts.events.services"},
    "Edge": {"retention.evaluation.edges"},
    "FactChange": {"accounts.facts.history"},
    "FeatureActivity": {"accounts.ingestion.activity", "accounts.ingestion.joining"},
    "FullPass": {"retention.evaluation.fullpass"},
    "Incident": {"retention.evaluation.incidents"},
    "HealthScore": {"retention.health.keeping"},
    "InboxRequest": {"accounts.ingestion.services", "accounts.ingestion.fold"},
    "IntentActivity": {"accounts.ingestion.intents", "accounts.ingestion.joining"},
    "MilestoneReached": {"accounts.ingestion.milestones", "accounts.ingestion.joining"},
    "Moment": {"plays.triggers.moments"},
    "Occurrence": {"accounts.calendar.looking", "accounts.calendar.services", "plays.triggers.rounds"},
    "PageSession": {"accounts.ingestion.intents"},
    "Invoice": {"accounts.contracts.invoices"},
    "Pepper": {"accounts.privacy.staying_away"},
    "ProductUser": {"accounts.ingestion.people"},
    "QuarantinedItem": {
        "accounts.ingestion.services",
        "accounts.ingestion.batches",
        "accounts.ingestion.bulk.services",
    },
    "Reaction": {"accounts.events.services"},
    "RecoveryCode": {"accounts.sign_in.factors"},  # made, used and replaced under entries about their factor
    "RiskTierChange": {"retention.risks.keeping"},
    "SegmentChange": {"retention.segments.placing"},
    "SignalEvent": {"accounts.ingestion.settling"},
    "SignalPayload": {"accounts.ingestion.settling", "accounts.ingestion.services"},
    "SourceCount": {"accounts.ingestion.tally"},
    "StoredAnswer": {"accounts.idempotency.services", "accounts.idempotency.jobs"},
    "StageChange": {"retention.lifecycle.placing"},
    "StagePlacement": {"retention.lifecycle.placements"},
    "Standing": {"retention.evaluation.passes", "retention.evaluation.standings"},
    "Round": {"plays.triggers.rounds"},
    "StepRun": {"plays.runs.services"},
    "UserActivity": {"accounts.ingestion.activity", "accounts.ingestion.joining"},
    "Visit": {"accounts.ingestion.visits"},
    "Visitor": {"accounts.ingestion.people"},
    "Worker": {"accounts.foundation.workers"},
    "Ticket": {"accounts.support.services"},
    "TicketReopening": {"accounts.support.services"},
}
"""Tables that machines write by the thousand and that tell of themselves: model → the modules that may."""

MACHINE_COLUMNS = {
    "SecondFactor": {"accounts.sign_in.factors"},  # the step of the last code
    "OfficeHoursGuest": {"retention.success_plans.office_hours.registry"},  # the same
    "AccountMember": {"accounts.identity.merging"},  # the account it belongs to; the merge has its entry
    "ApiKey": {"accounts.team.keys"},  # last_used_at
    "CalendarFeed": {"retention.work.feeds"},  # when a calendar read it
    "EventName": {"accounts.ingestion.tally"},  # how often and when it came
    "Source": {"accounts.ingestion.fold", "accounts.workspace.services", "accounts.facts.silence"},  # deliveries
    "WebhookEndpoint": {"accounts.outbox.transports.webhook"},  # how its calls went
    "Watch": {"retention.evaluation.baseline"},  # how far it is prepared, and the slot it gives back
}
"""Audited models with a column that moves without anybody's doing."""

VERBS = {
    "accounts.foundation.audit",  # create, update and delete with their entry
    "accounts.foundation.claims",  # the states of claimable rows, whichever they are
    "accounts.foundation.holding",  # their leases
    "accounts.foundation.bell",
    "accounts.foundation.many",  # inserts rows of the model its callers name
    "accounts.outbox.sending",  # the attempts of a delivery
    "accounts.outbox.jobs",  # what is kept no longer
    "accounts.outbox.transports.webhook",  # rows gathered in a variable
    "accounts.facts.history",  # old rows of one table, gathered in a variable
    "accounts.identity.merging",  # whatever belongs to an account, under one entry
    "accounts.ingestion.joining",  # as a part of a merge
    "accounts.ingestion.tally",  # counts of rows it has just found
}
"""Modules that may write rows whose model cannot be read off the line."""

MANAGERS = {"objects", "_default_manager", "_base_manager"}
WRITES = {"create", "update", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
MANY = {"insert", "insert_from", "write", "writing", "put", "change", "upsert", "upsert_values", "delete_all"}
CHANGES = re.compile(r"\b(INSERT INTO|UPDATE\s+\S+\s+SET|DELETE FROM|TRUNCATE|COPY\s+\S+ .*FROM STDIN)\b")
"""What a statement written by hand begins with where it changes rows."""
BULK = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}


@dataclass(frozen=True)
class Write:
    """One call that writes rows: of this model, or of one that the line does not say."""

    line: int
    text: str
    model: str | None


def writes(tree: ast.AST) -> Iterator[Write]:
    """The calls in `tree` that write rows of ours without the audit verbs."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if not isinstance(call.func, ast.Attribute):
            continue
        root, through_manager = _root(call.func.value)
        if root == "many" and call.func.attr in MANY:
            model = _root(call.args[0])[0]
            yield Write(call.lineno, ast.unparse(call)[:80], model if model in MODELS else None)
        if call.func.attr in ("execute", "executemany") and call.args and CHANGES.search(ast.unparse(call.args[0])):
            yield Write(call.lineno, ast.unparse(call)[:80], _named_in(call.args[0]))
        if through_manager and call.func.attr in WRITES and not _is_foreign(root):
            yield Write(call.lineno, ast.unparse(call)[:80], root if root in MODELS else None)
        elif not through_manager and _looks_like_a_write(call, call.func):
            yield Write(call.lineno, ast.unparse(call)[:80], None)


def _named_in(statement: ast.AST) -> str | None:
    """The model of ours whose table a statement names by `Model._meta`; None where it names none."""
    names = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    return min(names & MODELS, default=None)


def _is_foreign(name: str | None) -> bool:
    """Whether `name` is a class, but no model of ours."""
    return name is not None and name[0].isupper() and name not in MODELS


def _root(node: ast.AST) -> tuple[str | None, bool]:
    """The name at the root of a chain of calls, and whether the chain goes through its manager."""
    through_manager = False
    while not isinstance(node, ast.Name):
        if isinstance(node, ast.Attribute):
            through_manager = through_manager or node.attr in MANAGERS
            node = node.value
        elif isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return None, through_manager
    return node.id, through_manager


def _looks_like_a_write(call: ast.Call, func: ast.Attribute) -> bool:
    """Whether a call on something unknown is one on a row or on rows.

    Keyword arguments alone tell `rows.update(state=…)` from a dictionary's `update(…)` and from `audit.update(row, …)`;
    the verb of a service says by whom; `save(commit=False)` of a form writes nothing.
    """
    keywords = {keyword.arg for keyword in call.keywords}
    if "by" in keywords:
        return False
    if func.attr in BULK:
        return True
    if func.attr in ("update", "create"):
        return not call.args and bool(keywords)
    if func.attr == "delete":
        return not call.args and not keywords
    return func.attr == "save" and not call.args and keywords <= {"update_fields", "force_insert", "force_update"}


def is_allowed(write: Write, module: Module) -> bool:
    """Whether `module` may do this write."""
    if module.name in VERBS and (write.model is None or module.name == "accounts.foundation.audit"):
        return True
    if write.model in MACHINE_WRITTEN:
        return module.name in MACHINE_WRITTEN[write.model]
    if write.model in MACHINE_COLUMNS:
        return module.name in MACHINE_COLUMNS[write.model]
    is_service = ".services" in module.name
    if write.model is None:
        return is_service
    return is_service and _room(module.name) == _home(write.model)


def _room(name: str) -> str:
    return ".".join(name.split(".")[:2])


def _home(model: str) -> str:
    return next(_room(found.__module__) for found in our_models() if found.__name__ == model)
