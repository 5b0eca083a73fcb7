import datetime as dt
from pathlib import Path
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction

from accounts.foundation import audit
from plays.playbook.checking import checked
from plays.playbook.files import Document, PlaybookRefused, Problem
from plays.playbook.queries import is_first
from plays.playbook.registry import kinds


class MustBeConfirmed(PlaybookRefused):
    """Much of the book would move, and nobody has said that this is wanted; the problems say what, with numbers."""


def import_folder(folder: Path, *, by: Any, at: dt.datetime, confirmed: bool = False) -> list[str]:
    """Puts every definition below `folder` into force, all or none; returns one line about each file.

    Raises PlaybookRefused with every problem, each with file and line, or MustBeConfirmed where something large would
    happen and nobody has `confirmed` it; then nothing was changed. The first playbook of an installation moves nobody.
    """
    documents = checked(folder)
    confirmed = confirmed or is_first()
    asked: list[Problem] = []
    with transaction.atomic(), audit.through("import"):
        told = [_apply(document, asked, by=by, at=at) for document in documents]
        if asked and not confirmed:
            raise MustBeConfirmed(asked)
    return told


def _apply(document: Document, asked: list[Problem], *, by: Any, at: dt.datetime) -> str:
    """Puts one file into force, and notes what had to be asked before: those before it are in force by then."""
    kind = kinds[document.kind]
    try:
        asked += [document.problem(one.path, one.message) for one in kind.asks(document.body, at)]
        return kind.apply(document.body, by, at)
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
