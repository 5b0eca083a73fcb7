from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.touches.models.touch import WORDS


class Pulse(Record):
    """How somebody of us judged an account at one moment. Written by `touches.services`; the latest one counts.

    Append-only, but for taking back a slip of the finger, which leaves the row with the moment it was taken back.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"reason": WORDS}
    MERGE = {"account": OnMerge.MOVE}

    class Value(models.TextChoices):
        GREEN = "green", "Good"
        AMBER = "amber", "Watch"
        RED = "red", "At risk"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="pulses")
    value = models.CharField(max_length=5, choices=Value.choices)
    reason = models.CharField(max_length=500, blank=True)
    set_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-set_at", "-id"]
        indexes = [
            # The latest pulse of each account.
            models.Index(fields=["account", "set_at"], name="pulses_of_account"),
        ]

    def __str__(self) -> str:
        return self.get_value_display()


class NextStep(Record):
    """What we do next for an account, and until when. At most one is open an account; written by `touches.services`."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"text": WORDS}
    MERGE = {"account": OnMerge.UNION}

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        REPLACED = "replaced", "Replaced"
        """Another next step took its place."""
        WITHDRAWN = "withdrawn", "Taken back"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="next_steps")
    text = models.CharField(max_length=250)
    due_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    set_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-set_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(state="open"), name="an_account_has_one_open_next_step"
            ),
            models.CheckConstraint(
                condition=Q(state="open", closed_at__isnull=True) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="a_next_step_is_open_or_says_when_it_closed",
            ),
        ]
        indexes = [
            # The next steps of an account, newest first.
            models.Index(fields=["account", "set_at"], name="next_steps_of_account"),
        ]

    def __str__(self) -> str:
        return self.text
