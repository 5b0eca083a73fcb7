"""Who sees which rows. Every list, count, search and export goes through `for_user`."""

from collections.abc import Callable
from typing import Any, Protocol, Self

from django.db import models
from django.db.models import Q


class Area(models.TextChoices):
    """What a role's grant speaks about. Each model belongs to one."""

    ACCOUNTS = "accounts", "Accounts and what we know about them"
    WORK = "work", "Work items"
    RUNS = "runs", "Runs and decisions of plays"
    DEFINITIONS = "definitions", "Stages, plays, tracking plan"
    SIGNALS = "signals", "Sources, inbox, quarantine"
    PEOPLE = "people", "Users, teams, roles"
    SETTINGS = "settings", "Workspace and API keys"
    AUDIT = "audit", "Audit trail"


class Reach(models.TextChoices):
    """How far a grant carries."""

    OWN = "own", "Their own"
    """Accounts whose team the user is on, and what is assigned to the user."""
    TEAM = "team", "Their team's"
    """The same for everybody on the user's team."""
    ALL = "all", "All"


class Access(models.TextChoices):
    """What a grant allows within its reach."""

    VIEW = "view", "See"
    EDIT = "edit", "See and change"


class Actor(Protocol):
    """Whoever asks: a signed-in user, or the user an API key acts as."""

    pk: Any
    team_id: Any

    def reach(self, area: str) -> str | None: ...


AccountIds = Callable[[Actor, str], models.QuerySet[Any]]
_ownership: list[AccountIds] = []


def define_ownership(visible: AccountIds) -> AccountIds:
    """Decorator of the one function that says which account ids a user reaches (the portfolio defines it)."""
    if _ownership:
        raise RuntimeError("Ownership of accounts is defined once.")
    _ownership.append(visible)
    return visible


def extend_ownership(more: AccountIds) -> AccountIds:
    """Decorator of one more way in which a user reaches accounts, besides being on their team."""
    _ownership.append(more)
    return more


def visible(model: type[models.Model], user: Actor) -> Q | None:
    """The filter that leaves what `user` may see of `model`; None where that is nothing."""
    reach = user.reach(model.AREA)  # type: ignore[attr-defined]
    if reach is None:
        return None
    if reach == Reach.ALL:
        return Q()
    path, assigned = model.ACCOUNT_PATH, model.ASSIGNED_PATH  # type: ignore[attr-defined]
    found = None
    if path is not None:
        found = Q()
        for account_ids in _ownership:
            found |= Q(**{f"{path or 'pk'}__in": account_ids(user, reach)})
    if assigned:
        mine = Q(**{assigned: user.pk})
        if reach == Reach.TEAM and user.team_id:
            mine |= Q(**{f"{assigned}__team": user.team_id})
        found = mine if found is None else found | mine
    return found


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that can be narrowed to what one user may see."""

    def for_user(self, user: Actor) -> Self:
        """The rows `user` may see; none where no grant says so."""
        found = visible(self.model, user)
        return self.none() if found is None else self.filter(found)

    def called(self, key: str) -> Self:
        """The row with this key, if it is among these."""
        return self.filter(key=key)
