"""Keeping what conditions saw: a milestone that was reached stays reached, and is told of once."""

import datetime as dt
from collections.abc import Mapping

from accounts.facts.registry import Values
from accounts.foundation import many
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from retention.milestones.models import AccountMilestone

NEW, FIRST_LOOK = "milestones: new", "milestones: first look"
"""What one pass remembers of an account beside its facts; neither is a fact, so neither is kept."""


def follow(known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    """Notes what conditions saw for the first time; returns the accounts looked at with changed definitions.

    What a changed definition finds was so before: it is noted, and nobody is told.
    """
    rows = [
        AccountMilestone(
            account_id=account_id,
            milestone=milestone,
            reached_at=at,
            how=AccountMilestone.How.CONDITION,
            noted_at=at,
        )
        for account_id, values in known.items()
        for milestone in values.get(NEW, ())
    ]
    many.insert(AccountMilestone, rows)
    first_looks = {account_id for account_id, values in known.items() if values.get(FIRST_LOOK)}
    _tell([row for row in rows if row.account_id not in first_looks], at)
    return first_looks


def _tell(rows: list[AccountMilestone], at: dt.datetime) -> None:
    accounts = Account.objects.in_bulk([row.account_id for row in rows])
    told = [Happening(accounts[row.account_id], row, {"milestone": row.milestone.name}) for row in rows]
    happened_to_many("milestone.reached", told, by=None, at=at)
