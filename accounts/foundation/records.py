"""The base of every model: where it belongs, who reaches it, what in it is about a person."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache, reduce
from operator import and_
from typing import ClassVar, Literal

from django.core.exceptions import ValidationError
from django.db import models, router
from django.db.models import Q

from accounts.foundation.scope import ScopedQuerySet


@dataclass(frozen=True)
class Personal:
    """Declares one field that says something about a person."""

    purpose: str
    """Why we hold it."""
    retention: str
    """Until when."""
    erase: Literal["clear", "delete_row", "keep"]
    """What erasure of the person does to it."""
    export: bool = True
    """Whether the person's export contains it."""
    instead: str = ""
    """What a cleared field holds from then on, where it may not be empty; `{id}` is the number of the row."""


class OnMerge(StrEnum):
    """What becomes of the rows of an account that is merged into another one."""

    MOVE = "move"
    """They belong to the other account from then on."""
    UNION = "union"
    """They are joined with what the other account has, by the joiner that the room registered."""
    DROP = "drop"
    """They are made again from the rest, so they go."""
    STAY = "stay"
    """They tell what was true of the account under its old name, and remain there."""


class Record(models.Model):
    """Base of every model. Each concrete model declares the four lines below, also when they are empty."""

    AREA: ClassVar[str]
    """The area whose grants decide access."""
    ACCOUNT_PATH: ClassVar[str | None]
    """The lookup from this model to its account; "" on Account itself; None where it belongs to no account."""
    ASSIGNED_PATH: ClassVar[str | None] = None
    """The lookup to the user whose own this row is, besides the account's team."""
    PERSONAL: ClassVar[dict[str, Personal]]
    """Fields with personal data; empty where there are none."""
    MERGE: ClassVar[dict[str, OnMerge]] = {}
    """For each foreign key to Account, what a merge does with these rows."""
    SECRET: ClassVar[frozenset[str]] = frozenset()
    """Fields whose values never appear anywhere else, the audit trail included."""

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """As Django's, but a related row that was read already is not looked for again."""
        super().clean_fields(exclude={*(exclude or ()), *self._related_at_hand()})

    def _related_at_hand(self) -> set[str]:
        keys = (field for field in self._meta.concrete_fields if isinstance(field, models.ForeignKey))
        found = ((key.name, getattr(self, key.name)) for key in keys if key.is_cached(self))
        return {name for name, row in found if row is not None and not row._state.adding}

    def validate_constraints(self, exclude: Collection[str] | None = None) -> None:
        """As Django's, which asks the database once per check and with a savepoint each; here they share one statement.

        They are asked one by one where something is refused, so that each refusal has its own words.
        """
        using, without = router.db_for_write(type(self), instance=self), frozenset(exclude or ())
        try:
            for constraint in _constraints(type(self), without):
                constraint.validate(type(self), self, exclude=set(without), using=using)
        except ValidationError:
            super().validate_constraints(exclude=without)


@lru_cache(maxsize=1024)
def _constraints(model: type[Record], without: frozenset[str]) -> list[models.BaseConstraint]:
    """What a row must keep, all checks as one; those about a field that is left out are left out, as Django does."""
    others = [each for each in model._meta.constraints if not isinstance(each, models.CheckConstraint)]
    conditions = [Q(each.condition) for each in model._meta.constraints if isinstance(each, models.CheckConstraint)]
    asked = [condition for condition in conditions if not condition.referenced_base_fields & without]
    if not asked:
        return others
    return [*others, models.CheckConstraint(condition=reduce(and_, asked), name="all_checks_of_a_row")]
