"""Dates of accounts that a calendar may be about."""

import datetime as dt

from django.db import models
from django.db.models import F

from accounts.calendar.registry import dates
from accounts.facts.catalogue import Type, facts
from accounts.facts.models import AccountFacts


def date_facts() -> list[str]:
    """The keys of the facts that are dates with a column of their own."""
    return [key for key, fact in facts.items() if fact.type is Type.DATE]


@dates.register("facts")
def _dated(fact: str, first: dt.date, last: dt.date) -> models.QuerySet[AccountFacts] | None:
    """Accounts that people work with, by a date in their profile."""
    if fact not in date_facts():
        return None
    column = facts[fact].column
    rows = AccountFacts.objects.filter(account__archived_at=None, account__merged_into=None)
    return rows.filter(**{f"{column}__range": (first, last)}).annotate(
        falls_on=F(column), in_zone=F("account__time_zone")
    )
