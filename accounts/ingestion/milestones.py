"""Milestones: which accounts reached which, when first, and that it is told once."""

import datetime as dt

from accounts.foundation import many
from accounts.foundation.clock import now
from accounts.foundation.many import among
from accounts.ingestion.models import Milestone, MilestoneReached
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account

Reached = dict[tuple[int, int], dt.datetime]
"""(account, milestone) → the first instant at which a batch saw it."""


def store(reached: Reached) -> set[int]:
    """Notes what a batch says was reached; returns the accounts of which that is news."""
    if not reached:
        return set()
    rows = MilestoneReached.objects.filter(account__in=among({account_id for account_id, _ in reached}))
    known = {
        (account, one): (pk, at) for pk, account, one, at in rows.values_list("pk", "account", "milestone", "first_at")
    }
    earlier = {key: at for key, at in reached.items() if key in known and at < known[key][1]}
    many.change(MilestoneReached, ("first_at",), [(known[key][0], at) for key, at in earlier.items()])
    new = {key: at for key, at in reached.items() if key not in known}
    many.write(MilestoneReached, ("account_id", "milestone_id", "first_at"), [(*key, at) for key, at in new.items()])
    _tell(new)
    return {account_id for account_id, _ in (*new, *earlier)}


def _tell(new: Reached) -> None:
    accounts = Account.objects.in_bulk({account_id for account_id, _ in new})
    milestones = Milestone.objects.in_bulk({milestone_id for _, milestone_id in new})
    told = [
        Happening(accounts[account], subject=milestones[one], data={"milestone": milestones[one].name}, at=at)
        for (account, one), at in new.items()
    ]
    happened_to_many("milestone.reached", told, by=None, at=now())
