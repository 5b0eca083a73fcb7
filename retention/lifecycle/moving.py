"""Moving an account by hand, giving it back to the criteria, and ending what was meant for some days only."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from accounts.portfolio.models import Account
from accounts.workspace.queries import today
from retention.lifecycle import placements
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, StageChange, StagePlacement
from retention.lifecycle.placing import criteria_of, place

LONGEST = dt.timedelta(days=366)


def move(
    account: Account,
    *,
    lifecycle: Lifecycle,
    stage: str,
    reason: str,
    by: Any,
    at: dt.datetime,
    until: dt.date | None = None,
) -> StagePlacement:
    """Puts the account into the stage with this key; the criteria stay what they are, see `StagePlacement`.

    Raises ValidationError naming the field that is wrong.
    """
    with lane("evaluation"):  # no pass may place it at the same time
        version = _checked(account, lifecycle, stage, reason, until, at=at)
        if found := placements.open_of(lifecycle, [account.pk]).get(account.pk):
            placements.end(found, StagePlacement.Ending.HAND, at=at)
        says = criteria_of(version, account.pk)
        placement = StagePlacement(
            account=account,
            lifecycle=lifecycle,
            stage=stage,
            instead_of=says.key if says else "",
            reason=reason.strip(),
            until=until,
            placed_at=at,
            placed_by=by,
        )
        audit.create(placement, verb="stage.move", by=by, at=at)
        _place(version, account, by=by, at=at)
    return placement


def give_back(account: Account, *, lifecycle: Lifecycle, by: Any, at: dt.datetime) -> None:
    """Lets the criteria say again where the account stands. Raises ValidationError where they do already."""
    with lane("evaluation"):
        found = placements.open_of(lifecycle, [account.pk]).get(account.pk)
        if found is None:
            raise ValidationError({"stage": "The criteria say already where it stands."})
        audit.update(found, verb="stage.give_back", by=by, at=at, ended_at=at, ended_because=StagePlacement.Ending.HAND)
        _place(current(lifecycle), account, by=by, at=at)


def is_by_hand(account: Account, lifecycle: Lifecycle) -> bool:
    """Whether somebody put it where it stands."""
    return account.pk in placements.open_of(lifecycle, [account.pk])


def end_due(*, at: dt.datetime) -> int:
    """Gives back the accounts whose last day by hand is over; returns how many."""
    with lane("evaluation"):
        due = list(
            StagePlacement.objects.filter(ended_at=None, until__lt=today(at)).select_related("account", "lifecycle")
        )
        for placement in due:
            _place(current(placement.lifecycle), placement.account, by=None, at=at)
    return len(due)


def current(lifecycle: Lifecycle) -> LifecycleVersion:
    """The version in force."""
    return LifecycleVersion.objects.filter(lifecycle=lifecycle).select_related("lifecycle").latest("number")


def _place(version: LifecycleVersion, account: Account, *, by: Any, at: dt.datetime) -> None:
    moved = place(version, [account.pk], edges={}, cause=StageChange.HAND if by else "", at=at, mover=by)
    if moved:
        events.mark(moved, DirtyAccount.Pass.VERDICTS, at=at)
        bell.ring()


def _checked(
    account: Account, lifecycle: Lifecycle, stage: str, reason: str, until: dt.date | None, *, at: dt.datetime
) -> LifecycleVersion:
    wrong: dict[str, str] = {}
    version = lifecycle.versions.select_related("lifecycle").first()
    if version is None or not any(one.key == stage for one in version.stages.all()):
        wrong["stage"] = "The lifecycle has no such stage; choose one of its stages."
    elif AccountStage.objects.filter(account=account, lifecycle=lifecycle, stage__key=stage).exists():
        wrong["stage"] = "The account is in this stage; choose another one."
    if not reason.strip():
        wrong["reason"] = "Say why; whoever looks at the account later reads it."
    elif len(reason.strip()) > 500:
        wrong["reason"] = "Keep the reason to 500 characters."
    if until and not today(at) <= until <= today(at) + LONGEST:
        wrong["until"] = "Give a day from today on, within a year."
    if wrong or version is None:
        raise ValidationError(wrong)
    return version
