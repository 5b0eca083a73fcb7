import datetime as dt
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from django.core.exceptions import ValidationError

from plays.playbook.checking import checked
from plays.playbook.files import Document
from plays.playbook.registry import Definition, kinds, no_questions
from plays.playbook.yaml_text import written

IN_FORCE = "in force"
LATER = "How many accounts it moves can be told once the facts that it asks for are in force."


class Change(StrEnum):
    """What importing a folder would do to one definition."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ONLY_HERE = "only here"
    """The folder does not have it: importing leaves it as it is."""


@dataclass(frozen=True)
class Difference:
    """One definition: its name, what importing would do to it, and a unified diff where that changes it."""

    name: str
    change: Change
    diff: str = ""
    asks: tuple[str, ...] = ()
    """What must be confirmed before, with numbers of the whole book."""


def exported() -> dict[str, str]:
    """Path → text of every file of the operating model in force."""
    ordered = sorted(kinds.items(), key=lambda entry: entry[1].order)
    return {path: written({"kind": name, **body}) for name, kind in ordered for path, body in kind.export()}


def differences(folder: Path, *, at: dt.datetime) -> list[Difference]:
    """What importing `folder` would do to each definition, in its order; then those that only this installation has.

    Raises PlaybookRefused where it could not be imported.
    """
    before = {definition.name: definition for definition in _in_force()}
    found, first = [], is_first()
    for document in checked(folder):
        asks = {} if first else _asks(document, at)
        for definition in kinds[document.kind].definitions(document.body):
            found.append(_difference(before.pop(definition.name, None), definition, document.file, asks))
    return found + [Difference(name, Change.ONLY_HERE) for name in before]


def is_first() -> bool:
    """Whether nothing is in force yet that says where accounts stand: whatever comes first moves nobody."""
    return not any(True for kind in kinds.values() if kind.asks is not no_questions for _ in kind.export())


def _in_force() -> Iterator[Definition]:
    for kind in sorted(kinds.values(), key=lambda kind: kind.order):
        for _, body in kind.export():
            yield from kind.definitions(body)


def _asks(document: Document, at: dt.datetime) -> dict[str, list[str]]:
    """Path of a definition → what must be confirmed before it is in force."""
    found: dict[str, list[str]] = {}
    try:
        for one in kinds[document.kind].asks(document.body, at):
            found.setdefault(one.path, []).append(one.message)
    except ValidationError:  # the folder was checked with its own facts, and those are not in force yet
        return {one.path: [LATER] for one in kinds[document.kind].definitions(document.body)}
    return found


def _difference(before: Definition | None, after: Definition, file: str, asks: dict[str, list[str]]) -> Difference:
    if before is None:
        return Difference(after.name, Change.NEW, asks=tuple(asks.get(after.path, ())))
    if before.body == after.body:  # as services compare: 5 and 5.0 are one number, the order of keys says nothing
        return Difference(after.name, Change.UNCHANGED)
    old, new = (written(one.body).splitlines() for one in (before, after))
    lines = difflib.unified_diff(old, new, IN_FORCE, file, lineterm="")
    return Difference(after.name, Change.CHANGED, "\n".join(lines), tuple(asks.get(after.path, ())))
