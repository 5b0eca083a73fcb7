"""The code as data: its modules, its models, and the order of its rooms as `.importlinter` states it."""

import ast
import configparser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
APPS = ("accounts", "content", "retention", "plays", "config")
"""Low to high."""
ROOMY = ("accounts", "content", "retention", "plays")
"""Apps that consist of rooms; config is wiring."""


@dataclass(frozen=True)
class Module:
    """One Python file of the project."""

    path: Path

    @property
    def file(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def name(self) -> str:
        return self.file.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @cached_property
    def text(self) -> str:
        return self.path.read_text()

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """Every module below `folders` (default: the apps), migrations left out."""
    found = (path for folder in folders or APPS for path in sorted((ROOT / folder).rglob("*.py")))
    return tuple(Module(path) for path in found if "migrations" not in path.parts)


@cache
def contract(app: str) -> tuple[tuple[tuple[str, bool], ...], ...]:
    """The lines of an app's contract from low to high; each room with whether it is built."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    lines = parser[f"importlinter:contract:{app}"]["layers"].strip().splitlines()
    return tuple(
        tuple((room.strip(" ()"), not room.strip().startswith("(")) for room in line.split("|"))
        for line in reversed(lines)
    )


def ignored(app: str) -> set[str]:
    """What may lie in an app's folder beside its rooms."""
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter")
    return set(parser[f"importlinter:contract:{app}"]["exhaustive_ignores"].split())


def place(module: str) -> tuple[int, int, str]:
    """Where a module stands: app, line of the app's contract, room. Lower may not know higher."""
    app, _, rest = module.partition(".")
    room = rest.partition(".")[0]
    lines = [line for line, rooms in enumerate(contract(app)) if room in dict(rooms)]
    assert lines, f"{module} stands in no room of {app}"
    return APPS.index(app), lines[0], room


@cache
def our_models() -> tuple[type[models.Model], ...]:
    """Every concrete model of the project, in a stable order."""
    found = [model for app in APPS for model in apps.get_app_config(app).get_models()]
    return tuple(sorted(found, key=lambda model: model._meta.label))


def classes(module: Module) -> Iterator[ast.ClassDef]:
    return (node for node in ast.walk(module.tree) if isinstance(node, ast.ClassDef))
