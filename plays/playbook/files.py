"""Playbook files: YAML, one definition a file, read with the line of every value."""

from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

LIMIT = 1024 * 1024
MOST_VALUES = 50_000
"""An alias repeats what it names: a few lines could otherwise become more than memory holds."""


_Quick: Any = None
if yaml.__with_libyaml__:

    class _Quick(yaml.composer.Composer, yaml.CSafeLoader):  # type: ignore[no-redef]
        """Parses in C and composes in Python: what nests too deeply in C ends the process."""

        def __init__(self, text: str) -> None:
            yaml.CSafeLoader.__init__(self, text)
            yaml.composer.Composer.__init__(self)


@dataclass(frozen=True)
class Problem:
    """What is wrong in which line of which file."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}" if self.line else f"{self.file}: {self.message}"


class PlaybookRefused(ValueError):
    """A playbook with problems; nothing of it was applied."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True)
class Document:
    """One file: its kind, its body, and the line on which each path of the body stands."""

    file: str
    kind: str
    body: dict[str, Any]
    lines: dict[str, int] = field(repr=False)

    def problem(self, path: str, message: str) -> Problem:
        """A problem at `path`, on the line of the nearest thing that exists there."""
        where = path
        while where and where not in self.lines:
            where = where[: max(where.rfind("."), where.rfind("["), 0)]
        shown = path.removeprefix(".")
        return Problem(self.file, self.lines.get(where, 1), f"{shown}: {message}" if shown else message)


def read_folder(folder: Path) -> tuple[list[Document], list[Problem]]:
    """The documents below `folder` in order of name, and the problems of the files that are none.

    Raises PlaybookRefused where there is nothing to read.
    """
    if not folder.is_dir():
        raise PlaybookRefused([Problem(str(folder), 0, "there is no such folder; name the one that holds the files")])
    found: list[Document] = []
    problems: list[Problem] = []
    for path in sorted(path for path in folder.rglob("*.y*ml") if path.is_file()):
        name = str(path.relative_to(folder))
        try:
            found.append(_read(path, name))
        except PlaybookRefused as refused:
            problems += refused.problems
        except OSError as error:
            problems.append(Problem(name, 1, f"cannot be read: {error.strerror}"))
    if not found and not problems:
        raise PlaybookRefused([Problem(str(folder), 0, "holds no .yaml file")])
    return found, problems


def _read(path: Path, name: str) -> Document:
    text = path.read_bytes()
    if len(text) > LIMIT:
        raise PlaybookRefused([Problem(name, 1, "is larger than 1 MiB")])
    try:
        node = _composed(text.decode())
        lines: dict[str, int] = {}
        body = _value(node, "", lines) if node else None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        message = getattr(error, "problem", None) or str(error)
        raise PlaybookRefused([Problem(name, mark.line + 1 if mark else 1, f"is not YAML: {message}")]) from error
    if not isinstance(body, dict) or not isinstance(body.get("kind"), str):
        raise PlaybookRefused([Problem(name, 1, "expected a mapping with `kind`")])
    return Document(name, body.pop("kind"), body, lines)


def _composed(text: str) -> yaml.Node | None:
    """What is wrong is told in the words of the parser in Python, also where the one in C was built."""
    if _Quick is not None:
        with suppress(yaml.YAMLError):
            return yaml.compose(text, Loader=_Quick)
    return yaml.compose(text, Loader=yaml.SafeLoader)


def _value(node: yaml.Node, path: str, lines: dict[str, int]) -> Any:
    """The plain value of a YAML node; notes the line of everything below it. Refuses a key that stands twice."""
    lines[path] = node.start_mark.line + 1
    if len(lines) > MOST_VALUES:
        raise _marked(node, f"holds more than {MOST_VALUES} values, those of its aliases counted")
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_value(item, f"{path}[{index}]", lines) for index, item in enumerate(node.value)]
    return _scalar(node)


def _mapping(node: yaml.MappingNode, path: str, lines: dict[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        if key in found:
            raise _marked(key_node, f"{key} stands here twice")
        found[key] = _value(value_node, f"{path}.{key}", lines)
        lines[f"{path}.{key}"] = key_node.start_mark.line + 1
    return found


def _scalar(node: yaml.Node) -> Any:
    constructor = yaml.constructor.SafeConstructor()
    try:
        value = constructor.construct_object(node)
        str(value)  # a number in hexadecimal may have more digits than can be written down again
    except ValueError as error:  # such as the date 2026-02-30
        raise _marked(node, f"{node.value[:40]}: {error}") from error
    if not isinstance(value, (str, int, float, bool, type(None))):
        value = str(node.value)
    if isinstance(value, str) and not _is_storable(value):
        raise _marked(node, "holds a character that no database stores")
    return value


def _is_storable(text: str) -> bool:
    """Whether both databases take `text`: neither NUL nor half of a surrogate pair."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)


def _marked(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
