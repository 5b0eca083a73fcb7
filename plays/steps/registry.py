"""Kinds of steps: what a play can do. Adding one means adding one file and registering it here."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.foundation.registry import Registry
from plays.runs.models import StepRun
from retention.conditions.language import FactType


@dataclass(frozen=True)
class Trouble:
    """Something wrong in the configuration of a step, and where."""

    path: str
    message: str


@dataclass(frozen=True)
class StepKind:
    """One kind of step: how its configuration is checked, and how it is started."""

    label: str
    check: Callable[[dict[str, Any], Mapping[str, FactType]], list[Trouble]]
    """What is wrong with a configuration, where conditions may read these facts."""
    start: Callable[[StepRun, dt.datetime], bool | None]
    """Carries it out in a transaction, or hands it over to somebody. True: it is done, and the run goes on at once."""
    fields: Sequence[str] = ()
    """The keys of its configuration, also of what lies within, in the order in which a person writes them."""


step_kinds: Registry[StepKind] = Registry("kind of step")
