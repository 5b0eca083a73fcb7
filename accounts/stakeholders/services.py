import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.foundation import audit
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
