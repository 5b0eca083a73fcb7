"""Who sees which rows. Every list, count, search and export goes through `for_user`."""

from collections.abc import Callable
from dataclasses import dataclass
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

    @property
    def team_id(self) -> Any: ...

    @property
    def own_ids(self) -> tuple[int, ...]: ...

    def reach(self, area: str) -> str | None: ...


class Owner(Protocol):
    """Whose rows are asked for: somebody with those for whom they stand in, and their team."""

    @property
    def team_id(self) -> Any: ...

    @property
    def own_ids(self) -> tuple[int, ...]: ...


@dataclass(frozen=True)
class Alone:
    """One person by themselves: of no team, and standing in for nobody."""

    pk: int

    @property
    def team_id(self) -> None:
        return None

    @property
    def own_ids(self) -> tuple[int, ...]:
        return (self.pk,)


AccountIds = Callable[[Owner, str], models.QuerySet[Any]]
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
    return _within(model, user, reach)


def _within(model: type[models.Model], owner: Owner, reach: str) -> Q | None:
    """The filter that leaves the rows within `reach` of `owner`; None where a row of this kind is nobody's own."""
    path, assigned = model.ACCOUNT_PATH, model.ASSIGNED_PATH  # type: ignore[attr-defined]
    found = None
    if path is not None:
        found = Q()
        for account_ids in _ownership:
            found |= Q(**{f"{path or 'pk'}__in": account_ids(owner, reach)})
    if assigned:
        mine = among(assigned, owner)
        if reach == Reach.TEAM and owner.team_id:
            mine |= Q(**{f"{assigned}__team": owner.team_id})
        found = mine if found is None else found | mine
    return found


def among(path: str, owner: Owner) -> Q:
    """The filter on the user at `path` that leaves `owner` and those for whom they stand in."""
    ids = owner.own_ids
    return Q(**{path: ids[0]}) if len(ids) == 1 else Q(**{f"{path}__in": ids})


def behalf(row: models.Model, actor: Any) -> int | None:
    """The id of the person for whom `actor` does something to `row` as a stand-in; None where they act for themselves.

    That is so where the row is the absent one's own and not the actor's.
    """
    covered = getattr(actor, "covered", ())
    if not covered or _is_own(row, actor.pk):
        return None
    return next((pk for pk in covered if _is_own(row, pk)), None)


def _is_own(row: models.Model, pk: int) -> bool:
    found = _within(type(row), Alone(pk), Reach.OWN)
    return found is not None and type(row)._base_manager.filter(found, pk=row.pk).exists()


class ScopedQuerySet(models.QuerySet[Any]):
    """A queryset that can be narrowed to what one user may see."""

    def for_user(self, user: Actor) -> Self:
        """The rows `user` may see; none where no grant says so."""
        found = visible(self.model, user)
        return self.none() if found is None else self.filter(found)

    def called(self, key: str) -> Self:
        """The row with this key, if it is among these."""
        return self.filter(key=key)
