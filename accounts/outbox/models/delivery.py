from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper

from accounts.foundation.claims import Claimable
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.outbox.models.endpoint import WebhookEndpoint
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User

WORDS = Personal("To show what was said to whom", "400 days, or as *Retention* says", "clear")


class Delivery(Claimable):
    """One message to one recipient through one channel. Booked by `outbox.services.book` with the change it tells of.

    One purpose key reaches a recipient once on a channel, however often it is booked.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    ASSIGNED_PATH = "user"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class Outcome(models.TextChoices):
        WAITING = "", "Waiting"
        """Its time has not come, a gate holds it, or it failed and is tried again."""
        SENT = "sent", "Sent"
        PREVIEWED = "previewed", "Would have been sent"
        """The installation's outbound mode kept it here."""
        REFUSED = "refused", "Not sent"
        """A gate said no, for the reason given."""
        UNKNOWN = "unknown", "Unknown whether it arrived"
        """The line went dead after it was handed over; on this channel nothing is ever sent twice by itself."""
        LATE = "late", "Too late"
        """It waited past its time; a person decides."""
        FAILED = "failed", "Failed"
        """Given up after the last try."""

    purpose = models.CharField(max_length=30)
    key = models.CharField(max_length=200)
    channel = models.CharField(max_length=20)
    account = models.ForeignKey(Account, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries")
    stakeholder = models.ForeignKey(
        Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    endpoint = models.ForeignKey(
        WebhookEndpoint, null=True, blank=True, on_delete=models.PROTECT, related_name="deliveries"
    )
    created_at = models.DateTimeField()
    not_after = models.DateTimeField(null=True, blank=True, help_text="Later than this a person decides.")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, default=Outcome.WAITING, blank=True)
    reason = models.CharField(max_length=250, blank=True, help_text="What a gate said last.")
    mode = models.CharField(max_length=10, blank=True, help_text="The outbound mode when it was decided.")
    ended_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=250, blank=True, help_text="What the other side said.")
    read_at = models.DateTimeField(null=True, blank=True, help_text="When the user read it in the console.")

    class Meta:
        verbose_name_plural = "deliveries"
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=False, stakeholder=None, endpoint=None)
                | Q(user=None, stakeholder__isnull=False, endpoint=None)
                | Q(user=None, stakeholder=None, endpoint__isnull=False),
                name="a_delivery_has_exactly_one_recipient",
            ),
            models.UniqueConstraint(
                fields=["user", "key", "channel"],
                condition=Q(user__isnull=False),
                name="a_user_is_told_once_per_channel",
            ),
            models.UniqueConstraint(
                fields=["stakeholder", "key", "channel"],
                condition=Q(stakeholder__isnull=False),
                name="a_stakeholder_is_told_once_per_channel",
            ),
            models.UniqueConstraint(
                fields=["endpoint", "key", "channel"],
                condition=Q(endpoint__isnull=False),
                name="an_endpoint_is_told_once_per_channel",
            ),
        ]
        indexes = [
            # What the couriers claim next.
            models.Index(fields=["next_attempt_at"], condition=Q(state="due"), name="delivery_due"),
            # What was given up, the latest first: a few rows among very many.
            models.Index(fields=["failed_at"], condition=Q(state="dead"), name="delivery_dead"),
            # The Sent page, newest first.
            models.Index(fields=["created_at"], name="delivery_sent_page"),
            # What was sent about an account, newest first.
            models.Index(fields=["account", "created_at"], name="deliveries_of_account"),
            # What a user has not read yet: counted on every page.
            models.Index(
                fields=["user", "created_at"],
                condition=Q(channel="in_app", read_at=None, outcome="sent"),
                name="delivery_unread",
            ),
            # What waits for an endpoint, and the page of its latest deliveries.
            models.Index(fields=["endpoint", "created_at"], name="deliveries_of_endpoint"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.key} by {self.channel}"

    @property
    def recipient(self) -> User | Stakeholder | WebhookEndpoint:
        """Whoever it is for."""
        return self.user or self.stakeholder or self.endpoint  # type: ignore[return-value]

    @property
    def is_decided_by_a_person(self) -> bool:
        """Whether the machine had ended it, and somebody told it to go on all the same."""
        return self.state == self.State.DUE and self.outcome != self.Outcome.WAITING


class DeliveryBody(Record):
    """The words of a delivery, rendered when it was booked; they go before the delivery does."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "delivery__account"
    PERSONAL = {"subject": WORDS, "text": WORDS, "html": WORDS, "address": WORDS}

    delivery = models.OneToOneField(Delivery, primary_key=True, on_delete=models.CASCADE, related_name="body")
    subject = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True, help_text="Where it leads to in the console.")
    address = models.CharField(max_length=254, blank=True, help_text="Where it was sent.")
    keep_until = models.DateTimeField()

    class Meta:
        verbose_name_plural = "delivery bodies"
        indexes = [
            # What the nightly clean-up deletes.
            models.Index(fields=["keep_until"], name="delivery_body_kept"),
            # What was written to an address, in capitals or not.
            models.Index(Upper("address"), name="delivery_bodies_by_address"),
        ]

    def __str__(self) -> str:
        return self.subject


class DeliveryAttempt(Record):
    """One try to send a delivery, written down before it: without an end, nobody knows whether it arrived."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "delivery__account"
    PERSONAL = {}

    delivery = models.ForeignKey(Delivery, on_delete=models.CASCADE, related_name="attempts")
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=250, blank=True, help_text="What the other side said, or what went wrong.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.began_at:%d %b %H:%M}: {self.answer or 'no answer'}"
