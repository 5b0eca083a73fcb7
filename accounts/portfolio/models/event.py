from django.db import models

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models.account import Account
from accounts.team.models import User


class AccountEvent(Record):
    """One thing that happened to an account. The timeline, the outbox of reactions, the source of triggers.

    Written by `portfolio.events.happened` in the transaction of the change; never edited.
    Holds ids and keys, never words about a person.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    kind = models.CharField(max_length=40)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="events", db_index=False)
    subject = models.CharField(max_length=80, blank=True, help_text="What it is about, as model:id.")
    at = models.DateTimeField(help_text="When it happened.")
    recorded_at = models.DateTimeField(help_text="When we learnt of it.")
    actor = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    data = models.JSONField(default=dict)
    key = models.CharField(max_length=200, null=True, blank=True, unique=True, help_text="Makes a repeat harmless.")  # noqa: DJ001

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The timeline of an account.
            models.Index(fields=["account", "at"], name="event_timeline"),
            # What one person did; most events are nobody's.
            models.Index(fields=["actor"], condition=models.Q(actor__isnull=False), name="events_of_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.account_id}"

    @property
    def subject_id(self) -> int | None:
        """The id in `subject`; None where the event has none."""
        _, _, number = self.subject.partition(":")
        return int(number) if number else None
