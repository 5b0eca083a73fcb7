"""Deciding for how long data is kept: first what it would delete, then the change."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.keeping.models import KeptPeriod
from accounts.keeping.queries import kept, past
from accounts.keeping.registry import Period, periods


class UnknownKind(ValidationError):
    """There is no such kind of data; nothing was changed."""


@dataclass(frozen=True)
class Plan:
    """What a change would do at the next run of the job that trims."""

    days: int
    before: int
    """For how many days it is kept so far."""
    goes: int
    """Rows that go at the next run."""
    goes_anyway: int
    """Rows among them that would go without the change, too."""

    @property
    def is_shorter(self) -> bool:
        return self.days < self.before


def plan_period(name: str, *, days: int, at: dt.datetime) -> Plan:
    """What keeping this kind of data for `days` would delete at the next run; refuses what is out of its bounds."""
    period = _within(name, days)
    goes = period.older(at - dt.timedelta(days=days)).count()
    return Plan(days=days, before=kept(name).days, goes=goes, goes_anyway=min(goes, past(name, at=at).count()))


@transaction.atomic
def set_period(name: str, *, days: int, by: Any, at: dt.datetime) -> KeptPeriod:
    """Keeps this kind of data for `days` from the next run of its job on. What is gone stays gone."""
    period = _within(name, days)
    row = KeptPeriod.objects.select_for_update().filter(name=name).first()
    if row is None:
        row = audit.create(KeptPeriod(name=name, days=period.days), verb="period.note", by=by, at=at)
    audit.update(row, verb="period.change", by=by, at=at, days=days)
    return row


def _within(name: str, days: int) -> Period:
    if name not in periods:
        raise UnknownKind({"name": f"There is no such kind of data. There are: {', '.join(periods)}."})
    period = periods[name]
    if not period.smallest <= days <= period.largest:
        between = f"Choose from {period.smallest:,} to {period.largest:,} days."
        raise ValidationError({"days": f"{between} {period.why}"})
    return period
