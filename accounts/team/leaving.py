"""Somebody leaves: first what they look after and who could take it over, then exactly that."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q

from accounts.foundation import audit
from accounts.foundation.models import AuditEntry
from accounts.foundation.registry import Registry
from accounts.foundation.scope import Area
from accounts.team import absences, keys, powers
from accounts.team import services as team
from accounts.team.models import Absence, ApiKey, Team, User

MADE = ("apikey.issue", "apikey.rotate")
"""Verbs of the trail that say who has read the text of a key."""


@dataclass(frozen=True)
class Belonging:
    """One kind of thing that somebody looks after, and that stays behind when they leave."""

    label: str
    """In the plural, as a sentence says it: accounts."""
    rows: Callable[[User, dt.datetime], models.QuerySet[Any]]
    """What of it is theirs at an instant."""
    hand_over: Callable[[Any, User | None, Any, dt.datetime], Any]
    """Gives one row to somebody else (None: to nobody), by whom and when."""
    area: str
    """What whoever takes it over must be allowed to change."""
    nobody: str = ""
    """What the row is then, such as *Nobody: it is for whoever takes it*; empty where it needs somebody."""


belongings: Registry[Belonging] = Registry("belonging of a user")
Heirs = Mapping[str, User | None]
"""Name of a belonging → who takes it over."""


@dataclass
class LeavingPlan:
    """What deactivating `user` does."""

    user: User
    counts: dict[str, int] = field(default_factory=dict)
    """Name of a belonging → how many rows, where there are any."""
    own_keys: list[ApiKey] = field(default_factory=list)
    """Live keys that act as the user: they end."""
    known_keys: list[ApiKey] = field(default_factory=list)
    """Other live keys whose text the user was shown: they end if that is asked for."""
    absences: int = 0
    """Of their own, begun or to come: they end."""


def plan_leaving(user: User, *, at: dt.datetime) -> LeavingPlan:
    """What `user` looks after at present, and what would end. Changes nothing."""
    counts = {name: one.rows(user, at).count() for name, one in belongings.items()}
    live = ApiKey.objects.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)
    shown = AuditEntry.objects.filter(actor_id=user.pk, verb__in=MADE, object_type="apikey")
    ids = [int(pk) for pk in shown.values_list("object_id", flat=True) if pk.isdecimal()]
    return LeavingPlan(
        user,
        counts={name: count for name, count in counts.items() if count},
        own_keys=list(live.filter(user=user)),
        known_keys=list(live.filter(pk__in=ids).exclude(user=user)),
        absences=Absence.objects.filter(user=user, ends_at__gt=at).count(),
    )


@transaction.atomic
def deactivate(user: User, *, heirs: Heirs, by: Any, at: dt.datetime, and_keys: bool = False) -> LeavingPlan:
    """Hands over what `user` looks after, ends their sessions and keys, and lets them sign in no more.

    `heirs` says who takes over each kind of thing they have (None: nobody, where that can be). With `and_keys` the
    keys whose text they know end as well. Returns what was done.
    """
    fresh = User.objects.select_for_update(of=("self",)).select_related("role").get(pk=user.pk)
    powers.must_not_be(by, fresh, what="deactivates themselves")
    powers.must_cover(by, fresh)
    if not fresh.is_active:
        raise ValidationError(f"{fresh} is deactivated already. Nothing was changed.")
    powers.must_leave_an_administrator(fresh)
    plan = plan_leaving(fresh, at=at)
    _check_heirs(plan, heirs)
    for name in plan.counts:
        one = belongings[name]
        for row in one.rows(fresh, at):
            one.hand_over(row, heirs[name], by, at)
    for absence in Absence.objects.filter(user=fresh, ends_at__gt=at):
        absences.end(absence, by=by, at=at)
    for key in [*plan.own_keys, *(plan.known_keys if and_keys else ())]:
        keys.revoke(key, by=by, at=at)
    fresh.set_unusable_password()  # sessions carry a hash of it: none goes on, also not after a return
    values = {"is_active": False, "password": fresh.password}
    audit.update(User.objects.get(pk=fresh.pk), verb="user.deactivate", by=by, at=at, **values)
    return plan


def _check_heirs(plan: LeavingPlan, heirs: Heirs) -> None:
    errors = {}
    for name, count in plan.counts.items():
        one, heir = belongings[name], heirs.get(name)
        if name not in heirs or (heir is None and not one.nobody):
            errors[name] = f"Say who takes over {one.label} ({count})."
        elif heir is not None:
            errors[name] = _refusal(one, heir, plan.user)
    if wrong := {name: text for name, text in errors.items() if text}:
        raise ValidationError(wrong)


def _refusal(one: Belonging, heir: User, user: User) -> str:
    """Why `heir` cannot take it over; empty where they can."""
    if heir.pk == user.pk or not (heir.is_active and heir.is_staff):
        return f"{heir} is not here to take it over. Choose somebody else."
    return "" if heir.may_edit(one.area) else f"The role of {heir} does not let them change {one.label}."


@transaction.atomic
def reactivate(user: User, *, by: Any, at: dt.datetime) -> User:
    """Takes somebody back, with the role and team they had; they need a link to set a password. Keys stay ended."""
    fresh = User.objects.select_for_update(of=("self",)).select_related("role").get(pk=user.pk)
    powers.must_cover(by, fresh)
    if fresh.is_active:
        raise ValidationError(f"{fresh} is here already. Nothing was changed.")
    audit.update(fresh, verb="user.reactivate", by=by, at=at, is_active=True)
    return fresh


def _stands_in(absence: Absence, heir: User | None, by: Any, at: dt.datetime) -> None:
    if heir is None:
        raise ValidationError("Somebody must stand in. Choose who.")
    absences.replace(absence, stand_in=heir, by=by, at=at)


belongings.add(
    "teams",
    Belonging(
        "teams they lead",
        lambda user, at: Team.objects.filter(manager=user),
        lambda row, heir, by, at: team.lead_team(row, manager=heir, by=by, at=at),
        area=Area.ACCOUNTS,
        nobody="Nobody leads them for now",
    ),
)
belongings.add(
    "stand_ins",
    Belonging(
        "absences in which they stand in",
        lambda user, at: Absence.objects.filter(stand_in=user, ends_at__gt=at).select_related("user"),
        _stands_in,
        area=Area.ACCOUNTS,
    ),
)
