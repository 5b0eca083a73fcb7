"""A folder of playbook files, read and checked as a whole before anything is done with it."""

from pathlib import Path
from typing import Any

from plays.playbook.files import Document, PlaybookRefused, Problem, read_folder
from plays.playbook.registry import Facts, kinds
from retention.evaluation.rules import catalogue


def checked(folder: Path) -> list[Document]:
    """The documents below `folder` in the order in which they are applied.

    Raises PlaybookRefused with every problem, each with file and line.
    """
    documents, problems = read_folder(folder)
    facts = _facts(documents)
    problems += [problem for document in documents for problem in _check(document, facts)]
    if problems := problems or _clashes(documents):
        raise PlaybookRefused(problems)
    depths = _depths(documents)
    return sorted(documents, key=lambda one: (kinds[one.kind].order, depths[one.file], one.file))


def _depths(documents: list[Document]) -> dict[str, int]:
    """File → how many others of the folder must be in force before it, one after the other, for the facts it reads.

    Files that wait for each other in a ring are left to whoever applies them, who refuses the ring.
    """
    made = {fact: document for document in documents for fact in kinds[document.kind].declares(document.body)}
    found: dict[str, int] = {}

    def depth(document: Document, above: tuple[str, ...]) -> int:
        if document.file in above:
            return 0
        if document.file not in found:
            below = {made[fact].file: made[fact] for fact in _facts_named(document.body) if fact in made}
            below.pop(document.file, None)
            deepest = [depth(one, (*above, document.file)) + 1 for one in below.values()]
            found[document.file] = max(deepest, default=0)
        return found[document.file]

    for document in documents:
        depth(document, ())
    return found


def _facts_named(body: Any) -> set[str]:
    """The facts that conditions anywhere in a file ask for."""
    if isinstance(body, list):
        return set().union(*map(_facts_named, body))
    if not isinstance(body, dict):
        return set()
    named = {body["fact"]} if isinstance(body.get("fact"), str) else set()
    return named.union(*map(_facts_named, body.values()))


def _facts(documents: list[Document]) -> Facts:
    """What conditions may read once the folder is in force: its own facts beside those that there are."""
    facts = catalogue()
    for document in documents:
        if kind := kinds.get(document.kind):
            facts = facts.with_more(kind.declares(document.body))
    return facts


def _check(document: Document, facts: Facts) -> list[Problem]:
    kind = kinds.get(document.kind)
    if kind is None:
        return [document.problem(".kind", f"expected one of {', '.join(kinds)}")]
    return [document.problem(trouble.path, trouble.message) for trouble in kind.check(document.body, facts)]


def _clashes(documents: list[Document]) -> list[Problem]:
    """Files that define the same thing: which of them holds would depend on their names."""
    first: dict[str, str] = {}
    found = []
    for document in documents:
        kind = kinds[document.kind]
        if kind.is_single and first.setdefault(document.kind, document.file) != document.file:
            message = f"{first[document.kind]} is the {document.kind} of this folder already; make one file of the two"
            found.append(document.problem("", message))
            continue
        for definition in kind.definitions(document.body):
            if definition.name in first:
                message = f"{first[definition.name]} defines this {definition.noun} already"
                found.append(document.problem(f"{definition.path}.key", message))
            first.setdefault(definition.name, document.file)
    return found
