from typing import Any, NoReturn

from django.db import models

from accounts.foundation.records import Record
from accounts.foundation.scope import Area, ScopedQuerySet


class TrailIsFinal(RuntimeError):
    """Something tried to change or delete what the audit trail holds; PostgreSQL refuses it as well."""


class Entries(ScopedQuerySet):
    """Entries of the trail: to read, and to add to."""

    def update(self, **values: Any) -> NoReturn:
        raise TrailIsFinal("Entries of the audit trail are never changed.")

    def delete(self) -> NoReturn:
        raise TrailIsFinal("Entries of the audit trail are never deleted.")

    delete.alters_data = True  # type: ignore[attr-defined]


class AuditEntry(Record):
    """One change that a service verb made: who, when, through which door, from what to what.

    Written by `audit.record` in the transaction of the change; never edited, never deleted: the verbs below refuse
    it, and on PostgreSQL a trigger. (On SQLite it would also refuse Django's own flush, which deletes row by row.)
    Holds ids; values of personal fields are not repeated here.
    """

    AREA = Area.AUDIT
    ACCOUNT_PATH = None
    PERSONAL = {}

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, blank=True, help_text="User who did it; empty for the system itself.")
    behalf_of_id = models.BigIntegerField(null=True, blank=True, help_text="User for whom the actor stood in.")
    door = models.CharField(max_length=20)
    verb = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=80)
    account_id = models.BigIntegerField(null=True, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)

    objects = Entries.as_manager()  # type: ignore[misc]

    class Meta:
        verbose_name = "audit entry"
        verbose_name_plural = "audit trail"
        ordering = ["-at", "-id"]
        indexes = [
            # The trail of one object.
            models.Index(fields=["object_type", "object_id", "at"], name="audit_of_object"),
            # What one person did; most entries are nobody's.
            models.Index(fields=["actor_id", "at"], condition=models.Q(actor_id__isnull=False), name="audit_of_person"),
            # The History tab of an account.
            models.Index(fields=["account_id", "at"], name="audit_of_account"),
            # One kind of deed, such as every sign-in link that was made.
            models.Index(fields=["verb", "at"], name="audit_of_verb"),
            # The trail by time: its first page, and its range of days.
            models.Index(fields=["at", "id"], name="audit_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.object_type} {self.object_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Adds the entry; one that is there stays as it is."""
        if not self._state.adding:
            raise TrailIsFinal("Entries of the audit trail are never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TrailIsFinal("Entries of the audit trail are never deleted.")


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


class Worker(Record):
    """One worker that lives, or lived until lately: where it runs and when it was last seen to work.

    Written by the worker itself, every few seconds, as long as its processes do their work; a worker that ends in
    order takes its row along, the row of one that was killed goes a day later.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=255)
    pid = models.PositiveIntegerField(help_text="Its process on that host.")
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    worked_at = models.DateTimeField(null=True, blank=True, help_text="When it last finished a job.")

    class Meta:
        ordering = ["host", "started_at"]

    def __str__(self) -> str:
        return f"{self.host}, process {self.pid}"
