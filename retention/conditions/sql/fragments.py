"""Pieces of SQL that can be joined with as few parentheses as possible: SQLite's parser nests a hundred levels."""

from collections.abc import Iterable
from dataclasses import dataclass

from .columns import Sql


@dataclass(frozen=True)
class Fragment:
    """A boolean expression. `joint` is the connective at its top, AND or OR, if it has one."""

    text: str
    params: tuple[object, ...] = ()
    joint: str = ""

    def as_sql(self) -> Sql:
        """The expression for the caller."""
        return Sql(self.text, self.params)


TRUE, FALSE = Fragment("TRUE"), Fragment("FALSE")


def constant(truth: bool) -> Fragment:
    """TRUE or FALSE in SQL."""
    return TRUE if truth else FALSE


def join(joint: str, fragments: Iterable[Fragment]) -> Fragment:
    """The fragments under one connective, without those constants that say nothing or everything."""
    neutral, settling = (TRUE, FALSE) if joint == "AND" else (FALSE, TRUE)
    parts = [part for part in fragments if part.text != neutral.text]
    if any(part.text == settling.text for part in parts):
        return settling
    if len(parts) < 2:
        return parts[0] if parts else neutral
    texts = (part.text if part.joint in ("", joint) else f"({part.text})" for part in parts)
    return Fragment(f" {joint} ".join(texts), tuple(param for part in parts for param in part.params), joint)


def case_of(when: Fragment, then: Fragment, otherwise: Fragment | None = None) -> Fragment:
    """`then` where `when` is true; everywhere else `otherwise`, or NULL."""
    end = f" ELSE {otherwise.text}" if otherwise else ""
    params = (*when.params, *then.params, *(otherwise.params if otherwise else ()))
    return Fragment(f"CASE WHEN {when.text} THEN {then.text}{end} END", params)
