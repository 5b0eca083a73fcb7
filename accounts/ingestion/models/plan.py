from django.db import models
from django.db.models import Q

from accounts.foundation.claims import Claimable
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


class HistoryCount(Claimable):
    """Counting kept events for a feature or a milestone whose event names were chosen later than they came.

    Asked for with `plan.history.ask`, carried out by the pump piece by piece. Each entry of the plan has at most one
    that has not ended.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    feature = models.ForeignKey(Feature, null=True, blank=True, on_delete=models.CASCADE, related_name="history_counts")
    milestone = models.ForeignKey(
        Milestone, null=True, blank=True, on_delete=models.CASCADE, related_name="history_counts"
    )
    events = models.JSONField(help_text="The event names that are counted.")
    asked_at = models.DateTimeField()
    after = models.BigIntegerField(default=0, help_text="Events up to this id are counted.")
    upto = models.BigIntegerField(
        null=True, blank=True, help_text="The newest event when counting began; later ones are counted as they come."
    )
    counted = models.PositiveBigIntegerField(default=0, help_text="Events of these names that were found so far.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(feature=None, milestone__isnull=False) | Q(feature__isnull=False, milestone=None),
                name="a_history_count_is_for_one_entry",
            ),
            models.UniqueConstraint(
                fields=["feature"], condition=Q(state__in=["due", "dead"]), name="one_open_history_count_per_feature"
            ),
            models.UniqueConstraint(
                fields=["milestone"],
                condition=Q(state__in=["due", "dead"]),
                name="one_open_history_count_per_milestone",
            ),
        ]
        indexes = [
            # What the pump claims next.
            models.Index(fields=["next_attempt_at"], condition=Q(state="due"), name="history_count_due"),
        ]

    def __str__(self) -> str:
        return f"Earlier events of {self.entry}"

    @property
    def entry(self) -> Feature | Milestone:
        """What is counted for."""
        found = self.feature or self.milestone
        assert found is not None
        return found

    @property
    def progress(self) -> float:
        """How much of the kept events has been looked at, from 0 to 1."""
        if self.state == self.State.DONE or self.upto == 0:
            return 1.0
        return self.after / self.upto if self.upto else 0.0
