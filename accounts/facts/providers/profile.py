"""Who the customer is: what people and other systems wrote into its profile."""

import datetime as dt
from collections.abc import Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.registry import Part, provides
from accounts.foundation.many import among
from accounts.portfolio.models import Account, AccountMember

PROFILE = "profile"
WHO, GOALS = Group.WHO, Group.GOALS
FACTS = [
    Fact("industry", "Industry", Type.TEXT, "The customer's line of business.", WHO, is_required=True),
    Fact("employees", "Employees", Type.NUMBER, "How many people work there.", WHO, unit="people", is_required=True),
    Fact("region", "Region", Type.TEXT, "Where in the world the customer is.", WHO, is_required=True),
    Fact("use_case", "Use case", Type.TEXT, "What the customer mainly uses the product for.", WHO, is_required=True),
    Fact("complexity", "Complexity", Type.TEXT, "How involved the set-up is: simple, standard or complex.", WHO),
    Fact("tech_stack", "Tech stack", Type.TEXT_LIST, "Other systems that the customer works with.", WHO),
    Fact("account_state", "State", Type.TEXT, "Active, paused by agreement, churned, or lost as a prospect.", WHO),
    Fact("account_created_at", "Known since", Type.INSTANT, "When the account was entered here.", WHO, Use.INTERNAL),
    Fact("has_parent", "Belongs to a group", Type.BOOLEAN, "Whether it stands below another account.", WHO),
    Fact("acquisition_source", "Acquired through", Type.TEXT, "The channel that won it.", WHO, Use.INTERNAL),
    Fact("campaign", "Campaign", Type.TEXT, "The campaign that won it.", WHO, Use.INTERNAL),
    Fact(
        "fiscal_year_end_month", "Fiscal year ends in", Type.NUMBER, "Month in which its year ends.", WHO, unit="month"
    ),
    Fact("budget_month", "Budget month", Type.NUMBER, "Month in which it plans next year's budget.", WHO, unit="month"),
    Fact("csm_assigned", "Has a CSM", Type.BOOLEAN, "Whether somebody of us is its CSM.", WHO, Use.INTERNAL),
    Fact(
        "goals_recorded",
        "Goals recorded",
        Type.BOOLEAN,
        "Whether the customer's goals are written down.",
        GOALS,
        is_required=True,
    ),
]


@provides(PROFILE, FACTS)
def profiles(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """What is written in the profile of each account; what nobody filled in is unknown."""
    members = AccountMember.objects.filter(account__in=among(account_ids), part=AccountMember.Part.CSM)
    with_csm = set(members.values_list("account", flat=True))
    accounts = Account.objects.filter(pk__in=among(account_ids))
    return {account.pk: _part(account, has_csm=account.pk in with_csm) for account in accounts}


def _part(account: Account, *, has_csm: bool) -> Part:
    values = {
        "industry": account.industry or None,
        "employees": account.employees,
        "region": account.region or None,
        "use_case": account.use_case or None,
        "complexity": account.complexity or None,
        "tech_stack": sorted(set(map(str, account.tech_stack))) or None,
        "account_state": account.state,
        "account_created_at": account.created_at,
        "has_parent": account.parent_id is not None,
        "acquisition_source": account.acquisition_source or None,
        "campaign": account.campaign or None,
        "fiscal_year_end_month": account.fiscal_year_end_month,
        "budget_month": account.budget_month,
        "csm_assigned": has_csm,
        "goals_recorded": True if account.goals.strip() else None,
    }
    return Part(values, PROFILE, account.changed_at)
