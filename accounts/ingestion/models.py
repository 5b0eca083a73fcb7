from django.db import models

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
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
        MALFORMED = "malformed", "Not readable as a signal"
        TOO_LARGE = "too_large", "Larger than 32 KiB"
        TOO_MANY = "too_many", "Beyond 2 500 items of one batch"
        TOO_OLD = "too_old", "Too old to tell from a repeat"
        FUTURE = "future", "Dated in the future"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="quarantined")
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


class Feature(Record):
    """One feature of the product, and the event names that mean it was used. Ships in the tracking plan."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Tier(models.TextChoices):
        CORE = "core", "Core"
        ADVANCED = "advanced", "Advanced"

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    tier = models.CharField(max_length=8, choices=Tier.choices, default=Tier.CORE)
    events = models.JSONField(default=list, help_text="Event names that count as using it.")

    class Meta:
        ordering = ["tier", "name"]

    def __str__(self) -> str:
        return self.name


class SignalEvent(Record):
    """One signal that was folded. Unique on (day, source, message): a retry changes nothing."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    day = models.DateField(help_text="UTC day of the item's own timestamp.")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    message = models.UUIDField(help_text="Hash of the client's messageId.")
    type = models.CharField(max_length=10)
    name = models.CharField(max_length=200, blank=True)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    product_user = models.ForeignKey(ProductUser, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["day", "source", "message"], name="a_signal_counts_once")]
        indexes = [
            # What one account did, newest first.
            models.Index(fields=["account", "at"], name="signals_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"


class SignalPayload(Record):
    """The item of a call that we store without interpreting it (page, screen, alias). Has its own retention."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = "event__account"
    PERSONAL = {"item": RAW}

    event = models.OneToOneField(SignalEvent, primary_key=True, on_delete=models.CASCADE, related_name="payload")
    item = models.TextField()

    def __str__(self) -> str:
        return str(self.event_id)


class Ring(Record):
    """A last active day and the 189 days up to it, one bit a day; see `ring.py`."""

    last_day = models.IntegerField(help_text="Days since 1970-01-01, UTC.")
    word_0 = models.BigIntegerField()
    word_1 = models.BigIntegerField(default=0)
    word_2 = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class AccountActivity(Record):
    """Since when an account's product talks to us, through which source, and when it last did. Written by the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="activity")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "account activity"

    def __str__(self) -> str:
        return str(self.account_id)


class UserActivity(Ring):
    """The days on which one product user was active for one account. Written by the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    product_user = models.ForeignKey(ProductUser, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "user activity"
        constraints = [
            models.UniqueConstraint(fields=["account", "product_user"], name="one_ring_per_user_of_an_account")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.product_user_id}"


class FeatureActivity(Ring):
    """The days on which an account used one feature, and the two people who used it last. Written by the fold.

    Two people are enough to answer "by at least two people since day X" exactly: a third is older than both.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    latest_user = models.BigIntegerField(help_text="Id of the product user who used it last.")
    second_user = models.BigIntegerField(null=True, blank=True, help_text="Id of the last other product user.")
    second_user_day = models.IntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "feature activity"
        constraints = [
            models.UniqueConstraint(fields=["account", "feature"], name="one_ring_per_feature_of_an_account")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.feature_id}"
