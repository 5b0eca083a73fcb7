from django.db import models
from django.db.models import Q

from accounts.foundation.claims import Claimable
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


class Missed(models.TextChoices):
    """What becomes of what fell into a time in which nothing ran."""

    SKIP = "skip", "Leave it out"
    ONCE = "once", "Only the latest"
    CATCH_UP = "catch_up", "All of it, in order"


class Calendar(Claimable):
    """A rule that says when something opens: every so often, or some days before or after a date of each account.

    Written by `calendar.services`. It stays due as long as it is followed: claimed, looked at, and given back until it
    can open something again. Its first look is silent: what was open before it was followed does not open.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        CADENCE = "cadence", "Every so often"
        WINDOW = "window", "Days before or after a date"

    key = models.CharField(max_length=200, unique=True, help_text="Who wants it: play:…")
    reader = models.CharField(max_length=20, help_text="The room that reads what opens.")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    rule = models.JSONField()
    after_stop = models.CharField("after a stop", max_length=8, choices=Missed.choices, default=Missed.ONCE)
    followed_at = models.DateTimeField()
    looked_until = models.DateTimeField(null=True, blank=True, help_text="Up to when all that opens is there.")
    looked_to = models.BigIntegerField(default=0, help_text="How far a look has come, by the id of the account.")

    class Meta:
        ordering = ["key"]
        indexes = [
            # What the pump looks at next.
            models.Index(fields=["next_attempt_at"], condition=Q(state="due"), name="calendar_due"),
        ]

    def __str__(self) -> str:
        return self.key


class Occurrence(Record):
    """One time that a calendar opened, for an account where its rule is about one. Append-only, but for `pending`.

    Written by the look that found it. There is one for a calendar, an account and a day, however many look at once.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    class How(models.TextChoices):
        OPENED = "opened", "Opened"
        SILENT = "silent", "Open before"
        """It was open when the calendar began to be followed: nobody acts on it."""
        MISSED = "missed", "Missed"
        """Nothing ran when it should have opened, and the calendar leaves such times out."""

    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="occurrences")
    account = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="calendar_occurrences"
    )
    day = models.DateField(help_text="The date of the account that it belongs to; of a cadence its own day.")
    opens_at = models.DateTimeField(help_text="When it was to open.")
    opened_at = models.DateTimeField(help_text="When it was found to be open.")
    how = models.CharField(max_length=6, choices=How.choices)
    pending = models.BooleanField(default=False, help_text="Its reader has not looked at it yet.")

    class Meta:
        ordering = ["-opens_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "account", "day"], name="a_calendar_opens_once_for_an_account_and_day"
            ),
            models.UniqueConstraint(
                fields=["calendar", "day"], condition=Q(account=None), name="a_cadence_opens_once_a_day"
            ),
        ]
        indexes = [
            # What the readers have to look at next.
            models.Index(fields=["id"], condition=Q(pending=True), name="occurrence_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.day}"
