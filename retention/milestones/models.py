from django.db import models
from django.db.models import Q

from accounts.foundation.clock import validate_plausible
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User

MOST_DAYS = 3650


class ValueMilestone(Record):
    """Something every customer should achieve by a day, such as first value. Written by `milestones.services`.

    How it is reached, and by when, stands in its routes; one that is retired counts for nobody and stays in history.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True, help_text="What the customer has achieved by then.")
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField("in use", default=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.name


class MilestoneRoute(Record):
    """How some accounts reach a milestone, and by when. The first route that applies to an account is its own.

    With neither an event nor a condition it is reached by hand alone.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Clock(models.TextChoices):
        CLOSED_WON = "closed_won", "Days after closed/won"
        DECISION = "decision", "Days before the decision date"

    class Basis(models.TextChoices):
        PUBLISHED = "published", "Published"
        PRACTICE = "practice", "Practice"
        """Ours, meant to be tuned."""

    milestone = models.ForeignKey(ValueMilestone, on_delete=models.CASCADE, related_name="routes")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    applies = models.JSONField(null=True, blank=True, help_text="For which accounts; empty: for all others.")
    event = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="The milestone of the tracking plan that means it was reached."
    )
    condition = models.JSONField(null=True, blank=True, help_text="What is true of an account that reached it.")
    days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Empty: there is no deadline.")
    clock = models.CharField(max_length=10, choices=Clock.choices, default=Clock.CLOSED_WON)
    basis = models.CharField(max_length=9, choices=Basis.choices, default=Basis.PRACTICE)

    class Meta:
        ordering = ["milestone", "position"]
        constraints = [
            models.UniqueConstraint(fields=["milestone", "key"], name="a_route_stands_once_in_its_milestone"),
            models.CheckConstraint(
                condition=Q(event="") | Q(condition__isnull=True), name="a_route_is_told_by_an_event_or_a_condition"
            ),
            models.CheckConstraint(
                condition=Q(days=None) | Q(days__lte=MOST_DAYS), name="a_deadline_is_within_ten_years"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountMilestone(Record):
    """That one account reached one milestone, seen by its condition or said by a person; what is reached stays so.

    What events of the tracking plan tell stands with the signals, not here. Written by `milestones.keeping` and
    `milestones.services`.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {
        "evidence": Personal(
            "What shows that a milestone was reached", "As long as the account", "clear", instead="(erased)"
        )
    }
    MERGE = {"account": OnMerge.UNION}

    class How(models.TextChoices):
        CONDITION = "condition", "By its condition"
        HAND = "hand", "By hand"
        """Somebody said so, with evidence."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="value_milestones", db_index=False)
    milestone = models.ForeignKey(ValueMilestone, on_delete=models.PROTECT, related_name="reached_by")
    reached_at = models.DateTimeField(validators=[validate_plausible])
    how = models.CharField(max_length=9, choices=How.choices)
    evidence = models.TextField(blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-reached_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["account", "milestone"], name="a_value_milestone_is_noted_once"),
            models.CheckConstraint(
                condition=Q(how="condition") | ~Q(evidence=""), name="a_milestone_by_hand_has_evidence"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.milestone} at {self.reached_at:%Y-%m-%d}"
