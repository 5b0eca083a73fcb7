"""Whatever way a change comes in, the trail says which one and who: pages and routes name the reader or the caller,
commands and jobs name their door."""

import ast
import re
from collections.abc import Iterator

import pytest

from tests.architecture.code import Module, modules
from tests.architecture.test_audited import verbs

PAGES = re.compile(r"\.(admin|\w*pages|quick|console|away_pages)(\.|$)")
ROUTES = re.compile(r"\.(\w*api|rest)(\.|$)")
ASKING = {"console": {"reader(request)", "reader(self.request)"}, "api": {"self.caller", "view.caller"}}
"""How a page and a route name whoever asks; `by` hands on what a function of the same module was given."""
NAMED_BEFORE = {
    ("plays.triggers.pages", "user"): "user = reader(request)",
    ("retention.fit.admin", "user"): "user = reader(request)",
    ("retention.lifecycle.pages", "shown.user"): "Shown.user is reader(self.request)",
    ("retention.handoffs.pages", "shown.user"): "Shown.user is reader(self.request)",
    ("retention.handoffs.template_pages", "found.user"): "Shown.user is reader(self.request)",
    ("retention.segments.admin", "user"): "user = reader(request)",
    ("accounts.sign_in.pages", "self.user"): "whose password it is",
}
"""(module, expression) → how it came to be whoever asks."""


def door_of(module: Module) -> str:
    """The door that a module is part of; empty where it is none."""
    if ROUTES.search(module.name):
        return "api"
    return "console" if PAGES.search(module.name) else ""


def actors(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """The value of each `by=` in a module, with its line."""
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        for keyword in call.keywords:
            if keyword.arg == "by":
                yield call.lineno, ast.unparse(keyword.value)


@pytest.mark.parametrize("door", ASKING)
def test_who_asks_is_who_did_it(door):
    found = [(module, line, by) for module in modules() if door_of(module) == door for line, by in actors(module.tree)]
    assert len(found) > 40
    wrong = [
        f"{module.file}:{line}: by={by}"
        for module, line, by in found
        if by not in ASKING[door] | {"by"} and (module.name, by) not in NAMED_BEFORE
    ]
    assert not wrong, "name whoever asks:\n" + "\n".join(wrong)


def test_a_function_of_a_page_that_takes_by_is_given_it():
    """`by` without a value of its own is handed on; a default would hide that nobody was named."""
    wrong = [
        f"{module.file}:{node.lineno}: {node.name}"
        for module in modules()
        if door_of(module)
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef)
        for argument, default in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)
        if argument.arg == "by" and default is not None
    ]
    assert not wrong


def reaches_verb(module: Module) -> bool:
    """Whether a module calls a verb with somebody's name, or nobody's."""
    names = {name for _, name in verbs()}
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, (ast.Attribute, ast.Name))
        and (node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id) in names
        and "by" in {keyword.arg for keyword in node.keywords}
        for node in ast.walk(module.tree)
    )


def test_every_command_that_changes_something_names_its_door():
    commands = [module for module in modules() if ".management.commands." in module.name and reaches_verb(module)]
    assert len(commands) >= 2
    nameless = {module.name for module in commands if "audit.through(" not in module.text}
    nameless -= {"plays.management.commands.playbook"}  # `import_folder` is a door of its own
    assert sorted(nameless) == [], "open audit.through('command') around it"


def test_every_job_of_the_pipeline_runs_behind_its_door():
    text = next(module.text for module in modules() if module.name == "config.pipeline")
    assert text.count('audit.through("job")') >= 2
    import_door = next(module.text for module in modules() if module.name == "plays.playbook.services")
    assert 'audit.through("import")' in import_door


@pytest.mark.parametrize(
    ("text", "by"), [("x.do(row, by=None, at=now())", "None"), ("do(by=reader(request))", "reader(request)")]
)
def test_the_search_finds(text, by):
    assert [found for _, found in actors(ast.parse(text))] == [by]
