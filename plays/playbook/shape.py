"""Small checks that every kind of playbook file needs."""

from collections.abc import Collection
from typing import Any

from accounts.foundation.keys import KEY, KEY_LENGTH
from plays.playbook.registry import Body, Facts, Trouble
from retention.conditions.check import problems

MOST_DAYS = 3650


def keys(body: Body, *, required: Collection[str], optional: Collection[str] = (), path: str = "") -> list[Trouble]:
    """Keys that are missing, and keys that nobody knows."""
    known = {*required, *optional}
    missing = [Trouble(path, f"{name} is missing") for name in required if name not in body]
    unknown = [
        Trouble(f"{path}.{name}", f"unknown key; known are {', '.join(sorted(known))}")
        for name in body
        if name not in known
    ]
    return missing + unknown


def key(value: Any, path: str) -> list[Trouble]:
    """Whether `value` can be the key of a definition."""
    if not isinstance(value, str) or not KEY.fullmatch(value):
        return [Trouble(path, "expected a key of lower-case letters, digits, hyphens and underscores")]
    return [Trouble(path, f"is longer than {KEY_LENGTH} characters")] if len(value) > KEY_LENGTH else []


def text(value: Any, path: str, *, longest: int = 250) -> list[Trouble]:
    """Whether `value` is text that is not empty and not too long."""
    if not isinstance(value, str) or not value.strip():
        return [Trouble(path, "expected some text")]
    return [Trouble(path, f"is longer than {longest} characters")] if len(value) > longest else []


def choice(value: Any, path: str, choices: Collection[str]) -> list[Trouble]:
    """Whether `value` is one of `choices`."""
    if isinstance(value, str) and value in choices:
        return []
    return [Trouble(path, f"expected one of {', '.join(choices)}")]


def flag(value: Any, path: str) -> list[Trouble]:
    """Whether `value` is a yes or a no."""
    return [] if isinstance(value, bool) else [Trouble(path, "expected true or false")]


def once(value: Any, path: str, seen: set[str], *, what: str) -> list[Trouble]:
    """Whether the key `value` of a `what` stands here for the first time; notes it in `seen`."""
    found = key(value, path)
    if not found and value in seen:
        found = [Trouble(path, f"another {what} has this key already")]
    seen.add(str(value))
    return found


def days(value: Any, path: str) -> list[Trouble]:
    """Whether `value` is a number of days; None for a key that is not there."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_DAYS):
        return []
    return [Trouble(path, f"expected a whole number of days from 1 to {MOST_DAYS}")]


def condition(value: Any, path: str, facts: Facts) -> list[Trouble]:
    """Everything wrong with a condition over `facts`, each with its path inside the file."""
    return [Trouble(path + problem.path.removeprefix("$"), problem.message) for problem in problems(value, facts)]


def mappings(value: Any, path: str) -> list[Trouble]:
    """Whether `value` is a list of mappings with at least one in it."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return []
    return [Trouble(path, "expected a list of at least one entry")]
