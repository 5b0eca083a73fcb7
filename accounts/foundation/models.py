from django.db import models

from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class AuditEntry(Record):
    """One change that a service verb made: who, when, through which door, from what to what.

    Written by `audit.record` in the transaction of the change; never edited, never deleted.
    Holds ids; values of personal fields are not repeated here.
    """

    AREA = Area.AUDIT
    ACCOUNT_PATH = None
    PERSONAL = {}

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, blank=True, help_text="User who did it; empty for the system itself.")
    door = models.CharField(max_length=20)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    account_id = models.BigIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        ordering = ["-at", "-id"]
        indexes = [
            # The trail of one object.
            models.Index(fields=["object_type", "object_id", "at"], name="audit_of_object"),
            # What one person did.
            models.Index(fields=["actor_id", "at"], name="audit_of_actor"),
            # The History tab of an account.
            models.Index(fields=["account_id", "at"], name="audit_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"

    @property
    def sentence(self) -> str:
        """The verb as words: `work.reassign` reads Work reassign."""
        return self.verb.replace(".", ": ").replace("_", " ").capitalize()


class Bell(Record):
    """Whether somebody has been called already. One row a bell; written by `bell.ring` and `bell.answered`."""

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    name = models.CharField(primary_key=True, max_length=40)
    rung_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
