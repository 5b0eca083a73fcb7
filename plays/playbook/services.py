import datetime as dt
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts.foundation import audit
from plays.playbook.checking import checked
from plays.playbook.files import Document, PlaybookRefused, Problem
from plays.playbook.registry import kinds


def import_folder(folder: Path, *, by: Any, at: dt.datetime) -> list[str]:
    """Puts every definition below `folder` into force, all or none; returns one line about each file.

    Raises PlaybookRefused with every problem, each with file and line; then nothing was changed.
    """
    documents = checked(folder)
    with transaction.atomic(), audit.through("import"):
        return [_apply(document, by=by, at=at) for document in documents]


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
