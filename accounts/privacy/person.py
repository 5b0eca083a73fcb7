"""One person, under whatever names and in whatever rows we have them."""

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from accounts.foundation.records import Record
from accounts.foundation.registry import Registry


@dataclass
class Person:
    """Everything by which rows about one person can be found. It grows until nothing new turns up."""

    emails: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    called: set[tuple[int, str]] = field(default_factory=set)
    """Ids of theirs in sources: (source, id)."""
    rows: dict[str, set[int]] = field(default_factory=dict)
    """Label of a model → ids of the rows that are this person."""
    accounts: set[int] = field(default_factory=set)

    def is_row(self, model: type[Record], pk: int) -> None:
        """Notes that a row of `model` is this person."""
        self.rows.setdefault(model._meta.label, set()).add(pk)

    def ids(self, model: type[Record]) -> set[int]:
        """The rows of `model` that are this person."""
        return self.rows.get(model._meta.label, set())

    def learn(self, *, email: str = "", name: str = "") -> None:
        """Takes over an address or a name; empty ones say nothing."""
        self.emails |= {email.strip().lower()} - {""}
        self.names |= {name.strip()} - {""}


@dataclass(frozen=True)
class Trace:
    """How the rows of one model that are about a person are found, and what they tell of the person."""

    model: type[Record]
    about: Callable[[Person], Q]
    """The filter of the rows about a person."""
    learn: Callable[[Person, Any], None] | None = None
    """What one row adds to what is known of the person."""
    also: Callable[[QuerySet[Any], Any], None] | None = None
    """What erasing does besides, to these rows, at an instant."""
    grows: bool = False
    """Whether its rows only come and go, and none changes whom it is about: one look at a row holds."""

    def rows(self, person: Person) -> QuerySet[Any]:
        """The rows about `person`, whoever asks."""
        return self.model._base_manager.filter(self.about(person))


traces: Registry[Trace] = Registry("trace of a person")
"""By the label of the model."""


def any_of(*conditions: Q) -> Q:
    """Rows that fit one of these; none where there are none."""
    found = Q(pk__in=[])
    for condition in conditions:
        found |= condition
    return found


def gather(person: Person) -> Person:
    """`person` with every name and row that follows from what is known of them."""
    before = None
    while before != person:
        before = copy.deepcopy(person)
        for trace in traces.values():
            if trace.learn:
                for row in trace.rows(person):
                    trace.learn(person, row)
    return person
