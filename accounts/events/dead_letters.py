"""Dead letters: claimed rows of any kind that the machine gave up, for a person to look at and decide about."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import models

from accounts.foundation import claims
from accounts.foundation.claims import Claimable, Work
from accounts.portfolio.models import Account

AT_ONCE = 500
"""Rows decided about in one go."""
VERBS: dict[str, Callable[..., None]] = {"retry": claims.retry, "discard": claims.discard}


@dataclass(frozen=True)
class Letter:
    """One row that was given up, as a person reads of it."""

    row: Claimable
    kind: Work

    @property
    def what(self) -> str:
        """What was to be done, in a few words."""
        return self.kind.describe(self.row)

    @property
    def may_repeat(self) -> bool:
        """Whether trying it again may do what was done before, as nobody knows whether it was."""
        return bool(getattr(self.row, "may_repeat", False))

    @cached_property
    def account(self) -> Account | None:
        """Whom it concerns, where it concerns one account."""
        found: Any = self.row
        for step in filter(None, (self.row.ACCOUNT_PATH or "").split("__")):
            found = getattr(found, step, None)
        return found if isinstance(found, Account) else None


@dataclass(frozen=True)
class Pile:
    """The dead letters of one kind: how many, and since when."""

    name: str
    kind: Work
    count: int
    oldest_at: dt.datetime | None


def rows(name: str, user: Any) -> models.QuerySet[Any]:
    """What was given up of one kind of claimed work, as far as `user` may see it; the latest first."""
    kind = claims.work[name]
    found = kind.model.objects.for_user(user).filter(state=Claimable.State.DEAD)
    if kind.may_repeat is not None:
        found = found.annotate(may_repeat=models.ExpressionWrapper(kind.may_repeat, models.BooleanField()))
    return found.select_related(*kind.related).order_by("-failed_at", "-id")


def piles(user: Any) -> list[Pile]:
    """Every kind of claimed work with what was given up of it."""
    found = []
    for name, kind in claims.work.items():
        told = rows(name, user).order_by().aggregate(count=models.Count("pk"), oldest=models.Min("failed_at"))
        found.append(Pile(name, kind, told["count"], told["oldest"]))
    return found


def letters(name: str, found: Collection[Any]) -> list[Letter]:
    """These rows of one kind, to be read."""
    return [Letter(row, claims.work[name]) for row in found]


def decide(name: str, verb: str, found: models.QuerySet[Any], *, by: Any, at: dt.datetime) -> int:
    """Retries or discards up to 500 of `found`, which are of one kind; returns how many.

    Those that somebody decided about are left alone, and so are, of what is tried again, those that it may repeat:
    a person decides about each of them by itself.
    """
    done, may_repeat = 0, claims.work[name].may_repeat
    if verb == "retry" and may_repeat is not None:
        found = found.exclude(may_repeat)
    for row in list(found[:AT_ONCE]):
        try:
            VERBS[verb](row, by=by, at=at)
        except claims.NotGivenUp:
            continue
        done += 1
    return done


def doubtful(name: str, user: Any) -> int:
    """How many of one kind may have been carried out, and are not tried again with the others."""
    kind = claims.work[name]
    return rows(name, user).filter(kind.may_repeat).count() if kind.may_repeat is not None else 0
