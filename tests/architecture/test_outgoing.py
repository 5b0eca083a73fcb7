"""Whatever leaves over HTTP leaves through the one client, which checks where it goes."""

import ast

import pytest

from tests.architecture.code import Module, modules

CLIENT = "accounts.outbox.http"
HOME = {"config.management.commands.run"}  # asks its own web server whether it is up
BANNED = {"httpx", "httpcore", "requests", "urllib3", "aiohttp", "http.client", "urllib.request"}


def imported(tree: ast.AST) -> set[str]:
    """What a module imports, with the modules above it."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.update({node.module, *(f"{node.module}.{alias.name}" for alias in node.names)})
    return {".".join(name.split(".")[:depth]) for name in names for depth in range(1, name.count(".") + 2)}


def is_client(module: Module) -> bool:
    return module.name == CLIENT or module.name.startswith(f"{CLIENT}.")


def speaks(module: Module) -> bool:
    return bool(imported(module.tree) & BANNED)


def test_nothing_else_speaks_http():
    others = [module for module in modules() if not is_client(module) and module.name not in HOME]
    found = [module.file for module in others if speaks(module)]
    assert not found, f"send it through {CLIENT}"


def test_the_client_is_there():
    assert any(speaks(module) for module in modules() if is_client(module))


@pytest.mark.parametrize(
    "text",
    ["import httpx", "from http import client", "from urllib.request import urlopen", "import requests.adapters"],
)
def test_finds(text):
    assert imported(ast.parse(text)) & BANNED


@pytest.mark.parametrize("text", ["from http import HTTPStatus", "from urllib.parse import urlsplit"])
def test_leaves_alone(text):
    assert not imported(ast.parse(text)) & BANNED
