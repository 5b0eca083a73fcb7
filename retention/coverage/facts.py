"""Coverage as facts: made with the projection, so that conditions, health and plays read it like any other."""

import datetime as dt
from collections.abc import Mapping

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.models import AccountFacts
from accounts.facts.registry import Values, derives
from accounts.foundation.many import among
from retention.coverage.assessing import Committee, Policy, people_of
from retention.coverage.policy import DERIVATION, changed_at, draft_of, in_force, reads

PEOPLE, MOVING, INTERNAL = Group.PEOPLE, Pace.MOVING, Use.INTERNAL
SHARE, MISSING, SINGLE = "committee_coverage_share", "committee_roles_missing", "single_threaded"
FACTS = [
    Fact(
        SHARE,
        "Committee coverage",
        Type.RATIO,
        "Of the roles that the coverage policy asks for, the share that is filled, and engaged where it asks for that.",
        PEOPLE,
        INTERNAL,
        unit="of the roles",
        pace=MOVING,
        stands_beside=True,
    ),
    Fact(
        MISSING,
        "Roles missing",
        Type.TEXT_LIST,
        "The roles that the coverage policy asks for and that nobody plays, or nobody who was engaged in time.",
        PEOPLE,
        INTERNAL,
        pace=MOVING,
    ),
    Fact(
        SINGLE,
        "Single-threaded",
        Type.BOOLEAN,
        "Whether fewer people are in two-way contact than the coverage policy asks for; unknown where it does not ask.",
        PEOPLE,
        INTERNAL,
        pace=MOVING,
    ),
]
FIRST_LOOK = "committee: first look"
"""What one pass remembers of an account beside its facts; no fact, so never kept."""


def _follow(known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    """The accounts last looked at before the policy became what it is: what moves now is no news."""
    return {account_id for account_id, values in known.items() if values.get(FIRST_LOOK)}


@derives(DERIVATION, FACTS, changed_at=changed_at, reads=reads, follow=_follow)
def committees(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """How far each buying committee is covered, as the version in force asks; unknown where nobody is known."""
    version = in_force()
    if version is None:
        return {}
    policy = Policy(draft_of(version))
    people = people_of(known, policy, at=at)
    rows = AccountFacts.objects.filter(pk__in=among(known), projected_at__lt=version.published_at)
    first_looks = set(rows.values_list("pk", flat=True)) if version.published_at <= at else set()
    return {
        account_id: _values(policy.assess(values, people[account_id], at)) | {FIRST_LOOK: account_id in first_looks}
        for account_id, values in known.items()
    }


def _values(found: Committee | None) -> Values:
    return {
        SHARE: found.share if found else None,
        MISSING: found.missing if found and found.are_known else None,
        SINGLE: found.is_single_threaded if found else None,
    }
