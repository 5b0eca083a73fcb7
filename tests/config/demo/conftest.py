"""One small demo book, made once and shared by the tests that only look at it."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from config.demo.book import SMALLEST
from tests.cast import import_starter
from tests.once import once


def make_book(*arguments: str) -> str:
    """Makes the smallest book that tells every story; returns what the command printed."""
    said = io.StringIO()
    call_command("demo", "--accounts", str(SMALLEST), *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()


def whole_book() -> str:
    """The book and the starter playbook that it needs."""
    import_starter()
    return make_book()


def shared_book() -> str:
    """The same, made once and then only written again."""
    return once("demo", whole_book)


@pytest.fixture
def playbook(db: Any) -> None:
    """The starter playbook, and no workspace yet."""
    import_starter()


@pytest.fixture(scope="module")
def said(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """What `manage.py demo` printed when it made the book that the module's tests share."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield shared_book()
        transaction.set_rollback(True)
