"""Accounts as lists on the REST API show them: the shape of one account, made of a few plain queries for the page.

Serializers cost seven times what the queries do; a page of 500 accounts is read by programs all the time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

from accounts.foundation.many import OfIds
from accounts.portfolio.models import AccountMember

Part = AccountMember.Part
PLAIN = ["key", "name", "domain", "state", "industry", "employees", "region", "time_zone", "use_case", "complexity"]
PLAIN += ["tech_stack", "goals", "fiscal_year_end_month", "budget_month", "acquisition_source", "campaign"]
COLUMNS = {
    **{name: name for name in PLAIN},
    "parent": "parent__key",
    "created_at": "created_at",
    "archived_at": "archived_at",
    "merged_into": "merged_into__key",
}
"""What is shown → the column that holds it."""
OfMany = Callable[[list[int]], Mapping[int, Any]]


class Field(Protocol):
    """A field that a higher room adds: read as a column, or for the accounts of a page together."""

    @property
    def column(self) -> str: ...

    @property
    def of_many(self) -> OfMany | None: ...


def columns(added: Mapping[str, Field]) -> list[str]:
    """What a page reads of each account: its id first."""
    return ["pk", *COLUMNS.values(), *(field.column for field in added.values() if field.column)]


def shown(rows: Iterable[tuple[Any, ...]], added: Mapping[str, Field]) -> list[dict[str, Any]]:
    """What the list says of `rows`, each with the values of `columns`."""
    names = ["pk", *COLUMNS, *(name for name, field in added.items() if field.column)]
    found = [dict(zip(names, row, strict=True)) for row in rows]
    ids = [account.pop("pk") for account in found]
    teams = _teams(ids)
    more = {name: field.of_many(ids) for name, field in added.items() if field.of_many}
    for pk, account in zip(ids, found, strict=True):
        account["team"] = team = teams.get(pk, {})
        account["csm"] = team.get(Part.CSM)
        for name, values in more.items():
            account[name] = values.get(pk, [])
    return found


_members = OfIds(
    lambda ids: AccountMember.objects.filter(account__in=ids).values_list("account_id", "part", "user__username")
)


def _teams(ids: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for account, part, username in _members(ids):
        found[account][part] = username
    return found
