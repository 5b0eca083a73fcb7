"""The rest of an account's profile: goals in the customer's words, systems they run, when they plan their money."""

from random import Random
from typing import Any

from config.demo.companies import Company

GOALS = {
    "marketing_automation": (
        "Bring a campaign out in two days instead of nine.",
        "Stop sending the same offer twice to people who already bought.",
        "One list of audiences for all our brands.",
    ),
    "sales_management": (
        "See on Monday morning which customers went quiet last week.",
        "Regional managers work from the same numbers as we do.",
        "Half as much time spent on the weekly forecast.",
    ),
    "operations": (
        "No order waits longer than four hours because nobody saw it.",
        "Replace the eleven spreadsheets of the planning team.",
        "Every site reports in the same way by the end of the year.",
    ),
    "other": (
        "Know which of our programmes people come back to.",
        "Let the departments help themselves to their own reports.",
        "Show the board once a quarter what the money achieved.",
    ),
}
SYSTEMS = ("Salesforce", "HubSpot", "SAP", "NetSuite", "Snowflake", "Zendesk", "Microsoft 365", "Google Workspace")
SYSTEMS_MORE = ("Power BI", "Shopify", "Workday", "Jira", "Slack", "Dynamics 365", "BigQuery")
SOURCES = ("Referral", "Webinar", "Trade fair", "Search", "Partner", "Outbound", "Analyst report")
CAMPAIGNS = {"Webinar": "Usage you can act on", "Trade fair": "Spring fair", "Search": "Always on"}
FISCAL_YEAR_ENDS = (12, 12, 12, 12, 6, 3, 9, 1)


def fields(company: Company, rng: Random) -> dict[str, Any]:
    """Fields of the account beyond its name, as keyword arguments of the service that creates it."""
    source, year_end = rng.choice(SOURCES), rng.choice(FISCAL_YEAR_ENDS)
    return {
        "domain": company.domain,
        "industry": company.industry,
        "employees": company.employees,
        "region": company.place.region,
        "time_zone": company.place.zone,
        "use_case": company.use_case,
        "complexity": company.complexity,
        "tech_stack": sorted(rng.sample(SYSTEMS, rng.randint(1, 3)) + rng.sample(SYSTEMS_MORE, rng.randint(0, 2))),
        "goals": rng.choice(GOALS[company.use_case]),
        "fiscal_year_end_month": year_end,
        "budget_month": (year_end - 4) % 12 + 1,
        "acquisition_source": source,
        "campaign": CAMPAIGNS.get(source, ""),
    }
