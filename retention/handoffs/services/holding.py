"""What every verb of a running handoff does first and last: takes the row, and counts anew what it lacks."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit
from retention.handoffs.checklist import Checklist, checklist
from retention.handoffs.models import Handoff


class NotPossible(ValidationError):
    """The handoff is not in a state in which this can be done, or not by this person; nothing was changed."""


def take(handoff: Handoff, *states: str) -> Handoff:
    """Locks the row and reads it anew; refuses one in another state than `states`: two may press at once."""
    rows = Handoff.objects.select_for_update(of=("self",))
    fresh = rows.select_related("version__template", "account", "deal", "giver", "receiver", "work__clock").get(
        pk=handoff.pk
    )
    if states and fresh.state not in states:
        wanted = " or ".join(Handoff.State(state).label.lower() for state in states)
        message = f"This handoff is {fresh.get_state_display().lower()}; that is possible only while it is {wanted}."
        raise NotPossible(f"{message} Nothing was changed.")
    return fresh


def take_for_giver(handoff: Handoff) -> Handoff:
    """`take`, where items may be filled in."""
    return take(handoff, Handoff.State.DRAFT, Handoff.State.OPEN, Handoff.State.RETURNED)


def recount(handoff: Handoff, *, by: Any, at: dt.datetime) -> Checklist:
    """Keeps how ready it is and how much it lacks, as it stands now; what nobody may skip is counted in the row."""
    found = checklist(handoff, at=at)
    counted = {"readiness": found.readiness, "lacking": len(found.open)}
    if audit.update(handoff, verb="handoff.count", by=by, at=at, **counted):
        events.mark([handoff.account_id], DirtyAccount.Pass.FACTS, at=at)
    return found
