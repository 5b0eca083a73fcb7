"""Who changed what about the account."""

from typing import Any

from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from accounts.trail.reading import told

ENTRIES = 100


def _history(account: Account, user: User) -> dict[str, Any]:
    former = account.merged.values_list("pk", flat=True)
    entries = AuditEntry.objects.filter(account_id__in=[account.pk, *former])[:ENTRIES]
    return {"lines": told(list(entries), reader=user)}


panels.add("history", Panel("Changes", "accounts/panels/history.html", _history, tab="history"))
