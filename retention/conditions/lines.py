"""Conditions answered line by line, for `manage.py conditions`: everything it does except reading and printing.

A line brings its own facts, and no catalogue declares them, so they are typed by their JSON alone.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from .catalogue import UNDECLARED
from .check import parse
from .evaluate import Moment, compile_closure
from .json_text import read
from .language import Condition, depth, facts_read, leaves
from .refusal import ConditionRefused, Problem, shown
from .values import read_date, read_instant


class LineRefused(ValueError):
    """A line that cannot be answered: its number (from 1) and what is wrong with it."""

    def __init__(self, number: int, problems: list[Problem]) -> None:
        self.number = number
        self.problems = problems
        super().__init__("\n".join(f"line {number}: {problem}" for problem in problems))


def answers(lines: Iterable[bytes | str], now: datetime) -> Iterator[str]:
    """`true`, `false` or `unknown` for each line that is not blank, as it comes.

    `now` (aware, UTC) is the moment for lines that name none. Raises LineRefused at the first bad line.
    """
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                yield answer(text_of(line), now)
            except ConditionRefused as refusal:
                raise LineRefused(number, refusal.problems) from None


def answer(line: str, now: datetime) -> str:
    """The verdict on one line `{"condition": …, "facts": {…}, "as_of": …}`; other keys are left alone."""
    row = read(line)
    if not isinstance(row, dict):
        raise _refused("$", f'expected an object with "condition" and "facts", got {shown(row)}')
    facts, moment = _facts(row), _moment(row.get("as_of"), now)
    condition = _condition(row)
    return {True: "true", False: "false", None: "unknown"}[compile_closure(condition)(facts, moment)]


def text_of(raw: bytes | str) -> str:
    """The text of raw bytes. Raises ConditionRefused where they are not UTF-8."""
    try:
        return raw if isinstance(raw, str) else raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("$", f"byte {error.start + 1} is not UTF-8; save the text as UTF-8") from None


def summary(condition: Condition) -> str:
    """A checked condition in one line: its size and the facts it reads."""
    count = sum(1 for _ in leaves(condition))
    noun = "leaf" if count == 1 else "leaves"
    return f"ok: {count} {noun}, depth {depth(condition)}, reads {', '.join(sorted(facts_read(condition)))}"


def _condition(row: dict[str, object]) -> Condition:
    if "condition" not in row:
        raise _refused("$.condition", "is missing; give the condition to answer")
    try:
        return parse(row["condition"], UNDECLARED, allow_held_for=False)
    except ConditionRefused as refusal:
        moved = [Problem(f"$.condition{found.path[1:]}", found.message) for found in refusal.problems]
        raise ConditionRefused(moved) from None


def _facts(row: dict[str, object]) -> dict[str, object]:
    facts = row.get("facts")
    if not isinstance(facts, dict):
        trouble = f"expected an object of facts, got {shown(facts)}" if "facts" in row else "is missing"
        raise _refused("$.facts", f"{trouble}; {{}} says that nothing is known")
    return facts


def _moment(written: object, now: datetime) -> Moment:
    """The line's moment. Without a workspace, today is the UTC date, and an instant without offset is in UTC."""
    if written is None:
        return Moment(now, now.date())
    as_of = read_instant(_midnight(written), offset_required=False) if isinstance(written, str) else None
    if as_of is None:
        raise _refused("$.as_of", f'expected an instant such as "2026-01-31T09:00:00Z", got {shown(written)}')
    return Moment(as_of, as_of.date())


def _midnight(written: str) -> str:
    return f"{written}T00:00:00Z" if read_date(written) else written


def _refused(path: str, message: str) -> ConditionRefused:
    return ConditionRefused([Problem(path, message)])
