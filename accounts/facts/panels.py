"""What the account page and the account list show of facts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.facts.catalogue import Group, facts
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.queries import Known, profile, value_of
from accounts.facts.wording import shown
from accounts.foundation.clock import now
from accounts.identity.models import ExternalId
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Column, Headline, Panel, columns, headlines, panels
from accounts.team.models import User
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale


def known(account: Account) -> dict[str, Known]:
    """Fact key → what is known of it, read once for all headlines and panels of a page."""
    if not hasattr(account, "known_facts"):
        row = getattr(account, "facts", None)
        account.known_facts = {one.fact.key: one for one in profile(row)}  # type: ignore[attr-defined]
    return account.known_facts  # type: ignore[attr-defined]


OPEN = {Group.USAGE, Group.CUSTOM}


@dataclass(frozen=True)
class Shown:
    """One group of facts on the page: what is known of it, and what is not."""

    name: str
    known: list[Known]
    unknown: list[Known]

    @property
    def counts(self) -> tuple[int, int]:
        """How many of its facts are known, and how many are not."""
        rows = [*self.known, *self.unknown]
        count = sum(one.value is not None for one in rows)
        return count, len(rows) - count

    @property
    def missing(self) -> list[str]:
        """What every profile should have and this one lacks."""
        return [one.fact.label for one in self.unknown if one.fact.is_required]

    @property
    def is_open(self) -> bool:
        """Whether the page shows it at first; the others are a click away."""
        return self.name in OPEN

    @property
    def is_required(self) -> bool:
        """Whether profile coverage speaks of it."""
        return any(one.fact.is_required for one in [*self.known, *self.unknown])


def _by_group(account: Account, user: User) -> dict[str, Any]:
    rows = list(known(account).values())
    groups = [_shown(group, [one for one in rows if one.fact.group is group]) for group in Group]
    required = [group for group in groups if group.is_required]
    return {
        "groups": [group for group in groups if group.known or group.unknown],
        "covered": sum(not group.missing for group in required),
        "required": len(required),
        "silent": _silent(account),
        "account": account,
        "may_edit": user.may_edit(AccountFacts.AREA),
        "may_define": user.may_edit(CustomFact.AREA),
    }


def _shown(group: Group, rows: list[Known]) -> Shown:
    if group is Group.CUSTOM:  # an unknown one is entered right there
        return Shown(group.value, rows, [])
    return Shown(
        group.value, [one for one in rows if one.value is not None], [one for one in rows if one.value is None]
    )


def _silent(account: Account) -> list[Source]:
    """The sources that tell us about the account and have not done so for longer than they may."""
    called = ExternalId.objects.filter(account=account).values("source")
    return [source for source in Source.objects.filter(pk__in=called) if is_stale(source, at=now())]


def _headline(key: str) -> Callable[[Account, User], tuple[str, str]]:
    return lambda account, user: (known(account)[key].text, known(account)[key].unit)


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
