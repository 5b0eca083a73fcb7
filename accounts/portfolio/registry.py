"""Panels of the account page, and the kinds of events this room tells of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.foundation.registry import Registry
from accounts.foundation.scope import Area
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.team.models import User


@dataclass(frozen=True)
class Panel:
    """One block on the account page: a template, and what it is given."""

    title: str
    template: str
    context: Callable[..., dict[str, Any]]
    """Called with the account and the user."""
    tab: str = "overview"
    order: int = 50
    asks: bool = False
    """Whether `context` is also given what the address asks for: filters, pages."""


@dataclass(frozen=True)
class Headline:
    """One figure in the head of the account page: a label, its value, and what the value means on hover."""

    label: str
    value: Callable[[Account, User], tuple[str, str]]
    order: int = 50


@dataclass(frozen=True)
class Column:
    """One column of the account list.

    `value` is given the account and the base currency; `related` names what the rows are read with, so that no row
    costs a query.
    """

    title: str
    value: Callable[[Account, str], Any]
    related: tuple[str, ...] = ()
    sort: str = ""
    order: int = 50


@dataclass(frozen=True)
class Page:
    """One further page of an account, below its address: what its button says, and the view.

    The view is given the console's page of accounts, the request and the account. Only who may edit it gets there.
    """

    label: str
    view: Callable[[Any, HttpRequest, Account], HttpResponse]
    area: str = Area.ACCOUNTS
    """What one must be allowed to edit, besides the account."""


@dataclass(frozen=True)
class Together:
    """Something that is done for many accounts, chosen in their list: what it is called there, and the view.

    The view is given the console's page of accounts, the request and the accounts, which the reader may see; its page
    is sent to the list again, with what was chosen. Only who may edit accounts, and the area, gets there.
    """

    label: str
    view: Callable[[Any, HttpRequest, QuerySet[Any]], HttpResponse]
    area: str = Area.ACCOUNTS


together: Registry[Together] = Registry("deed for many accounts")
panels: Registry[Panel] = Registry("account page panel")
headlines: Registry[Headline] = Registry("account page headline")
columns: Registry[Column] = Registry("account list column")
pages: Registry[Page] = Registry("page of an account")
"""By the last part of its address."""

TABS = {
    "overview": "Overview",
    "timeline": "Timeline",
    "work": "Work and plays",
    "people": "People",
    "plan": "Plan",
    "commercial": "Commercial",
    "support": "Support",
    "history": "History",
}
"""Tabs of the account page, in order."""
RAIL = "rail"
"""The column beside every tab."""

_PARTS = dict(AccountMember.Part.choices)


def _assigned(event: AccountEvent, people: Mapping[int, str]) -> str:
    part = _PARTS.get(event.data["part"], event.data["part"])
    name = people.get(event.data["user"])
    return f"{name} became {part}" if name else f"{part} became vacant"


def _moved(event: AccountEvent, people: Mapping[int, str]) -> str:
    below = event.data["to"]
    return f"Moved below {below}" if below else f"No longer below {event.data['from']}"


kinds.add("account.created", EventKind(lambda event, people: "Account created", "add_business", changes_facts=True))
kinds.add("account.changed", EventKind(lambda event, people: "Profile changed", "edit", changes_facts=True))
kinds.add("account.moved", EventKind(_moved, "account_tree", changes_facts=True))
kinds.add("account.assigned", EventKind(_assigned, "person", changes_facts=True, group=Group.PEOPLE))
