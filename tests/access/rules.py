"""What each page of the console that is not generated declares: whose grants decide, and which rows its address names.

A new route without a line here, or without an area where its view names one, fails `test_matrix` by its name.
"""

from dataclasses import dataclass, field

from django.db import models

from accounts.contracts.models import Contract
from accounts.deals.models import Deal
from accounts.foundation.scope import Area
from accounts.identity.models import ExternalId
from accounts.ingestion.models import Feature, QuarantinedItem
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.portfolio.models import Account, SavedFilter
from accounts.privacy.models import PersonRequest
from accounts.stakeholders.models import ProductUser, Stakeholder
from accounts.team.models import Absence, ApiKey, Role, User
from accounts.touches.models import BusinessReview, NextStep, SurveyResponse
from accounts.workspace.models import Source
from plays.definitions.models import Play
from retention.audiences.models import Audience
from retention.evaluation.models import FullPass, Incident, Watch
from retention.handoffs.models import Handoff, HandoffFile, HandoffTemplate
from retention.health.models import HealthModel, HealthOverride
from retention.lifecycle.models import Lifecycle
from retention.milestones.models import AccountMilestone, ValueMilestone
from retention.risks.models import Risk, RiskRemedy
from retention.segments.models import Dimension
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.office_hours.models import OfficeHours
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate
from retention.work.models import WorkItem

Names = dict[str, tuple[type[models.Model] | None, str]]


@dataclass(frozen=True)
class Rule:
    """Who gets in: people whose role reaches `area` (None: whoever is signed in, or anybody)."""

    area: str | None
    changes: bool = False
    """Whether it is for those alone who may change what they reach."""
    names: Names = field(default_factory=dict)
    """Parameter of the address → the model whose row it names and by which field; or None and a fixed value."""
    is_self_service: bool = False
    """Whether those who see the area may change what is theirs."""


def _pages(area: str, names: Names | None = None, *pages: str, changes: bool = True) -> dict[str, Rule]:
    return {page: Rule(area, changes=changes, names=names or {}) for page in pages}


def _of(model: type[models.Model], *pages: str, changes: bool = True) -> dict[str, Rule]:
    """Pages whose `pk` names a row of `model`."""
    return _pages(model.AREA, {"pk": (model, "pk")}, *pages, changes=changes)  # type: ignore[attr-defined]


SEGMENT: Names = {"pk": (Dimension, "pk"), "key": (None, "no-such-segment")}
HANDED: Names = {"pk": (Handoff, "pk"), "key": (None, "no-such-item")}
CHECKED: Names = {"pk": (HandoffTemplate, "pk"), "key": (None, "no-such-item")}
PLAN: Names = {"part": (None, "features"), "pk": (Feature, "pk")}
VERBS = ("add", "edit", "remove", "shift")
STAGE: Names = {"pk": (Lifecycle, "pk"), "key": (None, "closed_won")}
AGENDA: Names = {"pk": (SuccessPlan, "pk"), "key": (None, "kickoff")}
ROUTE: Names = {"pk": (ValueMilestone, "pk"), "key": (None, "no-such-route")}
SIGNAL: Names = {"key": (None, "no-such-signal")}
CONSOLE: dict[str, Rule] = {
    "health": Rule(Area.SETTINGS),
    "accounts_auditentry_export": Rule(Area.AUDIT),
    **_pages(Area.PEOPLE, None, "sign_in"),
    **_of(User, "sign_in_reset", "sign_in_unlink"),
    "security": Rule(None),
    "limits": Rule(Area.SETTINGS),
    "retention": Rule(Area.SETTINGS),
    "retention_change": Rule(Area.SETTINGS, changes=True, names={"name": (None, "visits")}),
    "book": Rule(Area.ACCOUNTS),
    **_pages(Area.DEFINITIONS, None, *(f"condition_{what}" for what in ("facts", "values", "count")), changes=False),
    "book_export": Rule(Area.ACCOUNTS),
    **_pages(Area.ACCOUNTS, None, "book_assign", "book_step", "book_pulse"),
    **_of(Account, "book_csm"),
    "book_filter_save": Rule(None),
    "book_filter_delete": Rule(None, names={"pk": (SavedFilter, "pk")}),
    **_pages(Area.DEFINITIONS, None, "dead_letters", "dead_letters_decide"),
    **_of(Account, "accounts_contract_sign", "accounts_deal_open", "accounts_externalid_link"),
    **_of(Account, "accounts_account_edit", "accounts_account_assign", "accounts_account_merge"),
    **_of(Account, "accounts_account_move-stage"),
    **_of(Lifecycle, "retention_lifecycle_rule", changes=False),
    **_of(Lifecycle, "retention_lifecycle_add_stage"),
    **_pages(Area.DEFINITIONS, STAGE, "retention_lifecycle_stage", changes=False),
    **_pages(Area.DEFINITIONS, STAGE, *(f"retention_lifecycle_{verb}_stage" for verb in ("edit", "shift", "remove"))),
    "accounts_account_start-play": Rule(Area.RUNS, changes=True, names={"pk": (Account, "pk")}),
    **_of(Account, "accounts_stakeholder_new", "accounts_touch_next_step", "accounts_touch_pulse"),
    **_of(Account, "accounts_touch_review_plan"),
    **_of(Contract, "accounts_contract_replace", "accounts_contract_notice", "accounts_contract_correct"),
    **_of(Deal, "accounts_deal_accept", "accounts_deal_decline", "accounts_deal_edit"),
    **_pages(Area.ACCOUNTS, None, "accounts_customfact_import"),
    "accounts_customfact_value": Rule(
        Area.ACCOUNTS, changes=True, names={"pk": (Account, "pk"), "key": (None, "no-such-fact")}
    ),
    **_of(ExternalId, "accounts_externalid_unlink"),
    **_pages(Area.DEFINITIONS, PLAN, "accounts_plan_map", "accounts_plan_notice", "accounts_plan_new"),
    **_pages(Area.DEFINITIONS, PLAN, "accounts_plan_edit", "accounts_plan_history", "accounts_plan_remove"),
    **_pages(Area.SIGNALS, None, "accounts_quarantine_items", "accounts_quarantine_group", changes=False),
    **_pages(Area.SIGNALS, None, "accounts_quarantine_work", "accounts_quarantine_left", changes=False),
    **_pages(Area.SIGNALS, None, "accounts_quarantine_download", changes=False),
    **_pages(Area.SIGNALS, None, "accounts_quarantine_accounts", "accounts_quarantine_plan"),
    **_of(QuarantinedItem, "accounts_quarantine_replay"),
    **_of(Source, "accounts_source_edit", "accounts_source_key", "accounts_source_revoke"),
    **_of(Source, "accounts_source_live", changes=False),
    "accounts_delivery_mode": Rule(Area.SETTINGS),
    "accounts_delivery_notifications": Rule(None),
    **_of(Delivery, "accounts_delivery_decide"),
    **_of(WebhookEndpoint, *(f"accounts_webhookendpoint_{verb}" for verb in ("edit", "rotate", "do"))),
    **_of(Stakeholder, "accounts_stakeholder_edit"),
    **_of(ProductUser, "accounts_stakeholder_user", "accounts_stakeholder_promote"),
    **_pages(Area.ACCOUNTS, None, "accounts_touch_log", "accounts_touch_undo", "accounts_touch_accounts"),
    **_of(NextStep, "accounts_touch_next_step_done"),
    **_of(BusinessReview, "accounts_touch_review_hold", "accounts_touch_review_cancel"),
    **_of(SurveyResponse, "accounts_touch_survey_close"),
    **_of(HealthModel, "retention_healthmodel_edit"),
    **_pages(Area.WORK, HANDED, "retention_handoff_item"),
    **_pages(Area.WORK, None, "retention_handoff_measures", changes=False),
    **_of(Handoff, "retention_handoff_do"),
    **_of(Handoff, "retention_handoff_sign_fit", changes=False),
    **_pages(
        Area.WORK, {"pk": (Handoff, "pk"), "number": (HandoffFile, "pk")}, "retention_handoff_file", changes=False
    ),
    **_of(HandoffTemplate, "retention_handofftemplate_edit"),
    **_pages(Area.DEFINITIONS, CHECKED, *(f"retention_handofftemplate_{verb}_item" for verb in VERBS)),
    **_of(HandoffTemplate, "retention_handofftemplate_add_section"),
    **_pages(Area.DEFINITIONS, CHECKED, *(f"retention_handofftemplate_{verb}_section" for verb in VERBS[1:])),
    "accounts_account_start-handoff": Rule(Area.WORK, changes=True, names={"pk": (Account, "pk")}),
    **_of(HealthOverride, "retention_healthoverride_end"),
    **_of(Account, "accounts_account_override-health"),
    **_of(Account, "accounts_account_start-plan"),
    **_of(SuccessPlan, *(f"retention_successplan_add_{what}" for what in ("objective", "task", "list", "win"))),
    **_of(SuccessPlan, "retention_successplan_share", "retention_successplan_move", "retention_successplan_edit"),
    **_of(SuccessPlan, "retention_successplan_recap", changes=False),
    **_pages(Area.ACCOUNTS, AGENDA, "retention_successplan_agenda", changes=False),
    **_of(PlanObjective, "retention_successplan_objective"),
    **_of(PlanObjective, *(f"retention_successplan_{verb}_objective" for verb in ("close", "drop", "reopen"))),
    **_of(PlanTask, "retention_successplan_task", "retention_successplan_tick_task"),
    **_of(PlanWin, "retention_successplan_win"),
    **_of(SuccessPlan, "retention_successplan_add_office_hours"),
    **_of(ProspectLink, "retention_prospectlink_revoke"),
    **_pages(Area.ACCOUNTS, None, "retention_prospectlink_new"),
    **_of(OfficeHours, "retention_officehours_edit", "retention_officehours_end"),
    "retention_officehours_attend": Rule(Area.ACCOUNTS, changes=True, names={"pk": (WorkItem, "pk")}),
    **_of(PlanLink, "retention_successplan_revoke_link"),
    **_of(PlanTemplate, "retention_plantemplate_edit"),
    **_pages(Area.DEFINITIONS, None, "retention_valuemilestone_new"),
    **_of(ValueMilestone, "retention_valuemilestone_edit", "retention_valuemilestone_add_route"),
    **_pages(Area.DEFINITIONS, ROUTE, "retention_valuemilestone_route", "retention_valuemilestone_remove"),
    **_of(AccountMilestone, "retention_accountmilestone_back"),
    **_of(Account, "accounts_account_reach-milestone", "accounts_account_raise-risk"),
    **_pages(Area.DEFINITIONS, None, "retention_riskmodelversion_add_signal", "retention_coveragepolicyversion_line"),
    **_pages(Area.DEFINITIONS, None, "retention_coveragepolicyversion_dimension"),
    **_pages(Area.ACCOUNTS, None, "retention_coveragepolicyversion_holes", changes=False),
    **_pages(Area.DEFINITIONS, None, "retention_audience_new"),
    **_pages(Area.DEFINITIONS, None, "retention_audience_size", changes=False),
    **_of(Audience, "retention_audience_edit", "retention_audience_remove"),
    **_pages(Area.ACCOUNTS, {"pk": (Audience, "pk")}, "retention_audience_export", changes=False),
    **_pages(Area.DEFINITIONS, SIGNAL, "retention_riskmodelversion_signal"),
    **_of(Risk, *(f"retention_risk_{verb}" for verb in ("edit", "step", "remedy", "review", "close"))),
    **_of(RiskRemedy, "retention_riskremedy_done", "retention_riskremedy_remove"),
    **_of(Incident, "retention_incident_close"),
    **{
        f"retention_{model._meta.model_name}_{page}": Rule(
            Area.DEFINITIONS, changes=True, names={"object_id": (model, "pk")}
        )
        for model in (Incident, FullPass, Watch)
        for page in ("changelist", "change", "history")
    },
    **_pages(Area.SETTINGS, None, *(f"accounts_personrequest_{page}" for page in ("person", "words", "copy", "erase"))),
    **_of(PersonRequest, "accounts_personrequest_settle"),
    "accounts_stakeholder_personal_data": Rule(Area.SETTINGS, changes=True, names={"object_id": (Stakeholder, "pk")}),
    **_of(ApiKey, "accounts_apikey_rotate", "accounts_apikey_revoke"),
    **_of(WorkItem, "retention_workitem_close"),
    **_of(
        WorkItem,
        *(
            f"retention_workitem_{verb}"
            for verb in ("complete", "snooze", "wake", "take", "delegate", "comment", "minutes")
        ),
    ),
    "retention_workitem_mine": Rule(Area.WORK),
    **_pages(Area.WORK, None, "retention_workitem_undo"),
    "retention_workitem_bulk": Rule(Area.WORK, changes=True, names={"verb": (None, "complete")}),
    "work_calendar": Rule(Area.WORK, is_self_service=True),
    "notices": Rule(None),
    "notices_of_role": Rule(Area.PEOPLE, changes=True, names={"pk": (Role, "pk")}),
    **_of(WorkItem, "retention_workitem_wait", "retention_workitem_go_on"),
    **_of(Play, "plays_play_switch", "plays_play_trigger", "plays_play_edit"),
    **_pages(Area.DEFINITIONS, None, "plays_play_new"),
    **_of(Play, "plays_play_preview", "plays_play_calendar", changes=False),
    **_of(User, *(f"accounts_user_{page}" for page in ("link", "leave", "return"))),
    **_pages(Area.DEFINITIONS, None, "retention_dimension_new"),
    **_pages(Area.DEFINITIONS, None, "retention_dimension_combine", changes=False),
    **_of(Dimension, "retention_dimension_edit"),
    **_pages(Area.DEFINITIONS, SEGMENT, "retention_dimension_segment", changes=False),
    **_pages(Area.ACCOUNTS, SEGMENT, "retention_dimension_owners"),
    "accounts_absence_end": Rule(Area.PEOPLE, names={"pk": (Absence, "pk")}, is_self_service=True),
    "accounts_absence_changelist": Rule(Area.PEOPLE, is_self_service=True),
    "accounts_absence_change": Rule(Area.PEOPLE, names={"object_id": (Absence, "pk")}, is_self_service=True),
    "view_on_site": Rule(None, names={"content_type_id": (None, "1"), "object_id": (Account, "pk")}),
    "app_list": Rule(None, names={"app_label": (None, "accounts")}),
}
"""By the name of the route."""
ANYBODY = {
    "",
    "signals",
    "healthz",
    "calendar",
    "shared",
    "problems",
    "problem",
    "metrics",
    "^(api|v1)(/|$)",
    r"^v1/(?P<path>identify|import|screen|batch|track|group|alias|page|b|t|i|g|p|a)/?$",
    "index",
    "search",
    "login",
    "sign_in_code",
    "single_sign_on",
    "single_sign_on_back",
    "logout",
    "sign_in_link",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
    "admin/(?P<url>.*)$",
}
"""Names or addresses of pages that are the frame, or that ask for a key of their own."""
DERIVED = {"changelist", "add", "history", "delete", "change"}
