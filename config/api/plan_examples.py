"""What bodies about success plans look like: operation → body."""

from typing import Any

EVIDENCE = {
    "evidence": "The monthly report now takes 20 minutes; Ines showed it in the review.",
    "next_step": "Do the same for the weekly report.",
}
PLANS: dict[str, dict[str, Any]] = {
    "success_plans_create": {"account": "northwind-traders", "template": "pilot"},
    "success_plans_partial_update": {"review_days": 14},
    "success_plans_add_tasks_create": {"template": "launch"},
    "success_plans_hold_create": {"reason": "Their budget is decided in March."},
    "plan_objectives_create": {
        "plan": 4711,
        "goal": "One manual workflow is replaced",
        "measure": "Hours a month",
        "baseline": "12",
        "target": "2",
        "due_on": "2026-04-30",
    },
    "plan_objectives_partial_update": {"effort": "2 hours a week", "version": 1},
    "plan_objectives_close_create": EVIDENCE,
    "plan_objectives_drop_create": {"reason": "They sold the department."},
    "plan_tasks_create": {"plan": 4711, "side": "ours", "title": "Show the third feature", "due_on": "2026-04-15"},
    "plan_tasks_partial_update": {"minutes": 45, "version": 1},
    "plan_wins_create": {
        "plan": 4711,
        "title": "The monthly report is faster",
        "before": "4 hours",
        "after": "20 minutes",
        "happened_on": "2026-04-20",
    },
    "plan_wins_partial_update": {"after": "15 minutes", "version": 1},
    "office_hours_create": {
        "plan": 4711,
        "title": "Office hours",
        "host": "amelia",
        "weekday": "tuesday",
        "time": "15:00",
        "time_zone": "Europe/Berlin",
        "starts_on": "2026-03-02",
        "until": "2026-06-30",
    },
    "office_hours_partial_update": {"join_url": "https://meet.example/office-hours", "every_weeks": 2},
    "office_hours_hold_create": {"came": [815], "text": "How to share a report."},
    "office_hours_leave_out_create": {"reason": "A public holiday there."},
    "prospect_links_create": {"template": "public_onboarding", "company": "Fern & Sons", "language": "de"},
    "plan_links_create": {"plan": 4711, "stakeholder": 815, "language": "de", "days": 60},
}
