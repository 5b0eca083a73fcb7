"""The demo book is no back door: it writes through services, and draws no conclusions of its own."""

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[3] / "config" / "demo"
MODULES = sorted(FOLDER.glob("*.py"))
CONCLUSIONS = {"evaluation", "decisions", "runs", "steps", "triggers", "work", "lifecycle", "facts"}
TOLD_FROM_OUTSIDE = {"accounts.facts.lookup", "accounts.facts.services"}
"""Custom facts follow from nothing: somebody tells them, through the same service as everybody."""
SAID_ABOUT_WORK = {"effort", "thread"}
"""Minutes spent and comments: nobody but people has them to tell. The work itself is made by the pump."""
TAKEN_AS_LONG_TRUE = ("retention.evaluation.services", ["take_as_long_true"])
"""The pump drew the conclusions; since when they hold it cannot know, as the book tells years in one go."""
WRITES = {"create", "bulk_create", "bulk_update", "save", "delete", "update_or_create", "get_or_create"}
ROWS = {"objects", "all", "filter", "exclude"}


def trouble(source: str) -> list[str]:
    """What in `source` would write rows by itself, or reach for what only the pump may make."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module and _concludes(node):
            found.append(f"imports {node.module}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _writes(node.func):
            found.append(f"calls {ast.unparse(node.func)}")
    return found


def _concludes(node: ast.ImportFrom) -> bool:
    module = node.module or ""
    if module in TOLD_FROM_OUTSIDE or (module, [one.name for one in node.names]) == TAKEN_AS_LONG_TRUE:
        return False
    if module == "retention.work":
        return not {one.name for one in node.names} <= SAID_ABOUT_WORK
    return bool(set(module.split(".")) & CONCLUSIONS)


def _writes(call: ast.Attribute) -> bool:
    """Whether it is a write of rows: `x.save()`, or create, update … on a manager or a query."""
    if call.attr in {"save", "bulk_create", "bulk_update"}:
        return True
    names = {node.attr for node in ast.walk(call.value) if isinstance(node, ast.Attribute)}
    return call.attr in WRITES | {"update"} and bool(names & ROWS)


def test_there_is_something_to_look_at():
    assert len(MODULES) > 5


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_writes_nothing_by_itself(path: Path):
    assert trouble(path.read_text()) == []


@pytest.mark.parametrize(
    "line",
    [
        "from plays.runs.models import Run",
        "from retention.work import services",
        "from retention.work import effort, services",
        "from retention.work.services import open_item",
        "from retention.evaluation import services",
        "from retention.evaluation.services import take_as_long_true, watch",
        "Account.objects.create(name='x')",
        "Account.objects.filter(pk=1).update(name='x')",
        "account.save()",
    ],
)
def test_would_be_noticed(line: str):
    assert trouble(line)
