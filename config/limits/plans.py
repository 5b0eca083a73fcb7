"""Success plans, and the pages that customers see."""

from accounts.limits.registry import Group, Limit, Unit, limits

ROOM = "retention.success_plans"
PLANS = {
    "plan_objectives": Limit(
        "Objectives of one success plan",
        Group.ACCOUNTS,
        f"{ROOM}.objectives:MANY",
        Unit.COUNT,
        "a further one is refused",
        "A longer one is no longer a plan.",
    ),
    "plan_tasks": Limit(
        "Tasks of one success plan",
        Group.ACCOUNTS,
        f"{ROOM}.tasks:MANY",
        Unit.COUNT,
        "a further one is refused",
        "A longer one is no longer a plan.",
    ),
    "plan_template_entries": Limit(
        "Objectives, tasks or points of one plan template",
        Group.RULES,
        f"{ROOM}.content:MANY",
        Unit.COUNT,
        "the template is refused",
        "A longer list is read by nobody.",
    ),
    "office_hours_series": Limit(
        "Series of office hours of one success plan",
        Group.ACCOUNTS,
        f"{ROOM}.office_hours.services:MANY_SERIES",
        Unit.COUNT,
        "a further one is refused",
        "Each is a time in somebody's week.",
    ),
    "office_hours_guests": Limit(
        "Accounts invited to one series of office hours",
        Group.ACCOUNTS,
        f"{ROOM}.office_hours.services:MANY_GUESTS",
        Unit.COUNT,
        "more are refused",
        "More are a webinar.",
    ),
    "office_hours_dates": Limit(
        "Dates of office hours that a plan template plans",
        Group.RULES,
        f"{ROOM}.content:MOST_TIMES",
        Unit.COUNT,
        "the template is refused",
        "A year of weekly ones; without a number they go on.",
    ),
    "plan_links": Limit(
        "Open links of one success plan",
        Group.ACCOUNTS,
        f"{ROOM}.links:MOST_LINKS",
        Unit.COUNT,
        "a further one is refused",
        "Each is for one person.",
    ),
    "plan_link_days": Limit(
        "How long a link to a success plan works",
        Group.ACCOUNTS,
        f"{ROOM}.links:MOST_DAYS",
        Unit.DAYS,
        "a longer time is refused",
        "Nobody remembers who still has it.",
    ),
    "prospect_links": Limit(
        "Open pages for prospects of one plan template",
        Group.ACCOUNTS,
        f"{ROOM}.prospects:MOST_LINKS",
        Unit.COUNT,
        "a further one is refused",
        "Nobody remembers who still has them.",
    ),
    "plan_ticks": Limit(
        "Ticks at one link, in an hour",
        Group.ACCOUNTS,
        f"{ROOM}.customer:TICKS.times",
        Unit.COUNT,
        "429",
        "A person ticks a few.",
    ),
    "shared_looks": Limit(
        "Pages for customers seen from one address, in a minute",
        Group.ACCOUNTS,
        "accounts.stakeholders.links:LOOKS.times",
        Unit.COUNT,
        "429",
        "A whole office is behind one address.",
    ),
}
for name, limit in PLANS.items():
    limits.add(name, limit)
