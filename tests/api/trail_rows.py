"""Rows of the audit trail, as the tests of lists want them."""

from collections.abc import Callable
from typing import Any

from accounts.foundation.models import AuditEntry
from tests import trail
from tests.factories import accounts


def an_entry(number: int) -> None:
    if number == 0 and AuditEntry.objects.count() > 20:
        trail.forget()  # what the playbook left there
    accounts.AuditEntryFactory(actor_id=accounts.UserFactory().pk, account_id=accounts.AccountFactory().pk)


TRAIL: dict[str, Callable[[int], Any]] = {"audit": an_entry}
