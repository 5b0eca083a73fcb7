"""One small demo book, made once and shared by the tests that only look at it."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from accounts.foundation.clock import now
from config.demo.book import SMALLEST
from plays.playbook.services import import_folder
from tests.cast import STARTER


def make_book(*arguments: str) -> str:
    """Makes the smallest book that tells every story; returns what the command printed."""
    said = io.StringIO()
    call_command("demo", "--accounts", str(SMALLEST), *arguments, stdout=said, stderr=io.StringIO())
    return said.getvalue()


@pytest.fixture
def playbook(db: Any) -> None:
    """The starter playbook, and no workspace yet."""
    import_folder(STARTER, by=None, at=now())


@pytest.fixture(scope="module")
def said(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """What `manage.py demo` printed when it made the book that the module's tests share."""
    with django_db_blocker.unblock(), transaction.atomic():
        import_folder(STARTER, by=None, at=now())
        yield make_book()
        transaction.set_rollback(True)
