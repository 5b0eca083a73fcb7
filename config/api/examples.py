"""What bodies look like, for the operations whose room shows none itself: operation → body. They name the demo book."""

from typing import Any

SIGNALS = {"reason": "unknown_account", "source": "crm"}
EXAMPLES: dict[str, dict[str, Any]] = {
    "absences_create": {"stand_in": "amelia", "starts_at": "2026-01-15T09:00:00Z", "ends_at": "2026-01-22T09:00:00Z"},
    "absences_partial_update": {"stand_in": "amelia"},
    "accounts_facts_create": {"values": {"plan_name": "Plain"}, "source": "crm"},
    "accounts_merge_create": {"into": "other", "dry_run": True},
    "accounts_partial_update": {"employees": 260, "tech_stack": ["Slack"], "team": {"ae": None}},
    "contracts_partial_update": {"billing_status": "on_hold", "tier": "Gold"},
    "contracts_cancel_create": {"cancelled_at": "2026-03-01T09:00:00Z"},
    "contracts_correct_create": {"arr": "48000.00", "reason": "A zero too many was typed."},
    "custom_facts_create": {
        "key": "plan_seats",
        "label": "Seats of the plan",
        "meaning": "How many seats the plan of the account has.",
        "type": "number",
        "unit": "seats",
    },
    "custom_facts_partial_update": {"label": "Seats of the plan"},
    "dead_letters_retry_create": {"may_repeat": False},
    "deals_partial_update": {"phase": "Negotiation", "probability": 60},
    "deals_accept_create": {"arr": "48000.00", "starts_on": "2026-01-15", "ends_on": "2027-01-14"},
    "deals_decline_create": {"reason": "The contract was signed on paper already."},
    "external_ids_create": {"source": "crm", "id": "acct-43", "account": "northwind-traders"},
    "features_create": {"key": "reports", "name": "Reports", "tier": "core", "events": ["Report Viewed"]},
    "features_partial_update": {"events": ["Report Viewed", "Report Exported"]},
    "ideal_profile_create": {
        "fit_from": 70,
        "review_from": 40,
        "criteria": [
            {
                "key": "has_contract",
                "label": "Pays us",
                "weight": 3,
                "matches": {"fact": "arr", "operator": "greaterThan", "value": 0},
            }
        ],
    },
    "milestones_create": {"key": "first_report", "name": "First report", "events": ["Report Viewed"]},
    "milestones_partial_update": {"events": ["Report Viewed", "Report Exported"]},
    "outbound_mode_change": {"mode": "preview"},
    "page_intents_create": {"key": "pricing", "name": "Looks at prices", "paths": ["/pricing*"]},
    "page_intents_partial_update": {"paths": ["/pricing*", "/plans*"]},
    "plays_start_create": {
        "accounts": ["northwind-traders"],
        "reason": "They asked for help",
        "occurrence": "ticket-4711",
    },
    "products_partial_update": {"description": "Up to 50 users.", "is_active": True},
    "quarantined_items_discard_create": SIGNALS | {"because": "Sent by a test system."},
    "quarantined_items_match_create": {"source": "crm", "id": "acct-43", "account": "northwind-traders"},
    "quarantined_items_replay_many": SIGNALS,
    "quarantined_items_settle_create": {"source": "crm", "match": True},
    "reviews_hold_create": {
        "outcome": "growth",
        "held_at": "2026-01-15T09:00:00Z",
        "text": "They want to roll out to Sales.",
        "minutes": 45,
    },
    "sources_partial_update": {"name": "Our CRM", "stale_after_hours": 48},
    "sources_write_keys_create": {"only": False},
    "stakeholders_partial_update": {"title": "COO", "roles": ["executive_sponsor"]},
    "touches_partial_update": {"text": "They want to roll out to Sales."},
    "webhook_endpoints_partial_update": {"name": "Warehouse", "kinds": ["stage.changed"]},
    "work_items_reassign_create": {"assignee": "amelia"},
}
