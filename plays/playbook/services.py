import datetime as dt
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts.foundation import audit
from plays.playbook.files import Document, PlaybookRefused, Problem, read_folder
from plays.playbook.registry import kinds


def import_folder(folder: Path, *, by: Any, at: dt.datetime) -> list[str]:
    """Puts every definition below `folder` into force, all or none; returns one line about each.

    Raises PlaybookRefused with every problem, each with file and line; then nothing was changed.
    """
    documents, problems = read_folder(folder)
    problems += [problem for document in documents for problem in _check(document)]
    if problems := problems or _clashes(documents):
        raise PlaybookRefused(problems)
    documents.sort(key=lambda document: (kinds[document.kind].order, document.file))
    with transaction.atomic(), audit.through("import"):
        return [_apply(document, by=by, at=at) for document in documents]


def _check(document: Document) -> list[Problem]:
    kind = kinds.get(document.kind)
    if kind is None:
        return [document.problem(".kind", f"expected one of {', '.join(kinds)}")]
    return [document.problem(trouble.path, trouble.message) for trouble in kind.check(document.body)]


def _clashes(documents: list[Document]) -> list[Problem]:
    """Files that define the same thing: which of them holds would depend on their names."""
    first: dict[tuple[str, str], str] = {}
    found = []
    for document in documents:
        one = document.kind, document.body.get("key", "")
        if one in first:
            found.append(document.problem(".key", f"{first[one]} defines this {document.kind} already"))
        first.setdefault(one, document.file)
    return found


def _apply(document: Document, *, by: Any, at: dt.datetime) -> str:
    try:
        return kinds[document.kind].apply(document.body, by, at)
    except ValidationError as error:
        raise PlaybookRefused(_problems(document, error)) from error


def _problems(document: Document, error: ValidationError) -> list[Problem]:
    """What a service refused, on the lines of the fields it names."""
    named = error.message_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.messages}
    return [
        document.problem("" if field == NON_FIELD_ERRORS else f".{field}", message)
        for field, messages in named.items()
        for message in messages
    ]
