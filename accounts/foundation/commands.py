"""What our management commands share."""

from typing import NoReturn

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand

BAD_INPUT = 2
"""Exit code of a command that was given something it cannot use."""


def refuse(command: BaseCommand, message: str) -> NoReturn:
    """Ends `command` with a sentence on standard error."""
    command.stderr.write(message)
    raise SystemExit(BAD_INPUT)


def sentence_of(error: ValidationError) -> str:
    """What is wrong with which field, in one line."""
    if not hasattr(error, "error_dict"):
        return " ".join(error.messages)
    return " ".join(f"{field}: {message}" for field, found in error.message_dict.items() for message in found)


def counted(number: int, noun: str) -> str:
    """`3 accounts`, `1 account`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
