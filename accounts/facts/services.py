import datetime as dt
from typing import Any

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.foundation.lanes import lane
from accounts.portfolio.models import Account


def set_register(account: Account, fact: str, value: Any, *, source: str, at: dt.datetime) -> None:
    """Writes a fact that another room owns (the stage) and marks the account: verdicts may change."""
    with lane("facts"):  # the projection writes the provenance of its own facts into the same row
        row = AccountFacts.objects.get(account=account)
        setattr(row, fact, value)
        row.provenance[fact] = [source, at.isoformat()]
        row.save(update_fields=[fact, "provenance"])
    events.mark([account.pk], DirtyAccount.Pass.VERDICTS, at=at)
