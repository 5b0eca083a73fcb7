"""Parameters that follow from the moment a condition is asked at; so its SQL can be composed before there is one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from ..comparing import Moment
from ..values import Kind

Ends = tuple[object, object]


@dataclass(frozen=True)
class Moved:
    """The moment, or its date, moved by `span`.

    Where that leaves the calendar it is one of `ends`, below and above every value there can be; where it leaves
    `within`, the nearest time inside.
    """

    kind: Kind
    span: timedelta
    within: tuple[Any, Any] | None = None
    write: Callable[[Any], object] = lambda time: time
    ends: Ends = ("-infinity", "infinity")

    def kept(self, write: Callable[[Any], object], ends: Ends) -> "Moved":
        """The same as a parameter for a column that keeps times so."""
        return replace(self, write=write, ends=ends)

    def at(self, moment: Moment) -> object:
        """The parameter."""
        now: date | datetime = moment.today if self.kind is Kind.DATE else moment.as_of
        try:
            moved = now + self.span
        except OverflowError:
            is_late = self.span > timedelta(0)
            return self.write(self.within[is_late]) if self.within else self.ends[is_late]
        return self.write(min(max(moved, self.within[0]), self.within[1]) if self.within else moved)


def at(params: Iterable[object], moment: Moment) -> list[object]:
    """The parameters as they are at this moment."""
    return [param.at(moment) if isinstance(param, Moved) else param for param in params]
