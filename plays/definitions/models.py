from django.db import models
from django.db.models import Q

from accounts.calendar.models import Missed
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import User


class Play(Record):
    """What we do when something happens. Ships inactive; activating it watches its trigger from then on."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}
    WATCHED = "play:"

    class Priority(models.TextChoices):
        CRITICAL = "critical", "Critical"
        ONBOARDING = "onboarding", "Onboarding"
        RENEWAL = "renewal", "Renewal"
        ADOPTION = "adoption", "Adoption"
        EXPANSION = "expansion", "Expansion"
        ADVOCACY = "advocacy", "Advocacy"
        EDUCATION = "education", "Education"
        INTERNAL = "internal", "Internal"
        """Our own people only, outside every contact budget."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    is_active = models.BooleanField("active", default=False)
    activated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_active=False) | Q(activated_at__isnull=False), name="an_active_play_has_a_start"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def watch_key(self) -> str:
        """The key under which the trigger is watched."""
        return f"{self.WATCHED}{self.key}"


class PlayVersion(Record):
    """A play as it was published once. Never edited; runs are pinned to theirs."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    purpose = models.CharField(max_length=250)
    priority = models.CharField(max_length=10, choices=Play.Priority.choices)
    starts_on = models.CharField(
        max_length=10, default="entered", help_text="The kind of its trigger: entered, window …"
    )
    trigger = models.JSONField(help_text="What starts a run: a condition that becomes true, a window …")
    rearm = models.JSONField(
        null=True, blank=True, help_text="What must be true before it may start again; empty: the trigger is false."
    )
    trigger_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days for which the trigger must have been true; empty: it starts at once."
    )
    again_after_days = models.PositiveIntegerField(
        null=True, blank=True, help_text="Days after a run started before another may; empty: as often as it happens."
    )
    after_stop = models.CharField(max_length=8, choices=Missed.choices, default=Missed.ONCE)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["play", "number"], name="play_versions_are_numbered")]

    def __str__(self) -> str:
        return f"{self.play} version {self.number}"


class StepDefinition(Record):
    """One step of one version of a play."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    version = models.ForeignKey(PlayVersion, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    kind = models.CharField(max_length=30)
    config = models.JSONField(default=dict)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="step_positions_differ_within_a_version"),
            models.UniqueConstraint(fields=["version", "key"], name="step_keys_differ_within_a_version"),
        ]

    def __str__(self) -> str:
        return self.key
