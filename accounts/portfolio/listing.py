"""Accounts as lists on the REST API show them: the shape of one account, made of a few plain queries for the page.

Serializers cost seven times what the queries do; a page of 500 accounts is read by programs all the time.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from django.db import models
from msgspec.json import decode

from accounts.foundation.many import OfIds, instant
from accounts.portfolio.models import Account, AccountMember

CSM = str(AccountMember.Part.CSM.value)
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


class Page:
    """Reads what the list says of a page's accounts, with the fields that higher rooms `added`."""

    def __init__(self, added: Mapping[str, Field]) -> None:
        self.names = ["pk", *COLUMNS, *(name for name, field in added.items() if field.column)]
        self.of_many = {name: field.of_many for name, field in added.items() if field.of_many}
        columns = ["pk", *COLUMNS.values(), *(field.column for field in added.values() if field.column)]
        self._rows = OfIds(lambda ids: Account.objects.filter(pk__in=ids).order_by("pk").values_list(*columns))

    def read(self, rows: models.QuerySet[Any]) -> list[tuple[Any, ...]]:
        """The columns of `rows`, in the order of their ids, which come first in each."""
        return self._rows(rows.values("pk"))

    def shown(self, rows: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
        """What the list says of rows that `read` gave."""
        ids = [row[0] for row in rows]
        teams = _teams(ids)
        more = [(name, of_many(ids)) for name, of_many in self.of_many.items()]
        found = [dict(zip(self.names, row, strict=True)) for row in rows]
        for account in found:
            pk = account.pop("pk")
            account["tech_stack"] = decode(account["tech_stack"])
            account["created_at"] = instant(account["created_at"])
            if account["archived_at"]:
                account["archived_at"] = instant(account["archived_at"])
            account["team"] = team = teams.get(pk) or {}
            account["csm"] = team.get(CSM)
            for name, values in more:
                account[name] = values.get(pk, [])
        return found


_members = OfIds(
    lambda ids: (
        AccountMember.objects.filter(account__in=ids)
        .order_by("account_id", "part")
        .values_list("account_id", "part", "user__username")
    )
)


def _teams(ids: list[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = defaultdict(dict)
    for account, part, username in _members(ids):
        found[account][part] = username
    return found
