"""What risks tell other rooms: events, the kind of work that a step is, and which accounts need attention."""

from collections.abc import Mapping

from django.db.models import Q

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.events import EventKind, kinds
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.leaving import Belonging, belongings
from accounts.team.models import User
from accounts.workspace.queries import today
from retention.builder.registry import choices
from retention.risks import services
from retention.risks.models import Risk, Tier
from retention.work.models import WorkItem
from retention.work.registry import Attention, Reason, WorkKind, attention, reasons, work_kinds

WEIGHT = 70


def _tier_changed(event: AccountEvent, people: Mapping[int, str]) -> str:
    before, after, points = event.data["from"], event.data["to"].lower(), event.data["points"]
    told = f"Renewal risk went from {before.lower()} to {after}" if before else f"Renewal risk is {after}"
    return f"{told}, at {points} point{'' if points == 1 else 's'}"


def _raised(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Risk raised: {event.data['category'].lower()}"


def _closed(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Risk closed: {event.data['outcome'].lower()}"


kinds.add("risk.tier_changed", EventKind(_tier_changed, "crisis_alert"))
kinds.add("risk.raised", EventKind(_raised, "flag", changes_facts=True))
kinds.add("risk.changed", EventKind(lambda event, people: "Risk: plan changed", "edit", changes_facts=True))
kinds.add("risk.reviewed", EventKind(lambda event, people: "Risk reviewed", "fact_check"))
kinds.add("risk.closed", EventKind(_closed, "flag_check", changes_facts=True))

choices.add("risk_tier", lambda: [(tier.value, tier.label) for tier in Tier])
choices.add("risk_categories", lambda: Risk.Category.choices)
work_kinds.add(
    services.STEP,
    WorkKind(
        label="Step of a risk",
        done={
            "done": "Done",
            "next_step_agreed": "Spoke, next step agreed",
            "no_answer": "Tried, could not reach anyone",
        },
        dismissed={"replaced": "Another step took its place", "not_needed": "No longer needed"},
    ),
)
belongings.add(
    "risks",
    Belonging(
        "open risks",
        lambda user, at: Risk.objects.filter(owner=user, state=Risk.State.OPEN).order_by("pk"),
        lambda risk, heir, by, at: services.change(risk, owner=heir, by=by, at=at),
        area=Area.ACCOUNTS,
        nobody="Nobody: the risks wait for an owner",
    ),
)


@reasons.register("risks")
def reason(item: WorkItem) -> Reason | None:
    """The risk whose step a piece of work is."""
    if item.kind != services.STEP:
        return None
    risk = Risk.objects.filter(work_item=item).first()
    if risk is None:
        return None
    return Reason(risk.title, f"{risk.get_category_display()} risk: {risk.title}", [], risk.raised_at, "")


@attention.register("risks")
def needs(user: User, account: Account | None) -> list[Attention]:
    """Open risks for which nothing is planned, or whose step is late."""
    rows = Risk.objects.for_user(user).filter(state=Risk.State.OPEN)
    rows = rows.filter(Q(next_step_on=None) | Q(next_step_on__lt=today(now())))
    rows = rows.filter(account=account) if account else rows
    return [Attention(row.account_id, _needs(row), row.raised_at, WEIGHT) for row in rows]


def _needs(risk: Risk) -> str:
    what = "has no next step" if risk.next_step_on is None else "has a step that is late"
    return f"The risk “{risk.title}” {what}"
