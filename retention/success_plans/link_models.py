"""What every address has in common that we give to people outside: who made it, until when it opens, who looked."""

import datetime as dt

from django.db import models

from accounts.foundation.records import Record
from accounts.team.models import User
from retention.success_plans.languages import LANGUAGES

SEEN_AGAIN = dt.timedelta(minutes=5)
"""So long a look counts as one."""


class Link(Record):
    """An address that opens a page without signing in. It can be revoked, and ends.

    The address is signed over `nonce`, which alone opens nothing.
    """

    SECRET = frozenset({"nonce"})

    nonce = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=5, choices=list(LANGUAGES.items()), default="en")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ["-made_at", "-id"]

    def opens_at(self, at: dt.datetime) -> bool:
        """Whether its time is not over at `at`, and nobody revoked it."""
        return self.revoked_at is None and self.ends_at > at

    def is_new_look(self, at: dt.datetime) -> bool:
        """Whether somebody who looks at `at` has not looked a moment ago."""
        return self.last_seen_at is None or at - self.last_seen_at >= SEEN_AGAIN
