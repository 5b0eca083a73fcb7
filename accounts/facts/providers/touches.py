"""How we are in touch with the customer, and what they think of us."""

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from accounts.facts.catalogue import Fact, Group, Pace, Type, Use
from accounts.facts.registry import Part, provides
from accounts.foundation.many import among
from accounts.stakeholders.models import StakeholderRole
from accounts.touches.queries import Touched, touches_of
from accounts.workspace.queries import workspace

PEOPLE, INSTANT, MOVING = Group.PEOPLE, Type.INSTANT, Pace.MOVING
FACTS = [
    Fact(
        "last_two_way_touch_at",
        "Last two-way touch",
        INSTANT,
        "The latest call, meeting or answered mail with anybody at the account.",
        PEOPLE,
        pace=MOVING,
        is_required=True,
    ),
    Fact("last_touch_at", "Last touch", INSTANT, "The latest touch of any kind, a note included.", PEOPLE, pace=MOVING),
    Fact(
        "contacts_engaged_60d",
        "Contacts engaged",
        Type.NUMBER,
        "People with two-way contact today or in the 60 whole days before it. An opened mail is no contact.",
        PEOPLE,
        unit="people, 60 days",
        pace=MOVING,
    ),
    Fact(
        "champion_status",
        "Champion",
        Type.TEXT,
        "Known, left (every champion has gone), or missing (there never was one).",
        PEOPLE,
        Use.INTERNAL,
    ),
    Fact(
        "sponsor_last_engaged_at",
        "Sponsor last engaged",
        INSTANT,
        "The latest two-way contact with an executive sponsor of theirs.",
        PEOPLE,
        pace=MOVING,
    ),
    Fact(
        "stakeholder_roles",
        "Roles we know",
        Type.TEXT_LIST,
        "The parts in the buying committee for which we know somebody who is still there.",
        PEOPLE,
        is_required=True,
    ),
    Fact("kickoff_held_at", "Kickoff held", INSTANT, "When the kickoff took place.", Group.GOALS),
    Fact("last_business_review_at", "Last business review", INSTANT, "When the latest one was held.", PEOPLE),
    Fact("next_review_on", "Next review", Type.DATE, "The day for which the next review is planned.", PEOPLE),
    Fact("next_step_due_on", "Next step due", Type.DATE, "Until when the open next step is to be done.", PEOPLE),
    Fact("pulse", "Pulse", Type.TEXT, "What the CSM thinks: green, amber or red.", PEOPLE, Use.INTERNAL),
    Fact("pulse_at", "Pulse set", INSTANT, "When the CSM last said so.", PEOPLE, Use.INTERNAL),
    Fact("nps_latest", "NPS answer", Type.NUMBER, "The latest answer, 0 to 10.", PEOPLE, unit="of 10"),
    Fact("nps_at", "NPS answered", INSTANT, "When that answer came.", PEOPLE),
    Fact(
        "negative_feedback_at",
        "Negative feedback",
        INSTANT,
        "The latest NPS of 6 or less, CSAT of 2 or less, or red pulse.",
        PEOPLE,
    ),
    Fact(
        "in_conversation_at",
        "In conversation",
        INSTANT,
        "When somebody of us last noted: we are talking, automation should wait.",
        PEOPLE,
        Use.INTERNAL,
        pace=MOVING,
    ),
]


@provides("touches", FACTS)
def touched(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """How we are in touch with each account. Silence is real here: we log touches ourselves."""
    roles, zone = _roles(account_ids), ZoneInfo(workspace().time_zone)
    return {
        account_id: Part(_values(one, roles.get(account_id, []), zone), "touches", one.last_touch_at)
        for account_id, one in touches_of(account_ids, at=at).items()
    }


def _roles(account_ids: Sequence[int]) -> dict[int, list[str]]:
    rows = StakeholderRole.objects.filter(stakeholder__account__in=among(account_ids), stakeholder__left_at=None)
    found: dict[int, set[str]] = {}
    for account_id, role in rows.order_by().values_list("stakeholder__account", "role"):
        found.setdefault(account_id, set()).add(role)
    return {account_id: sorted(roles) for account_id, roles in found.items()}


def _values(one: Touched, roles: list[str], zone: ZoneInfo) -> dict[str, object]:
    planned = one.next_review_planned_for
    return {
        "last_two_way_touch_at": one.last_two_way_touch_at,
        "last_touch_at": one.last_touch_at,
        "contacts_engaged_60d": one.contacts_engaged_60d,
        "champion_status": one.champion_status,
        "sponsor_last_engaged_at": one.sponsor_last_engaged_at,
        "stakeholder_roles": roles or None,
        "kickoff_held_at": one.kickoff_held_at,
        "last_business_review_at": one.last_business_review_at,
        "next_review_on": planned.astimezone(zone).date() if planned else None,
        "next_step_due_on": one.next_step_due_on,
        "pulse": one.pulse,
        "pulse_at": one.pulse_at,
        "nps_latest": one.nps_latest,
        "nps_at": one.nps_at,
        "negative_feedback_at": one.negative_feedback_at,
        "in_conversation_at": one.in_conversation_at,
    }
