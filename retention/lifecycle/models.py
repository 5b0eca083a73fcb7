from django.db import models
from django.db.models import Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.evaluation.models import Edge


class Lifecycle(Record):
    """A named sequence of stages. One is primary: its stage is the account's stage. Ships in playbook files."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    is_primary = models.BooleanField("primary", default=False)

    class Meta:
        ordering = ["-is_primary", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_primary"], condition=Q(is_primary=True), name="one_lifecycle_is_primary"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LifecycleVersion(Record):
    """The stages of a lifecycle as they were published once. Never edited: a change is a new version."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    lifecycle = models.ForeignKey(Lifecycle, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["lifecycle", "number"], name="lifecycle_versions_are_numbered")]

    def __str__(self) -> str:
        return f"{self.lifecycle} {self.number}"


class Stage(Record):
    """One stage of one version: when an account enters it, and when it leaves it again.

    Stages stand in order of precedence: an account is in the last one whose criteria hold.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    version = models.ForeignKey(LifecycleVersion, on_delete=models.PROTECT, related_name="stages")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField()
    enter = models.JSONField()
    leave = models.JSONField(null=True, blank=True, help_text="Empty: it is left when the entry criteria become false.")
    enter_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days for which the entry criteria must have held; empty: at once."
    )
    leave_after_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days for which the exit criteria must have held; empty: at once."
    )
    is_passing = models.BooleanField(default=False, help_text="Kept beside the stage reached (renewal), not instead.")

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="stage_keys_differ_within_a_version"),
            models.UniqueConstraint(fields=["version", "position"], name="stage_positions_differ_within_a_version"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountStage(Record):
    """Where one account stands in one lifecycle now. Written by `lifecycle.services`, with a StageChange each time."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="stages")
    lifecycle = models.ForeignKey(Lifecycle, on_delete=models.PROTECT, related_name="+")
    stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reached = models.ForeignKey(
        Stage,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text="The stage reached, kept while a passing stage such as renewal is on top.",
    )
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "lifecycle"], name="an_account_stands_once_a_lifecycle")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.stage or 'no stage'}"


class StageChange(Record):
    """One move of an account from a stage to another, with what caused it. Append-only."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stage_changes")
    lifecycle = models.ForeignKey(Lifecycle, on_delete=models.PROTECT, related_name="+")
    from_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=Edge.Cause.choices)
    edge = models.ForeignKey(Edge, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The path of one account.
            models.Index(fields=["account", "at"], name="stage_changes_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.from_stage or 'no stage'} → {self.to_stage or 'no stage'}"
