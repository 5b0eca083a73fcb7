"""Kinds of steps: what a play can do. Adding one means adding one file and registering it here."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts.foundation.registry import Registry
from plays.runs.models import StepRun


@dataclass(frozen=True)
class Trouble:
    """Something wrong in the configuration of a step, and where."""

    path: str
    message: str


@dataclass(frozen=True)
class StepKind:
    """One kind of step: how its configuration is checked, and how it is started."""

    label: str
    check: Callable[[dict[str, Any]], list[Trouble]]
    start: Callable[[StepRun, dt.datetime], None]


step_kinds: Registry[StepKind] = Registry("kind of step")
