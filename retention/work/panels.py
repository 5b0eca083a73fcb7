"""Work on the account page, and why the account needs attention."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from retention.work.models import WorkItem
from retention.work.queries import attention_of, is_overdue
from retention.work.registry import work_kinds

PAST = 30


def _open(account: Account, user: User) -> dict[str, Any]:
    at = now()
    rows = WorkItem.objects.for_user(user).filter(account=account, state=WorkItem.State.OPEN).select_related("assignee")
    return {"items": [(item, is_overdue(item, at=at)) for item in rows], "account": account}


def _past(account: Account, user: User) -> dict[str, Any]:
    rows = WorkItem.objects.for_user(user).filter(account=account).exclude(state=WorkItem.State.OPEN)
    found = rows.select_related("closed_by").order_by("-closed_at")[:PAST]
    return {"items": [(item, work_kinds[item.kind].label_of(item.outcome)) for item in found]}


def _attention(account: Account, user: User) -> dict[str, Any]:
    return {"reasons": attention_of(account, user)}


panels.add("attention", Panel("Needs attention", "retention/panels/attention.html", _attention, order=10))
panels.add("open work", Panel("Open work", "retention/panels/open_work.html", _open, order=20))
panels.add("open work here", Panel("Open work", "retention/panels/open_work.html", _open, tab="work", order=10))
panels.add("past work", Panel("Past work", "retention/panels/past_work.html", _past, tab="work", order=30))
