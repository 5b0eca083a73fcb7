"""A folder of playbook files, read and checked as a whole before anything is done with it."""

from pathlib import Path

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
    return sorted(documents, key=lambda document: (kinds[document.kind].order, document.file))


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
