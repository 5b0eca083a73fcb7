"""Minutes spent on work: noted when it is closed or at any time, summed by account and by segment."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet, Sum

from accounts.foundation import audit
from accounts.team.models import User
from retention.segments.effort import Span, spent
from retention.work.models import WorkItem, WorkTime

MOST_MINUTES = 100_000


def check(minutes: int, *, least: int = 1) -> None:
    """Refuses what cannot be minutes spent."""
    if not least <= minutes <= MOST_MINUTES:
        raise ValidationError({"minutes": f"Give the minutes spent as a number from {least} to {MOST_MINUTES}."})


@transaction.atomic
def spend(item: WorkItem, *, minutes: int, by: Any, at: dt.datetime) -> WorkTime:
    """Adds minutes that `by` spent on `item`, open or closed."""
    check(minutes)
    item.refresh_from_db(from_queryset=WorkItem.objects.select_for_update())
    check((item.minutes or 0) + minutes)
    row = note(item, minutes=minutes, by=by, at=at)
    audit.update(item, verb="work.spend", by=by, at=at, minutes=(item.minutes or 0) + minutes)
    return row


def note(item: WorkItem, *, minutes: int, by: Any, at: dt.datetime) -> WorkTime:
    """The line that says who spent them and when. For verbs that change the sum themselves."""
    user = by if isinstance(by, User) else None
    return audit.create(WorkTime(item=item, user=user, minutes=minutes, at=at), verb="work_time.log", by=by, at=at)


@transaction.atomic
def take_back(row: WorkTime, *, by: Any, at: dt.datetime) -> None:
    """These minutes were not spent after all; only who noted them may say so."""
    if row.user_id != getattr(by, "pk", None):
        raise ValidationError("Somebody else noted these minutes. Nothing was changed.")
    item = WorkItem.objects.select_for_update().get(pk=row.item_id)
    audit.update(item, verb="work.spend", by=by, at=at, minutes=max(0, (item.minutes or 0) - row.minutes))
    audit.delete(row, verb="work_time.undo", by=by, at=at)


def of_accounts(accounts: Iterable[int], *, since: dt.datetime | None = None) -> dict[int, int]:
    """Account id → minutes spent on its work, since an instant or ever; accounts without any are left out."""
    rows = WorkTime.objects.filter(item__account__in=list(accounts))
    rows = rows.filter(at__gte=since) if since else rows
    sums = rows.order_by().values_list("item__account").annotate(Sum("minutes"))
    return dict(sums)


@spent.register("work")
def on_work(user: User, span: Span) -> tuple[QuerySet[Any], str]:
    """Minutes noted on work, open or closed."""
    rows: Any = WorkTime.objects
    return rows.for_user(user).filter(at__range=span), "item__account"
