"""What the account page and the account list show of facts."""

from collections.abc import Callable
from itertools import groupby
from typing import Any

from accounts.facts.catalogue import facts
from accounts.facts.queries import Known, profile, value_of
from accounts.facts.wording import shown
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Column, Headline, Panel, columns, headlines, panels
from accounts.team.models import User


def known(account: Account) -> dict[str, Known]:
    """Fact key → what is known of it, read once for all headlines and panels of a page."""
    if not hasattr(account, "known_facts"):
        row = getattr(account, "facts", None)
        account.known_facts = {one.fact.key: one for one in profile(row)}  # type: ignore[attr-defined]
    return account.known_facts  # type: ignore[attr-defined]


def _by_group(account: Account, user: User) -> dict[str, Any]:
    rows = list(known(account).values())
    groups = [(group, list(found)) for group, found in groupby(rows, key=lambda one: one.fact.group)]
    return {"groups": groups, "known": sum(one.value is not None for one in rows), "total": len(rows)}


def _headline(key: str) -> Callable[[Account, User], tuple[str, str]]:
    return lambda account, user: (
        known(account)[key].text,
        facts[key].unit if facts[key].unit != "base currency" else "",
    )


def _column(key: str) -> Callable[[Account, str], str]:
    def value(account: Account, currency: str) -> str:
        row = getattr(account, "facts", None)
        found = value_of(facts[key], row, currency=currency) if row else None
        return "–" if found is None else shown(key, found, currency=currency)

    return value


panels.add("facts", Panel("What we know", "accounts/panels/facts.html", _by_group, order=40))

for _key, _title, _order in (
    ("arr", "ARR", 20),
    ("active_users_30d", "Active users", 30),
    ("active_users_change_30d", "Change", 31),
    ("contract_end_date", "Contract ends", 40),
):
    headlines.add(_key, Headline(_title, _headline(_key), order=_order))
    columns.add(
        _key,
        Column(_title, _column(_key), related=("facts",), sort=f"facts__{facts[_key].column}", order=_order),
    )
columns.add("stage", Column("Stage", _column("stage"), related=("facts",), sort="facts__stage", order=10))
