"""What bodies look like, for the operations whose room shows none itself: operation → body. They name the demo book."""

from typing import Any

from config.api.plan_examples import PLANS

SIGNALS = {"reason": "unknown_account", "source": "crm"}
EXAMPLES: dict[str, dict[str, Any]] = {
    **PLANS,
    "absences_create": {"stand_in": "amelia", "starts_at": "2026-01-15T09:00:00Z", "ends_at": "2026-01-22T09:00:00Z"},
    "absences_partial_update": {"stand_in": "amelia"},
    "accounts_facts_create": {"values": {"plan_name": "Plain"}, "source": "crm"},
    "accounts_merge_create": {"into": "other", "dry_run": True},
    "accounts_partial_update": {"employees": 260, "tech_stack": ["Slack"], "team": {"ae": None}},
    "account_milestones_create": {
        "account": "northwind-traders",
        "milestone": "value_proof",
        "reached_at": "2026-01-12T09:00:00Z",
        "evidence": "Minutes of the review of January.",
    },
    "business_calendars_partial_update": {
        "closes": "18:00:00",
        "closed_days": [{"day": "2026-12-24", "name": "Christmas Eve"}],
    },
    "contracts_partial_update": {"billing_status": "on_hold", "tier": "Gold"},
    "contracts_cancel_create": {"cancelled_at": "2026-03-01T09:00:00Z"},
    "contracts_correct_create": {"arr": "48000.00", "reason": "A zero too many was typed."},
    "audiences_create": {
        "key": "champions_onboarding",
        "name": "Champions in onboarding",
        "roles": ["champion"],
        "condition": {"fact": "stage", "operator": "equal", "value": "closed_won"},
    },
    "coverage_policies_create": {
        "segments_by": "service_tier",
        "lines": [{"people": 2, "within_days": 60, "roles": [{"role": "champion", "engaged_days": 60}]}],
    },
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
    "dimensions_create": {
        "key": "company_growth",
        "name": "Growth",
        "meaning": "How large the customer is.",
        "segments": [
            {
                "key": "large",
                "name": "Large",
                "condition": {"fact": "employees", "operator": "greaterThanInclusive", "value": 500},
                "check_in_days": 14,
            },
            {
                "key": "small",
                "name": "Small",
                "condition": {"fact": "employees", "operator": "lessThan", "value": 500},
            },
            {"key": "unknown", "name": "Unknown", "condition": None},
        ],
    },
    "external_ids_create": {"source": "crm", "id": "acct-43", "account": "northwind-traders"},
    "features_create": {"key": "reports", "name": "Reports", "tier": "core", "events": ["Report Viewed"]},
    "features_partial_update": {"events": ["Report Viewed", "Report Exported"]},
    "health_models_create": {
        "key": "plain",
        "name": "Plain",
        "applies": {"fact": "closed_won_at", "operator": "isKnown"},
        "precedence": 90,
        "measures": [
            {
                "key": "depth",
                "name": "Features in regular use",
                "weight": 100,
                "scale": {"fact": "features_used_30d", "marks": [[0, 0], [8, 100]]},
            }
        ],
        "caps": [
            {
                "key": "notice",
                "name": "The customer gave notice",
                "when": {"fact": "cancel_notice_at", "operator": "isKnown"},
                "at_most": 20,
            }
        ],
    },
    "handoffs_upload_file": {"file": "(the bytes of the file)", "revision": 0},
    "handoffs_cancel_create": {"reason": "The customer signed with us through a partner."},
    "handoffs_change_promise": {"what": "Sign-on with your provider by the end of May", "due_on": "2026-05-29"},
    "handoffs_judge_create": {"promise": 7, "verdict": "needs_product", "note": "On the roadmap for May."},
    "handoffs_promises_create": {"what": "Single sign-on by March", "to_whom": "Their CIO", "promised_by": "amelia"},
    "handoffs_sign_fit_create": {"note": "Small, but they open a market that we want."},
    "handoffs_wait_create": {"reason": "customer"},
    "health_overrides_create": {
        "account": "northwind-traders",
        "band": "red",
        "reason": "Their sponsor told me that they look at a competitor.",
        "until_on": "2026-01-30",
    },
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
    "lifecycles_create": {
        "key": "partner",
        "name": "Partners",
        "stages": [
            {
                "key": "signed",
                "name": "Signed",
                "meaning": "The contract is signed.",
                "enter": {"fact": "closed_won_at", "operator": "isKnown"},
                "raci": {"sales": "R", "cs": "A"},
                "normal_days": 30,
            }
        ],
    },
    "milestones_create": {"key": "first_report", "name": "First report", "events": ["Report Viewed"]},
    "milestones_partial_update": {"events": ["Report Viewed", "Report Exported"]},
    "notice_choices_change": {"ways": {"comment": "digest", "breach": "email"}, "digest_hour": 7},
    "work_items_snooze_create": {"until": "2030-01-15T09:00:00Z"},
    "work_items_delegate_create": {"to": "bruno", "note": "Their admin answers on Thursday."},
    "work_items_comment_create": {"text": "They answer on Thursday."},
    "work_items_minutes_create": {"minutes": 25},
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
    "retention_periods_partial_update": {"days": 60, "dry_run": True},
    "reviews_hold_create": {
        "outcome": "growth",
        "held_at": "2026-01-15T09:00:00Z",
        "text": "They want to roll out to Sales.",
        "minutes": 45,
    },
    "risk_models_create": {
        "medium_from": 2,
        "high_from": 4,
        "unknown_from": 1,
        "signals": [
            {
                "key": "few_users",
                "name": "Few people use it",
                "points": 2,
                "when": {"fact": "active_users_30d", "operator": "lessThan", "value": 3},
            }
        ],
    },
    "risks_close_create": {"outcome": "resolved", "lesson": "Weekly calls helped."},
    "risks_next_step_create": {"next_step": "Call the new sponsor", "next_step_on": "2099-01-31"},
    "risks_partial_update": {"category": "commercial", "cause": "Their budget was cut."},
    "risks_remedies_create": {"text": "Train the second team", "due_on": "2099-02-15"},
    "risks_review_create": {"text": "Two of three remedies are done."},
    "sources_partial_update": {"name": "Our CRM", "stale_after_hours": 48},
    "sources_write_keys_create": {"only": False},
    "stakeholders_partial_update": {"title": "COO", "roles": ["executive_sponsor"], "topics": ["good_practice"]},
    "touches_partial_update": {"text": "They want to roll out to Sales."},
    "stage_placements_create": {
        "account": "northwind-traders",
        "lifecycle": "go_to_market",
        "stage": "paused",
        "reason": "They reorganise until spring.",
        "until": None,
    },
    "teams_create": {"name": "Nordics", "manager": "amelia", "members": ["amelia"]},
    "teams_partial_update": {"name": "Nordics and Baltics"},
    "users_create": {"first_name": "Ada", "email": "ada@anchor.example", "role": "csm", "function": "Onboarding"},
    "users_deactivate_create": {"heirs": {"accounts": "bruno", "work": None}, "dry_run": True},
    "users_partial_update": {"function": "Onboarding, EMEA"},
    "webhook_endpoints_partial_update": {"name": "Warehouse", "kinds": ["stage.changed"]},
    "work_items_reassign_create": {"assignee": "amelia"},
    "work_items_wait_create": {"reason": "customer"},
}
