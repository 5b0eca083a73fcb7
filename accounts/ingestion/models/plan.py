from django.db import models

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.workspace.models import Source


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


class Milestone(Record):
    """Something an account achieves once, and the event names any of which means that it did. Tracking plan."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    events = models.JSONField(default=list, help_text="Event names that mean it was reached.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PageIntent(Record):
    """What a visit to certain pages tells of a visitor's intent, such as an interest in prices. Tracking plan."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    paths = models.JSONField(default=list, help_text="Paths of its pages; * stands for any text: /pricing*.")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class EventName(Record):
    """One event name that a source sends, and how often it did. Counted by the fold, at most 5 000 names a source.

    What is beyond those shares one row whose name is empty. People may mark a name as ignored.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="event_names", db_index=False)
    name = models.CharField(max_length=200, blank=True)
    count = models.PositiveBigIntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    is_ignored = models.BooleanField(default=False, help_text="It is known to mean nothing.")

    class Meta:
        ordering = ["-count", "name"]
        constraints = [models.UniqueConstraint(fields=["source", "name"], name="a_source_sends_an_event_name_once")]

    def __str__(self) -> str:
        return self.name or "(all other names)"
