"""Who reads edges as part of the pass itself, and what a parent account takes from its children."""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from accounts.foundation.registry import Registry
from retention.evaluation.models import Edge, Watch


@dataclass(frozen=True)
class Outcome:
    """What one reader derives from its watches: a fact of the account, such as its stage.

    Both return the ids of the accounts to ask again, and run in the transaction of the pass: those whose fact changed,
    save where all rules that read it come later in the same pass anyway, as they do unless it is a register.
    """

    follow: Callable[[Sequence[Edge], dt.datetime], set[int]]
    """These edges happened."""
    settle: Callable[[Sequence[Watch], Collection[int], dt.datetime], set[int]]
    """These watches were defined anew: put the accounts where they belong, silently."""


outcomes: Registry[Outcome] = Registry("outcome of a pass")
"""Reader → what it derives. Edges of other readers wait as pending until they look."""

RollUp = Callable[[Collection[int], dt.datetime], set[int]]

roll_ups: Registry[RollUp] = Registry("roll-up to parent accounts")
"""Name → recomputes the facts of these parents from their children; returns the parents whose facts changed."""
