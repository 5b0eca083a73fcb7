import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.many import among
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder, StakeholderRole


@transaction.atomic
def add(
    account: Account, *, name: str, by: Any, at: dt.datetime, roles: Iterable[str] = (), **values: Any
) -> Stakeholder:
    """A new stakeholder of `account` with these buying-committee roles."""
    stakeholder = Stakeholder(account=account, name=name, **values)
    stakeholder.full_clean()
    audit.create(stakeholder, verb="stakeholder.add", by=by, at=at)
    set_roles(stakeholder, roles=roles, by=by, at=at)
    happened("stakeholder.added", account, by=by, at=at, subject=stakeholder)
    return stakeholder


@transaction.atomic
def change(
    stakeholder: Stakeholder, *, by: Any, at: dt.datetime, roles: Iterable[str] | None = None, **values: Any
) -> Stakeholder:
    """Sets fields of `stakeholder`, and its roles where given."""
    fresh = Stakeholder.objects.get(pk=stakeholder.pk)
    for name, value in values.items():
        setattr(stakeholder, name, value)
    stakeholder.full_clean()
    audit.update(fresh, verb="stakeholder.change", by=by, at=at, **values)
    if roles is not None:
        set_roles(fresh, roles=roles, by=by, at=at)
    return fresh


@transaction.atomic
def set_roles(stakeholder: Stakeholder, *, roles: Iterable[str], by: Any, at: dt.datetime) -> None:
    """Gives `stakeholder` exactly these roles."""
    wanted, existing = set(roles), {row.role: row for row in stakeholder.roles.all()}
    for role in existing.keys() - wanted:
        audit.delete(existing[role], verb="stakeholder.role_remove", by=by, at=at)
    for role in sorted(wanted - existing.keys()):
        row = StakeholderRole(stakeholder=stakeholder, role=role)
        row.full_clean()
        audit.create(row, verb="stakeholder.role_add", by=by, at=at)


def engaged(moves: Mapping[int, dt.datetime]) -> dict[int, dt.datetime | None]:
    """Moves `last_engaged_at` of these stakeholders forward, never back; returns what it was, for those that moved.

    No entry of its own in the trail: whatever they took part in has one.
    """
    rows = Stakeholder.objects.select_for_update().filter(pk__in=among(moves)).order_by("pk")
    late = [row for row in rows if row.last_engaged_at is None or row.last_engaged_at < moves[row.pk]]
    before = {row.pk: row.last_engaged_at for row in late}
    _set_engaged(late, moves)
    return before


def engaged_no_more(moves: Mapping[int, dt.datetime | None]) -> None:
    """Sets `last_engaged_at` of these stakeholders to what it is without something that was taken back."""
    _set_engaged(list(Stakeholder.objects.filter(pk__in=among(moves))), moves)


def _set_engaged(rows: list[Stakeholder], moves: Mapping[int, dt.datetime | None]) -> None:
    for row in rows:
        row.last_engaged_at = moves[row.pk]
    Stakeholder.objects.bulk_update(rows, ["last_engaged_at"], batch_size=500)
