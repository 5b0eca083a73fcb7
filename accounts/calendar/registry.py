"""Which dates of accounts a window may be about: rooms above say where they are kept."""

import datetime as dt
from collections.abc import Callable

from django.db import models

from accounts.foundation.registry import Registry

Dates = Callable[[str, dt.date, dt.date], "models.QuerySet[models.Model] | None"]
"""Given a fact and two days: rows by the id of their account, with its date as `falls_on` between them and its zone
as `in_zone`; None where it keeps no such date."""

dates: Registry[Dates] = Registry("dates of accounts")


class UnknownDate(LookupError):
    """Nobody keeps a date of accounts by this name."""


def dated(fact: str, first: dt.date, last: dt.date) -> "models.QuerySet[models.Model]":
    """The accounts whose date `fact` lies from `first` to `last`. UnknownDate where nobody keeps it."""
    for keeps in dates.values():
        if (rows := keeps(fact, first, last)) is not None:
            return rows
    raise UnknownDate(f"{fact} is no date of accounts.")
