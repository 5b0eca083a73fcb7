"""The home of each role: what to do next, then what needs attention, then figures."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.foundation import workers
from accounts.foundation.clock import now
from accounts.foundation.scope import Area, Reach
from accounts.ingestion.models import InboxRequest, QuarantinedItem
from accounts.ingestion.queries import quarantine_by_reason
from accounts.limits.models import Crossing
from accounts.portfolio.queries import account_ids_within, listed
from accounts.team.models import Absence, Role, User
from accounts.touches.queries import Due, due
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale, today
from plays.definitions.models import Play
from plays.runs.queries import activity_of_plays
from retention.evaluation.models import FullPass, Incident
from retention.handoffs import queries as handoffs
from retention.handoffs.sold import sold
from retention.work import mine
from retention.work import queries as work
from retention.work.models import WorkItem

SHOWN = 15
ENDING = 12
DUE_WITHIN = dt.timedelta(days=7)
RENEWAL_WINDOW = dt.timedelta(days=120)


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the home page shows the signed-in user; the theme calls it."""
    user, at = request.user, now()
    assert isinstance(user, User)
    context |= {"title": "Home", "greeting": _greeting(user, at), "work": _work(user, at)}
    context["handoffs"], context["sold"] = handoffs.turns(user), sold(user, at=at)
    context["may_edit"] = user.may_edit(Area.WORK)
    if user.reach(Area.WORK):
        context["clocks"] = _clocks(user, at)
    if mine.teams(user).exists():
        context["load"], context["breaches"] = mine.load(user, at=at), mine.breaches(user)
    if user.reach(Area.SIGNALS):
        context["machine"] = _machine(user, at)
    if user.reach(Area.ACCOUNTS):
        context["attended"] = work.needing_attention(user)
        context["ending"] = _ending(user, at)
        context["due"], context["today"] = _due(user, at), today(at)
        context["account_count"] = listed().for_user(user).count()  # type: ignore[attr-defined]
    context["covered"] = Absence.objects.at(at).filter(stand_in=user).select_related("user")
    context["absence"] = Absence.objects.at(at).filter(user=user).select_related("stand_in").first()
    context["operator"] = user.is_superuser or bool(user.role and user.role.home == Role.Home.OPERATOR)
    return context


def _greeting(user: User, at: dt.datetime) -> str:
    hour = timezone.localtime(at).hour
    part = "morning" if hour < 12 else "afternoon" if hour < 18 else "evening"
    return f"Good {part}, {user.first_name or user.username}"


def _work(user: User, at: dt.datetime) -> dict[str, Any]:
    """The user's open work in groups by due time, and what waits for others."""
    items = list(mine.rows(user, "open", at=at)[: SHOWN + 1])
    team = WorkItem.objects.for_user(user).filter(state=WorkItem.State.OPEN).exclude(assignee__in=user.own_ids)
    return {
        "groups": mine.groups(mine.lines(items[:SHOWN], user, at=at), user, at=at),
        "has_more": len(items) > SHOWN,
        "others": team.count(),
    }


def _clocks(user: User, at: dt.datetime) -> list[tuple[WorkItem, str]]:
    """The clocks that run for the user's work, the one that runs out first at the top, each with its time left."""
    return [(item, work.time_left(item.clock, at=at)) for item in mine.clocks_running(user) if item.clock]


def _ending(user: User, at: dt.datetime) -> list[AccountFacts]:
    """Facts of the accounts whose contract ends in the window before a renewal, the next one first."""
    day = today(at)
    rows = AccountFacts.objects.for_user(user).filter(contract_end_date__range=(day, day + RENEWAL_WINDOW))
    return list(rows.select_related("account").order_by("contract_end_date", "account__name")[:ENDING])


def _due(user: User, at: dt.datetime) -> list[Due]:
    """What the user promised to accounts on whose team they are, as far as it is due within the week."""
    own = listed().filter(pk__in=account_ids_within(user, Reach.OWN))
    return due(own, until=today(at) + DUE_WITHIN, limit=ENDING)


def _machine(user: User, at: dt.datetime) -> dict[str, Any]:
    """The state of the machine: what waits, which source is silent, which plays run."""
    return {
        "sources": [(source, is_stale(source, at=at)) for source in Source.objects.for_user(user)],
        "quarantine": quarantine_by_reason(user),
        "quarantined": QuarantinedItem.objects.for_user(user).count(),
        "waiting": InboxRequest.objects.count() + DirtyAccount.objects.count(),
        "worker_seen_at": workers.last_seen(),
        "plays": activity_of_plays(user, since=at - dt.timedelta(days=30)),
        "defines_rules": user.may_edit(Area.DEFINITIONS),
        "full_pass": FullPass.objects.for_user(user).first(),
        "incidents": Incident.objects.for_user(user).filter(closed_at=None).count(),
        "limits": Crossing.objects.for_user(user).filter(ended_at=None).count(),
        "inactive": Play.objects.for_user(user).filter(is_active=False).count(),
    }
