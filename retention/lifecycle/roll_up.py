"""What an account takes from those below it: the stages in which they stand."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.events.subscriptions import subscribe
from accounts.facts.models import AccountFacts
from accounts.facts.queries import LIFECYCLE
from accounts.facts.services import set_registers
from accounts.portfolio.models import Account, AccountEvent
from retention.evaluation.registry import roll_ups

FACT = "stages_below"


@roll_ups.register(FACT)
def take_stages(account_ids: Collection[int], at: dt.datetime) -> set[int]:
    """Writes the stages of the accounts below each of these; returns those for which they changed."""
    below: dict[int, set[str]] = defaultdict(set)
    rows = AccountFacts.objects.filter(account__parent__in=account_ids)
    for parent, stage, further in rows.values_list("account__parent", "stage", f"custom__{FACT}"):
        below[parent] |= {stage, *(further or [])} - {None}
    known = AccountFacts.objects.filter(pk__in=account_ids).values_list("pk", f"custom__{FACT}")
    changed = {
        pk: sorted(below[pk]) if pk in below else None
        for pk, before in known
        if before != (sorted(below[pk]) if pk in below else None)
    }
    set_registers({FACT: changed}, source=LIFECYCLE, at=at)
    return set(changed)


@subscribe("account.moved", name="roll up what changed its place")
def look_again(event: AccountEvent) -> None:
    """The account that moved and those above it, before and now, take over what is below them anew."""
    above = Account.objects.filter(key__in=[event.data["from"], event.data["to"]]).values_list("pk", flat=True)
    events.mark([event.account_id, *above], DirtyAccount.Pass.VERDICTS, at=event.at)
