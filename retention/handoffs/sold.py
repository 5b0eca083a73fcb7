"""What became of the customers whom somebody sold and handed over."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.facts.models import AccountFacts
from accounts.facts.queries import values_of
from accounts.foundation.many import among as one_of
from accounts.foundation.scope import among
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from retention.handoffs.models import Handoff
from retention.lifecycle.models import AccountStage
from retention.lifecycle.queries import primary_version
from retention.milestones.queries import has_left
from retention.milestones.standing import Status

SHOWN = 8
READ = ("first_value_status", "first_value_at", "first_value_due_on", "has_paid_contract", "first_contract_on")


@dataclass(frozen=True)
class Sold:
    """One customer sold and accepted: the stage now (empty: none), and whether there is a first value."""

    handoff: Handoff
    stage: str
    has_left: bool
    status: Status | None
    """Of first value; None where the account is not the reader's to see any more."""
    reached_at: dt.datetime | None
    due_on: dt.date | None


def sold(user: User, *, at: dt.datetime) -> list[Sold]:
    """The customers whom `user`, or somebody for whom they stand in, sold, the latest accepted first.

    As many queries for one as for all.
    """
    rows = Handoff.objects.for_user(user).filter(among("giver", user), state=Handoff.State.ACCEPTED, deal__type="new")
    found = list(rows.select_related("account", "deal").order_by("-accepted_at", "-pk")[:SHOWN])
    if not found:
        return []
    seen = AccountFacts.objects.for_user(user).filter(pk__in=one_of(one.account_id for one in found))
    facts = values_of(list(seen.values_list("pk", flat=True)), READ, currency=base_currency())
    stages = _stages(list(facts))
    day = today(at)
    return [_told(one, facts.get(one.account_id), stages.get(one.account_id, ""), day) for one in found]


def _stages(account_ids: Sequence[int]) -> dict[int, str]:
    version = primary_version() if account_ids else None
    if version is None:
        return {}
    rows = AccountStage.objects.filter(account__in=one_of(account_ids), lifecycle=version.lifecycle_id)
    return {row.account_id: row.stage.name for row in rows.select_related("stage") if row.stage}


def _told(handoff: Handoff, known: Mapping[str, Any] | None, stage: str, day: dt.date) -> Sold:
    if known is None:
        return Sold(handoff, "", False, None, None, None)
    status = Status(known["first_value_status"] or Status.NOT_TRACKED)
    left = has_left(known["has_paid_contract"], known["first_contract_on"], day)
    return Sold(handoff, stage, left, status, known["first_value_at"], known["first_value_due_on"])
