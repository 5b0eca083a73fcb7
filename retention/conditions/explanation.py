"""Why a condition is true, false or unknown: the same tree, with what was observed at each leaf."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.foundation.truth import Truth

from .language import FactType, Window, value_to_json
from .values import as_json


@dataclass(frozen=True)
class Clause:
    """One comparison and its outcome. `value` is typed (dates are dates); `observed` is None where unknown."""

    fact: str
    operator: str
    value: object
    observed: object
    truth: Truth
    type: FactType = FactType.UNTYPED

    def as_json(self) -> dict[str, object]:
        """The clause as JSON can carry it; `value` is absent for an operator that takes none."""
        written: dict[str, object] = {"fact": self.fact, "operator": self.operator}
        if self.value is not None:
            written["value"] = value_to_json(self.value) if isinstance(self.value, Window) else as_json(self.value)
        return written | {"observed": as_json(self.observed), "truth": self.truth}


@dataclass(frozen=True)
class Explanation:
    """The verdict of one node. `kind` is all, any, not or leaf; a leaf has a clause, a group has children."""

    kind: str
    truth: Truth
    children: tuple["Explanation", ...] = ()
    clause: Clause | None = None

    @property
    def clauses(self) -> list[Clause]:
        """All comparisons, in the order written."""
        return list(self._clauses(deciding=False))

    @property
    def decisive(self) -> list[Clause]:
        """The comparisons that made the verdict what it is.

        Below a group only children that agree with its verdict count: of a true *any* the true ones, of a false *all*
        the false ones, of an unknown group the unknown ones. Where all had to agree, that is all of them.
        """
        return list(self._clauses(deciding=True))

    def _clauses(self, *, deciding: bool) -> Iterator[Clause]:
        if self.clause:
            yield self.clause
        for child in self.children:
            if not deciding or self.kind == "not" or child.truth is self.truth:
                yield from child._clauses(deciding=deciding)

    def as_json(self) -> dict[str, object]:
        """The whole tree as JSON can carry it, instants and dates in ISO 8601."""
        if self.clause:
            return {"node": self.kind, **self.clause.as_json()}
        return {"node": self.kind, "truth": self.truth, "children": [child.as_json() for child in self.children]}
