"""Kinds of playbook files."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.foundation.registry import Registry


@dataclass(frozen=True)
class Trouble:
    """Something wrong in a file: the path inside it (`.trigger.all[0].fact`), and what to do."""

    path: str
    message: str


Body = dict[str, Any]


@dataclass(frozen=True)
class Kind:
    """One kind of definition in a playbook: how its files are checked and applied. Lower `order` is applied first."""

    order: int
    check: Callable[[Body], list[Trouble]]
    apply: Callable[[Body, Any, dt.datetime], str]
    """Puts the definition into force; returns its name for the report."""


kinds: Registry[Kind] = Registry("kind of playbook file")
