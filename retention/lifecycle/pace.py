"""How long accounts have been in their stage: who is behind, and who is stuck."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import F, Q, QuerySet

from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.queries import today
from retention.lifecycle.models import AccountStage, Stage

SHOWN = 50


class Pace(StrEnum):
    """How an account gets on in its stage."""

    ON_TRACK = "On track"
    BEHIND = "Behind"
    STUCK = "Stuck"


@dataclass(frozen=True)
class InStage:
    """One account in a stage, for how many days as its pace counts them, and what that means."""

    account: Account
    since: dt.datetime
    days: int | None
    pace: Pace | None


def rows_in(stage: Stage, user: Any) -> QuerySet[AccountStage]:
    """The rows of the listed accounts in this stage that `user` may see, those there the longest first."""
    accounts = listed().for_user(user)  # type: ignore[attr-defined]
    rows = AccountStage.objects.filter(stage=stage, account__in=accounts.values("pk"))
    return rows.order_by("since", "account__name")


def late(rows: QuerySet[AccountStage], stage: Stage, *, days: int | None, at: dt.datetime) -> QuerySet[AccountStage]:
    """Those of `rows` that have been there for more than `days`; none where there is no such limit."""
    return rows.none() if days is None else rows.filter(beyond(stage, days, at=at))


def beyond(stage: Stage, days: int, *, at: dt.datetime) -> Q:
    """What is true of rows in `stage` that have been there for more than `days`."""
    if stage.pace_from:
        return Q(**{f"account__facts__{stage.pace_from}__lt": today(at) - dt.timedelta(days=days)})
    return Q(since__lt=at - dt.timedelta(days=days))


def counts(stage: Stage, user: Any, *, at: dt.datetime) -> tuple[int, int, int]:
    """Accounts in the stage, behind (and not stuck), stuck."""
    rows = rows_in(stage, user)
    stuck = late(rows, stage, days=stage.stuck_days, at=at).count()
    return rows.count(), max(late(rows, stage, days=stage.behind_days, at=at).count() - stuck, 0), stuck


def in_stage(stage: Stage, user: Any, *, at: dt.datetime) -> list[InStage]:
    """The first of them, each with its pace."""
    rows = rows_in(stage, user).select_related("account")
    if stage.pace_from:
        rows = rows.annotate(counted_from=F(f"account__facts__{stage.pace_from}"))
        rows = rows.order_by(F("counted_from").asc(nulls_last=True), "account__name")
    return [_told(row, stage, at) for row in rows[:SHOWN]]


def _told(row: AccountStage, stage: Stage, at: dt.datetime) -> InStage:
    days = days_in(stage, since=row.since, day=getattr(row, "counted_from", None), at=at)
    return InStage(row.account, row.since, days, pace_of(stage, days))


def days_in(stage: Stage, *, since: dt.datetime, day: dt.date | None, at: dt.datetime) -> int | None:
    """Days as the pace of the stage counts them; None where its date is unknown."""
    if not stage.pace_from:
        return (at - since).days
    return (today(at) - day).days if day else None


def pace_of(stage: Stage, days: int | None) -> Pace | None:
    """What so many days mean; None where the stage has no limits."""
    if days is None or (stage.behind_days is None and stage.stuck_days is None and stage.normal_days is None):
        return None
    if stage.stuck_days is not None and days > stage.stuck_days:
        return Pace.STUCK
    return Pace.BEHIND if stage.behind_days is not None and days > stage.behind_days else Pace.ON_TRACK
