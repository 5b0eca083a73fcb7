"""The console's frame: its name, its side bar, its search."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy


def _sees(area: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.is_authenticated and request.user.reach(area) is not None


def _edits(area: str) -> Callable[[HttpRequest], bool]:
    return lambda request: request.user.is_authenticated and request.user.may_edit(area)


def _is_at(below: str, *, but: str) -> Callable[[HttpRequest], bool]:
    """Marks an entry as the page one is on, where another entry stands for a part of what is below it."""
    return lambda request: below in request.path and but not in request.path


def _item(
    title: str,
    icon: str,
    page: str,
    area: str | None = None,
    *,
    shown_to: Callable[[str], Any] = _sees,
    site: str = "admin:",
) -> dict[str, Any]:
    """One entry of the side bar, for those who see the area (or edit it, where it is nobody else's business)."""
    item: dict[str, Any] = {"title": title, "icon": icon, "link": reverse_lazy(f"{site}{page}")}
    return item | {"permission": shown_to(area)} if area else item


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": False, "items": list(items)}


_CALENDARS = "retention_businesscalendar_changelist"

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Holdfast",
    "SITE_HEADER": "Holdfast",
    "SITE_SUBHEADER": "Retention operations",
    "SITE_SYMBOL": "anchor",
    "SITE_URL": None,
    "ACCOUNT": {
        "navigation": [
            {"title": "Your security", "link": reverse_lazy("security")},
            {"title": "Your notices", "link": reverse_lazy("notices")},
            {"title": "Your calendar", "link": reverse_lazy("work_calendar")},
        ]
    },
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("holdfast/mark.svg")}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SHOW_BACK_BUTTON": False,
    "DASHBOARD_CALLBACK": "config.console.home.dashboard",
    "STYLES": [
        lambda request: static("holdfast/console.css"),
        lambda request: static("holdfast/signals.css"),
        lambda request: static("holdfast/builder.css"),
    ],
    "SCRIPTS": [
        lambda request: static("holdfast/console.js"),
        lambda request: static("holdfast/quick.js"),
        lambda request: static("holdfast/copy.js"),
        lambda request: static("holdfast/folds.js"),
        lambda request: static("holdfast/builder.js"),
    ],
    "COMMAND": {
        "search_models": [
            "accounts.account",
            "accounts.stakeholder",
            "accounts.deal",
            "accounts.ticket",
            "retention.workitem",
        ]
    },
    "COLORS": {
        "primary": {
            "50": "oklch(97.1% .014 210)",
            "100": "oklch(94% .03 210)",
            "200": "oklch(88% .06 211)",
            "300": "oklch(79% .1 212)",
            "400": "oklch(72% .12 215)",
            "500": "oklch(60% .12 220)",
            "600": "oklch(50% .11 224)",
            "700": "oklch(44% .1 226)",
            "800": "oklch(38% .08 228)",
            "900": "oklch(32% .065 230)",
            "950": "oklch(24% .05 232)",
        },
    },
    "SIDEBAR": {
        "show_search": True,
        "command_search": True,
        "show_all_applications": False,
        "navigation": [
            _group(
                "",
                _item("Home", "home", "index"),
                _item("My work", "task_alt", "retention_workitem_mine", "work"),
                _item("Handoffs", "swap_horizontal_circle", "retention_handoff_changelist", "work")
                | {"active": _is_at("/retention/handoff/", but="/retention/handoff/measures/")},
                _item("Onboarding measures", "monitoring", "retention_handoff_measures", "work"),
                _item("Book", "menu_book", "book", "accounts", site=""),
                _item("Accounts", "domain", "accounts_account_changelist", "accounts"),
                _item("Stakeholders", "groups", "accounts_stakeholder_changelist", "accounts"),
                _item("Success plans", "flag", "retention_successplan_changelist", "accounts"),
                _item("Pages for prospects", "travel_explore", "retention_prospectlink_changelist", "accounts"),
                _item("Office hours", "event", "retention_officehours_changelist", "accounts"),
                _item("Risks", "warning", "retention_risk_changelist", "accounts"),
                _item("Tickets", "support", "accounts_ticket_changelist", "accounts"),
                _item("Away", "event_busy", "accounts_absence_changelist", "people"),
                _item("Sent", "send", "accounts_delivery_changelist", "accounts"),
            ),
            _group(
                "Commercial",
                _item("Deals", "handshake", "accounts_deal_changelist", "accounts"),
                _item("Contracts", "contract", "accounts_contract_changelist", "accounts"),
                _item("Invoices", "receipt_long", "accounts_invoice_changelist", "accounts"),
                _item("Products", "inventory_2", "accounts_product_changelist", "definitions"),
            ),
            _group(
                "Plays",
                _item("Plays", "play_circle", "plays_play_changelist", "definitions"),
                _item("Runs", "directions_run", "plays_run_changelist", "runs"),
                _item("Decisions", "rule", "plays_decision_changelist", "runs"),
                _item("Segments", "category", "retention_dimension_changelist", "definitions"),
                _item("Plan templates", "checklist", "retention_plantemplate_changelist", "definitions"),
                _item("Lifecycles", "flag", "retention_lifecycle_changelist", "definitions"),
                _item("Handoff checklists", "fact_check", "retention_handofftemplate_changelist", "definitions"),
                _item("Health models", "favorite", "retention_healthmodel_changelist", "definitions"),
                _item("Milestones", "sports_score", "retention_valuemilestone_changelist", "definitions"),
                _item("Renewal risk", "crisis_alert", "retention_riskmodelversion_changelist", "definitions"),
                _item("Coverage policy", "diversity_1", "retention_coveragepolicyversion_changelist", "definitions"),
                _item("Audiences", "groups", "retention_audience_changelist", "definitions"),
                _item("Ideal customer", "target", "retention_idealprofile_changelist", "definitions"),
            ),
            _group(
                "Evaluation",
                _item("Watches", "visibility", "retention_watch_changelist", "definitions", shown_to=_edits),
                _item("Full passes", "fact_check", "retention_fullpass_changelist", "definitions", shown_to=_edits),
                _item("Incidents", "report", "retention_incident_changelist", "definitions", shown_to=_edits),
                _item("Dead letters", "mark_email_unread", "dead_letters", "definitions", shown_to=_edits, site=""),
            ),
            _group(
                "Signals",
                _item("Sources", "sensors", "accounts_source_changelist", "signals"),
                _item("Quarantine", "move_to_inbox", "accounts_quarantineditem_changelist", "signals"),
                _item("Tracking plan", "category", "accounts_feature_changelist", "definitions", shown_to=_edits),
                _item("Import values", "upload_file", "accounts_customfact_import", "definitions", shown_to=_edits),
                _item("Facts of your own", "dataset", "accounts_customfact_changelist", "definitions", shown_to=_edits),
            ),
            _group(
                "Settings",
                _item("Users", "person", "accounts_user_changelist", "people", shown_to=_edits),
                _item("Teams", "diversity_3", "accounts_team_changelist", "people", shown_to=_edits),
                _item("Roles", "badge", "accounts_role_changelist", "people", shown_to=_edits),
                _item("Business hours", "schedule", _CALENDARS, "definitions", shown_to=_edits),
                _item("Sign-in", "lock_person", "sign_in", "people", shown_to=_edits, site=""),
                _item("Outbound mode", "outgoing_mail", "accounts_delivery_mode", "settings"),
                _item("Webhooks", "webhook", "accounts_webhookendpoint_changelist", "settings"),
                _item("API keys", "key", "accounts_apikey_changelist", "settings"),
                _item("Health", "monitor_heart", "health", "settings", site=""),
                _item("Limits", "speed", "limits", "settings", site=""),
                _item("Retention", "auto_delete", "retention", "settings", site=""),
                _item("Privacy", "shield_person", "accounts_personrequest_person", "settings", shown_to=_edits),
                _item("Audit trail", "history", "accounts_auditentry_changelist", "audit"),
            ),
        ],
    },
}
