"""Why a condition is true, false or unknown: the same tree, with what was observed at each leaf."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from accounts.foundation.truth import Truth

from .language import FactType, Window, value_to_json
from .values import as_json


class Clause(NamedTuple):
    """One comparison and its outcome. `value` is typed (dates are dates); `observed` is None where unknown.

    With `held_for_days`, the comparison must have been true for so long, `since` is the instant since which it is
    known to be, and `truth` says whether that is long enough.
    """

    fact: str
    operator: str
    value: object
    observed: object
    truth: Truth
    type: FactType = FactType.UNTYPED
    held_for_days: int | None = None
    since: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """The clause as JSON can carry it; `value` is absent for an operator that takes none."""
        written: dict[str, object] = {"fact": self.fact, "operator": self.operator}
        if self.value is not None:
            written["value"] = value_to_json(self.value) if isinstance(self.value, Window) else as_json(self.value)
        written["observed"], written["truth"] = as_json(self.observed), self.truth
        return written if self.held_for_days is None else written | _held_as_json(self.held_for_days, self.since)


class Explanation(NamedTuple):
    """The verdict of one node. `kind` is all, any, not, held or leaf; a leaf has a clause, the others have children.

    A comparison that must have held is a leaf; `held` stands for a whole group that must have.
    """

    kind: str
    truth: Truth
    children: tuple["Explanation", ...] = ()
    clause: Clause | None = None
    held_for_days: int | None = None
    since: datetime | None = None

    @property
    def clauses(self) -> list[Clause]:
        """All comparisons, in the order written."""
        return list(self._clauses(deciding=False))

    @property
    def decisive(self) -> list[Clause]:
        """The comparisons that made the verdict what it is.

        Below a group only children that agree with its verdict count: of a true *any* the true ones, of a false *all*
        the false ones, of an unknown group the unknown ones. Where all had to agree, that is all of them. What had to
        hold is decided by what decides its node, also where that is true and only not for long enough.
        """
        return list(self._clauses(deciding=True))

    def _clauses(self, *, deciding: bool) -> Iterator[Clause]:
        if self.clause:
            yield self.clause
        for child in self.children:
            if not deciding or self.kind in ("not", "held") or child.truth is self.truth:
                yield from child._clauses(deciding=deciding)

    def as_json(self) -> dict[str, object]:
        """The whole tree as JSON can carry it, instants and dates in ISO 8601."""
        if self.clause:
            return {"node": self.kind, **self.clause.as_json()}
        written = {"node": self.kind, "truth": self.truth, "children": [child.as_json() for child in self.children]}
        return written | _held_as_json(self.held_for_days, self.since)


def _held_as_json(days: int | None, since: datetime | None) -> dict[str, object]:
    return {} if days is None else {"heldFor": {"days": days}, "since": as_json(since)}
