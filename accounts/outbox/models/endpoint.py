from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class WebhookEndpoint(Record):
    """An address of another system that wants to hear of events. Written by `outbox.endpoints`.

    Its secret signs what is sent there; after a rotation the earlier one signs along until `previous_until`.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}
    SECRET = frozenset({"secret", "previous_secret"})

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        """A person paused it: what is booked waits."""
        DISABLED = "disabled", "Disabled"
        """It answered 410 Gone, or was removed: nothing is booked for it any more."""

    name = models.CharField(max_length=120)
    url = models.URLField(max_length=500)
    kinds = models.JSONField(default=list, blank=True, help_text="Kinds of events; empty: every kind.")
    secret = models.TextField()
    previous_secret = models.TextField(blank=True)
    previous_until = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    disabled_reason = models.CharField(max_length=250, blank=True)
    created_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0, help_text="Failed calls in a row.")
    resting_until = models.DateTimeField(
        null=True, blank=True, help_text="Until then it is left alone: it failed, asked for time, or was slow."
    )
    last_answer_at = models.DateTimeField(null=True, blank=True)
    last_failure_at = models.DateTimeField(null=True, blank=True)
    last_failure = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="disabled") | Q(disabled_reason=""), name="only_a_disabled_endpoint_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name
