"""What is wrong with a condition, told to the person who can put it right."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

_LONGEST_ECHO = 60


@dataclass(frozen=True)
class Problem:
    """One thing to put right: where it stands (`$.all[1].value`), and what is expected there."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}"


class ConditionRefused(ValueError):
    """The condition cannot be used. `problems` holds everything found, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))


def shown(value: object) -> str:
    """A value as a message may repeat it: text shortened and escaped, anything else only by what it is."""
    if isinstance(value, str):
        quoted = json.dumps(value)
        return quoted if len(quoted) <= _LONGEST_ECHO else quoted[:_LONGEST_ECHO] + '…"'
    for kind, words in _WORDS.items():
        if isinstance(value, kind):
            return words
    return "null" if value is None else type(value).__name__


_WORDS: dict[type, str] = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object"}


def below(path: str, key: object) -> str:
    """The path of a key inside the object at `path`."""
    plain = isinstance(key, str) and key.isidentifier() and key.isascii()
    return f"{path}.{key}" if plain else f"{path}[{shown(key)}]"
