from django.db import models

from accounts.foundation.records import Personal, Record
from accounts.foundation.scope import Area
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source

HELD = Personal("To attach what a visitor did before they were known", "90 days", "delete_row")


class Visit(Record):
    """One signal of somebody whose account is not known yet. Held 90 days by the fold; no error, and not quarantined.

    Attached to the account (it becomes a signal, and this row goes) in the fold that learns whose it is.
    """

    AREA = Area.SIGNALS
    ACCOUNT_PATH = None
    PERSONAL = {"anonymous": HELD, "user_value": HELD, "path": HELD}

    day = models.DateField(help_text="UTC day of the item's own timestamp.")
    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    message = models.UUIDField(help_text="Hash of the client's messageId.")
    anonymous = models.CharField("anonymous id there", max_length=200, blank=True)
    user_value = models.CharField("user id there", max_length=200, blank=True)
    type = models.CharField(max_length=10)
    name = models.CharField(max_length=200, blank=True)
    path = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    received_at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [models.UniqueConstraint(fields=["source", "day", "message"], name="a_visit_is_held_only_once")]
        indexes = [
            # What a visitor did who is identified now.
            models.Index(fields=["source", "anonymous"], name="visits_by_visitor"),
            # What a user did whose account is known now.
            models.Index(fields=["source", "user_value"], name="visits_by_user"),
            # Visits that were held long enough.
            models.Index(fields=["received_at"], name="visits_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.path or self.name}"


class Visitor(Record):
    """Who an anonymous visitor turned out to be. Written by the fold from items that name both; the latest counts."""

    AREA = Area.SIGNALS
    ACCOUNT_PATH = "product_user__account"
    PERSONAL = {
        "anonymous": Personal("To know a visitor again who signed in before", "As long as the user", "delete_row"),
    }

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="+", db_index=False)
    anonymous = models.CharField("anonymous id there", max_length=200)
    product_user = models.ForeignKey(ProductUser, on_delete=models.CASCADE, related_name="+")
    identified_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "anonymous"], name="a_visitor_is_one_product_user")]

    def __str__(self) -> str:
        return f"{self.product_user}"
