"""For how long data is kept, and what is past its time."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.keeping.models import KeptPeriod
from accounts.keeping.registry import Period, periods


def kept(name: str) -> dt.timedelta:
    """For how long this kind of data is kept: as an administrator decided, else as the product does by itself."""
    days = KeptPeriod.objects.filter(name=name).values_list("days", flat=True).first()
    return dt.timedelta(days=days or periods[name].days)


def past(name: str, *, at: dt.datetime) -> QuerySet[Any]:
    """The rows of this kind whose time is over at `at`: what the next run of its job deletes."""
    return periods[name].older(at - kept(name))


@dataclass(frozen=True)
class Line:
    """One kind of data as it stands."""

    name: str
    period: Period
    days: int

    @property
    def is_changed(self) -> bool:
        """Whether an administrator decided otherwise than the product does by itself."""
        return self.days != self.period.days


def lines() -> list[Line]:
    """Every kind of data with its present period, by its label."""
    decided = dict(KeptPeriod.objects.values_list("name", "days"))
    found = [Line(name, period, decided.get(name, period.days)) for name, period in periods.items()]
    return sorted(found, key=lambda one: one.period.label)


def line(name: str) -> Line | None:
    """One of them; None where there is no such kind."""
    return next((one for one in lines() if one.name == name), None)
