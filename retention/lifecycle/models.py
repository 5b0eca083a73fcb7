from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.evaluation.models import Edge
from retention.raci.models import WithRaci, divided


def _rising(one: str, other: str) -> Q:
    """That `one` is not above `other`, where both are known."""
    return Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | Q(**{f"{one}__lte": F(other)})


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


class Stage(Record, WithRaci):
    """One stage of one version: when an account enters it, when it leaves it again, and who answers for it.

    Stages stand in order of precedence: an account is in the last one whose criteria hold. Its pace says after how
    many days in it an account is behind, and stuck; days count from entering, or from a date of the account.
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
    normal_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Days in it that are usual; empty: nobody has said."
    )
    behind_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Longer than so many days is behind; empty: never."
    )
    stuck_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Longer than so many days is stuck; empty: never."
    )
    pace_from = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="The date from which days count; empty: from entering."
    )

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            divided("a_stage_has_one_accountable_and_somebody_responsible"),
            models.CheckConstraint(
                condition=_rising("normal_days", "behind_days")
                & _rising("behind_days", "stuck_days")
                & _rising("normal_days", "stuck_days"),
                name="behind_comes_after_normal_and_stuck_after_behind",
            ),
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


class StagePlacement(Record):
    """An account that a person put into a stage by hand, with the reason. At most one is open an account and lifecycle.

    Opened by `lifecycle.moving`. With `until` it holds through that day, whatever the criteria say. Without, it holds
    as long as the criteria say what they said when it was made: `instead_of`, the key of their stage; the next time
    they say something else, that counts again. Written by `lifecycle.placing` when it ends.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"reason": Personal("Why one of us moved an account", "As long as the account's history", "clear")}
    MERGE = {"account": OnMerge.STAY}

    class Ending(models.TextChoices):
        CRITERIA = "criteria", "The criteria said something new"
        DATE = "date", "Its last day is over"
        HAND = "hand", "Somebody ended it"
        """Given back to the criteria, or moved again."""
        GONE = "gone", "The stage is gone"
        """A new version of the lifecycle does not have it any more."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stage_placements")
    lifecycle = models.ForeignKey(Lifecycle, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=KEY_LENGTH, help_text="Key of the stage.")
    instead_of = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="What the criteria said; empty: none.")
    reason = models.CharField(max_length=500, blank=True)
    until = models.DateField(null=True, blank=True)
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=8, choices=Ending.choices, blank=True)

    class Meta:
        ordering = ["-placed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "lifecycle"],
                condition=Q(ended_at__isnull=True),
                name="one_open_placement_an_account_and_lifecycle",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="an_ended_placement_says_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} in {self.stage}"


class StageChange(Record):
    """One move of an account from a stage to another, with what caused it. Append-only."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    HAND = "hand"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stage_changes")
    lifecycle = models.ForeignKey(Lifecycle, on_delete=models.PROTECT, related_name="+")
    from_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_stage = models.ForeignKey(Stage, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=[*Edge.Cause.choices, (HAND, "Moved by hand")])
    placement = models.ForeignKey(StagePlacement, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    edge = models.ForeignKey(Edge, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The path of one account.
            models.Index(fields=["account", "at"], name="stage_changes_of_account"),
            # Time in stage and conversion of one lifecycle.
            models.Index(fields=["lifecycle", "at"], name="stage_changes_of_lifecycle"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.from_stage or 'no stage'} → {self.to_stage or 'no stage'}"
