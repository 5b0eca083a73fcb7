"""Who changed what about the account."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User

ENTRIES = 100
PEOPLE = {"user", "user_id", "assignee", "assignee_id", "closed_by", "closed_by_id", "manager", "manager_id"}
"""Fields that hold the id of one of our people."""


def _history(account: Account, user: User) -> dict[str, Any]:
    former = account.merged.values_list("pk", flat=True)
    entries = list(AuditEntry.objects.filter(account_id__in=[account.pk, *former])[:ENTRIES])
    names = {person.pk: str(person) for person in User.objects.filter(pk__in=_people(entries))}
    rows = [
        (entry, names.get(entry.actor_id or 0, "Holdfast"), [_change(entry, name, names) for name in _fields(entry)])
        for entry in entries
    ]
    return {"rows": rows}


def _people(entries: list[AuditEntry]) -> set[Any]:
    """The ids of all users whom the entries mention."""
    values = [value for entry in entries for value in (*entry.before.items(), *entry.after.items())]
    return {entry.actor_id for entry in entries} | {value for name, value in values if name in PEOPLE and value}


def _fields(entry: AuditEntry) -> list[str]:
    return [name for name in entry.after if name in entry.before]


def _change(entry: AuditEntry, name: str, names: dict[int, str]) -> tuple[str, str, str]:
    label = name.removesuffix("_at").removesuffix("_id").replace("_", " ")
    return label, _text(name, entry.before[name], names), _text(name, entry.after[name], names)


def _text(name: str, value: Any, names: dict[int, str]) -> str:
    if value in (None, "", [], {}):
        return "nothing"
    if name in PEOPLE:
        return names.get(value, "somebody")
    if name.endswith("_at"):
        return f"{timezone.localtime(dt.datetime.fromisoformat(value)):%d %b %Y, %H:%M}"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).replace("_", " ")


panels.add("history", Panel("Changes", "accounts/panels/history.html", _history, tab="history"))
