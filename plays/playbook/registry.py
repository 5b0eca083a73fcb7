"""Kinds of playbook files."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.foundation.registry import Registry
from retention.conditions.language import FactType


@dataclass(frozen=True)
class Trouble:
    """Something wrong in a file: the path inside it (`.trigger.all[0].fact`), and what to do."""

    path: str
    message: str


Body = dict[str, Any]
Facts = Mapping[str, FactType]
"""What conditions may read: the facts in force, and those that the files of the same folder define."""


@dataclass(frozen=True)
class Definition:
    """One definition in a file: what it is, the path at which it stands, and its body as an export writes it."""

    noun: str
    key: str
    path: str
    body: Body

    @property
    def name(self) -> str:
        """What people call it: `play usage_drop`."""
        return f"{self.noun} {self.key}"


def no_questions(body: Body, at: dt.datetime) -> list[Trouble]:
    """What is asked before a file whose kind moves no accounts is put into force."""
    return []


def no_facts(body: Any) -> Facts:
    """What most kinds of files define of facts."""
    return {}


@dataclass(frozen=True)
class Kind:
    """One kind of playbook file: how it is checked, applied, and written again. Lower `order` is applied first."""

    order: int
    check: Callable[[Body, Facts], list[Trouble]]
    apply: Callable[[Body, Any, dt.datetime], str]
    """Puts what the file says into force; returns its name for the report."""
    export: Callable[[], Iterable[tuple[str, Body]]]
    """The files that say what is in force, each with its path; equal rows give equal files."""
    definitions: Callable[[Body], list[Definition]]
    """What a checked file defines, each as `export` writes it: two files that mean the same come out equal."""
    declares: Callable[[Body], Facts] = no_facts
    """The facts that a file defines, as far as they can be told: it may not have been checked yet."""
    asks: Callable[[Body, dt.datetime], list[Trouble]] = no_questions
    """What must be confirmed before a file is put into force, with numbers of the whole book: where much of it would
    move, or something new would place or score much of it. Raises ValidationError where that cannot be told."""
    is_single: bool = False
    """Whether a folder holds at most one file of this kind."""


kinds: Registry[Kind] = Registry("kind of playbook file")
