from django.db import models

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source


class SignalEvent(Record):
    """One signal that was folded. Unique on (day, source, message): a retry changes nothing."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

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
    PERSONAL = {"item": Personal("To tell what a call said that is not interpreted yet", "90 days", "delete_row")}

    event = models.OneToOneField(SignalEvent, primary_key=True, on_delete=models.CASCADE, related_name="payload")
    item = models.TextField()

    def __str__(self) -> str:
        return str(self.event_id)
