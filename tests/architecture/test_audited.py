"""Every verb that is told by whom it is done leaves an entry in the audit trail, or says here why not."""

import ast
from functools import cache

from tests.architecture.code import ROOMY, Module, modules

TRAIL = "accounts.foundation.audit"
OF_A_SOURCE = "sent by a system by the thousand; each row keeps its source, its id there and when it came"
SILENT = {
    "accounts.contracts.invoices.save_invoices": OF_A_SOURCE,
    "accounts.support.services.save_tickets": OF_A_SOURCE,
    "accounts.touches.services.imports.log_many": OF_A_SOURCE,
    "accounts.touches.services.imports.record_surveys": OF_A_SOURCE,
    "accounts.ingestion.bulk.services.take": OF_A_SOURCE,
    "accounts.events.dead_letters.decide": "looks its verb up; each of them leaves an entry for each row",
    "accounts.facts.importing.plan": "plans, and changes nothing",
    "accounts.ingestion.quarantine.services.plan_settling": "plans, and changes nothing",
    "accounts.outbox.endpoints.services.test": "changes nothing; the delivery says by whom it was asked for",
    "accounts.portfolio.events.happened": "the ledger of events, beside the entry of the verb that tells it",
    "accounts.portfolio.events.happened_to_many": "the same",
    "accounts.portfolio.events.happened_to_rows": "the same",
}
"""Verbs that take `by` and leave no entry, each with its reason."""
Verb = tuple[str, str]


def imports(module: Module) -> dict[str, str]:
    """What each name that a module imports stands for: a module, or a function as `module:function`."""
    found = {}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                found[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    return found


@cache
def calls() -> dict[Verb, set[Verb]]:
    """Each function of the apps with the functions of ours that it mentions."""
    found: dict[Verb, set[Verb]] = {}
    for module in modules(*ROOMY):
        names = imports(module)
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef):
                found[module.name, node.name] = set(_mentioned(node, module.name, names))
    return found


def _mentioned(function: ast.FunctionDef, here: str, names: dict[str, str]) -> list[Verb]:
    found = []
    for node in ast.walk(function):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            found.append((names[node.value.id], node.attr))
        elif isinstance(node, ast.Name):
            home, _, name = names.get(node.id, "").rpartition(".")
            found.append((home, name) if home else (here, node.id))
    return found


def verbs() -> list[Verb]:
    """Public functions of the services that are told by whom."""
    found = []
    for module in modules(*ROOMY):
        if any(part in ("admin", "pages", "api", "rest") for part in module.name.split(".")):
            continue
        for node in module.tree.body:
            if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and module.name != TRAIL:
                found += [(module.name, node.name)] if "by" in {one.arg for one in node.args.kwonlyargs} else []
    return found


def reaches_trail(verb: Verb, seen: set[Verb]) -> bool:
    """Whether a verb writes into the trail, itself or through what it calls."""
    if verb[0] == TRAIL:
        return True
    if verb in seen:
        return False
    seen.add(verb)
    return any(reaches_trail(other, seen) for other in calls().get(verb, ()))


def test_every_verb_leaves_an_entry():
    silent = [".".join(verb) for verb in verbs() if not reaches_trail(verb, set())]
    assert len(verbs()) > 80
    assert sorted(silent) == sorted(SILENT), "write through accounts.foundation.audit, or give the reason above"


def test_the_search_can_fail():
    assert not reaches_trail(("accounts.foundation.money", "to_minor"), set())
    assert reaches_trail(("accounts.team.services", "form_team"), set())
