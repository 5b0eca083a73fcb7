from django.db import models

from accounts.foundation.records import Personal, Record
from accounts.foundation.scope import Area
from accounts.workspace.models import Source

RAW = Personal("To fold or replay the signal it holds", "Until folded; in quarantine 90 days", "delete_row")


class InboxRequest(Record):
    """One request of a source, stored before it was answered. Deleted by the fold in the transaction that used it."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = None
    PERSONAL = {"body": RAW}

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    call = models.CharField(max_length=10, help_text="The type of a single call; batch for a batch.")
    received_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.source} {self.received_at:%Y-%m-%d %H:%M:%S}"


class QuarantinedItem(Record):
    """One item that could not be used yet, with the reason. Nothing is dropped: it waits to be replayed."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = None
    PERSONAL = {"item": RAW, "user_value": RAW}

    class Reason(models.TextChoices):
        UNKNOWN_ACCOUNT = "unknown_account", "Unknown account id"
        """Replayed by itself when the id is linked to an account."""
        NO_ACCOUNT = "no_account", "User without an account"
        """Replayed by itself when a group call ties the user to an account."""
        ANONYMOUS = "anonymous", "Anonymous visitor"
        """Of earlier versions: replayed, it becomes a visit."""
        MALFORMED = "malformed", "Not readable as a signal"
        TOO_LARGE = "too_large", "Larger than 32 KiB"
        TOO_MANY = "too_many", "Beyond 2 500 items of one batch"
        TOO_OLD = "too_old", "Too old to tell from a repeat"
        FUTURE = "future", "Dated in the future"
        REFUSED = "refused", "Refused when its account was known"
        """Of bulk items: what they say of their account cannot be, such as a requester who is not there."""

    class Kind(models.TextChoices):
        SIGNAL = "signal", "Signal"
        TICKET = "ticket", "Ticket"
        INVOICE = "invoice", "Invoice"
        TOUCH = "touch", "Touch"
        SURVEY = "survey", "Survey answer"
        FACTS = "facts", "Custom facts"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="quarantined")
    kind = models.CharField(max_length=7, choices=Kind.choices, default=Kind.SIGNAL, help_text="What it came as.")
    message = models.UUIDField()
    reason = models.CharField(max_length=20, choices=Reason.choices)
    detail = models.CharField(max_length=300, blank=True)
    group_value = models.CharField("account id there", max_length=200, blank=True)
    user_value = models.CharField("user id there", max_length=200, blank=True)
    item = models.TextField(help_text="The item as it came.")
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["source", "message"], name="an_item_is_quarantined_once")]
        indexes = [
            # Replay of what waits for one account id.
            models.Index(fields=["source", "group_value"], name="quarantine_by_group"),
            # Replay of what waits for one user's account.
            models.Index(fields=["source", "user_value"], name="quarantine_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.group_value or self.user_value}"


class SourceCount(Record):
    """What became of the items that one source delivered within one UTC hour. Written by the fold.

    An item counts in the hour in which it came, also when it is replayed later: then it changes its column.
    """

    AREA = Area.SIGNALS
    ACCOUNT_PATH = None
    PERSONAL = {}

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="counts", db_index=False)
    hour = models.DateTimeField(help_text="When the hour began.")
    accepted = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0, help_text="Had come before.")
    quarantined = models.PositiveIntegerField(default=0, help_text="Wait in quarantine, or were given up there.")

    class Meta:
        ordering = ["-hour"]
        constraints = [models.UniqueConstraint(fields=["source", "hour"], name="a_source_is_counted_once_an_hour")]

    def __str__(self) -> str:
        return f"{self.source} {self.hour:%Y-%m-%d %H}:00"
