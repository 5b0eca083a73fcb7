from django.db import models
from django.db.models import F, Q

from accounts.foundation.clock import validate_plausible
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.work.models import WorkItem

WORDS = Personal("What is at risk with a customer, and what we do about it", "As long as the account", "clear")
NEVER_EMPTY = Personal(WORDS.purpose, WORDS.retention, "clear", instead="(erased)")


class Tier(models.TextChoices):
    """How likely a renewal fails, in one word; the worse one stands first."""

    HIGH = "high", "High"
    MEDIUM = "medium", "Medium"
    LOW = "low", "Low"
    UNKNOWN = "unknown", "Unknown"
    """Too many of the core signals are unknown: nothing concluded, neither good nor bad."""


class RiskModelVersion(Record):
    """How renewal risk is rated, as it was published once. Never edited: a change is a new version.

    Written by `risks.rating.publish`. An account has the points of the signals that are true of it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    number = models.PositiveIntegerField(unique=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    medium_from = models.PositiveSmallIntegerField(default=2, help_text="Points. Below: low.")
    high_from = models.PositiveSmallIntegerField(default=4, help_text="Points.")
    unknown_from = models.PositiveSmallIntegerField(
        default=3, help_text="With so many core signals unknown, the tier is unknown."
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.CheckConstraint(
                condition=Q(medium_from__gte=1, high_from__gt=F("medium_from"), high_from__lte=100),
                name="risk_tiers_have_no_gap",
            ),
            models.CheckConstraint(condition=Q(unknown_from__gte=1), name="a_known_tier_needs_something_known"),
        ]

    def __str__(self) -> str:
        return f"Renewal risk {self.number}"


class RiskSignal(Record):
    """One thing that makes a renewal less likely, and the points it gives. Stands in one version."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Basis(models.TextChoices):
        PUBLISHED = "published", "Published"
        PRACTICE = "practice", "Practice"
        """Ours, meant to be tuned."""

    version = models.ForeignKey(RiskModelVersion, on_delete=models.PROTECT, related_name="signals")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    points = models.PositiveSmallIntegerField()
    when = models.JSONField(help_text="The condition that is true of an account with this signal.")
    is_core = models.BooleanField("core", default=False, help_text="Whether not knowing it makes the tier unknown.")
    basis = models.CharField(max_length=9, choices=Basis.choices, default=Basis.PRACTICE)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_risk_signal_stands_once_in_its_version"),
            models.CheckConstraint(
                condition=Q(points__gte=1, points__lte=100), name="a_risk_signal_gives_1_to_100_points"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AccountRisk(Record):
    """The renewal risk of one account now, with its reasons. Written by `risks.keeping` with the projection."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="renewal_risk")
    version = models.ForeignKey(RiskModelVersion, on_delete=models.PROTECT, related_name="+")
    tier = models.CharField(max_length=7, choices=Tier.choices)
    points = models.PositiveSmallIntegerField()
    since = models.DateTimeField()
    reasons = models.JSONField(help_text="Signal → points, truth, and the clauses with the values seen.")
    rated_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Counts and lists by tier.
            models.Index(fields=["tier"], name="renewal_risk_by_tier"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tier}"


class RiskTierChange(Record):
    """One account that came into another tier, with the signals seen then. The history; rows never change."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="risk_changes", db_index=False)
    at = models.DateTimeField()
    version = models.ForeignKey(RiskModelVersion, on_delete=models.PROTECT, related_name="+")
    from_tier = models.CharField(max_length=7, choices=Tier.choices, blank=True)
    tier = models.CharField(max_length=7, choices=Tier.choices)
    points = models.PositiveSmallIntegerField()
    reasons = models.JSONField(help_text="As in the standing.")
    is_by_rule = models.BooleanField("because of a new version", default=False)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The history of one account.
            models.Index(fields=["account", "at"], name="risk_changes_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tier} {self.at:%Y-%m-%d}"


class Risk(Record):
    """Something that may cost us a customer or a part of what it pays, raised by a person. Written by `risks.services`.

    While it is open somebody owns it, and its next step is work for them. Closed, it says how it ended.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"title": NEVER_EMPTY, "cause": WORDS, "next_step": WORDS, "lesson": WORDS}
    MERGE = {"account": OnMerge.MOVE}

    class Category(models.TextChoices):
        ADOPTION = "adoption", "Adoption"
        RELATIONSHIP = "relationship", "Relationship"
        PRODUCT = "product", "Product"
        SUPPORT = "support", "Support"
        COMMERCIAL = "commercial", "Commercial"
        FIT = "fit", "Fit"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        RESOLVED = "resolved", "Resolved"
        """The cause is gone."""
        ACCEPTED = "accepted", "Accepted"
        """We live with it, knowingly."""
        CAME_TRUE = "came_true", "Came true"
        """The customer left or pays less because of it."""
        MISTAKEN = "mistaken", "Was none"
        """There was no risk after all."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="risks", db_index=False)
    category = models.CharField(max_length=12, choices=Category.choices)
    title = models.CharField(max_length=200)
    cause = models.TextField(blank=True)
    arr_minor = models.BigIntegerField(null=True, blank=True, help_text="ARR at risk, in minor units.")
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="risks")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    next_step = models.CharField(max_length=200, blank=True)
    next_step_on = models.DateField(null=True, blank=True, validators=[validate_plausible])
    work_item = models.OneToOneField(
        WorkItem, null=True, blank=True, on_delete=models.PROTECT, related_name="risk", help_text="The next step."
    )
    review_days = models.PositiveSmallIntegerField(default=7, help_text="How often the get-well plan is looked at.")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    lesson = models.TextField(blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, outcome="")
                | Q(state="closed", closed_at__isnull=False, work_item=None) & ~Q(outcome=""),
                name="a_closed_risk_says_how_it_ended",
            ),
            models.CheckConstraint(
                condition=Q(next_step="", next_step_on=None) | ~Q(next_step="") & Q(next_step_on__isnull=False),
                name="the_next_step_of_a_risk_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(arr_minor=None) | Q(arr_minor__gte=0), name="arr_at_risk_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(review_days__gte=1, review_days__lte=365), name="a_risk_is_reviewed_within_a_year"
            ),
        ]
        indexes = [
            # Risks of an account, the open ones first.
            models.Index(fields=["account", "state"], name="risks_of_account"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN


class RiskRemedy(Record):
    """One thing that the get-well plan of a risk wants done by a day. Written by `risks.plan`."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "risk__account"
    PERSONAL = {"text": NEVER_EMPTY}

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="remedies")
    text = models.CharField(max_length=250)
    due_on = models.DateField(validators=[validate_plausible])
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name_plural = "risk remedies"
        ordering = ["due_on", "id"]

    def __str__(self) -> str:
        return self.text


class RiskReview(Record):
    """One look at the get-well plan of a risk: where it stands. Written by `risks.plan`, never changed."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "risk__account"
    PERSONAL = {"text": NEVER_EMPTY}

    risk = models.ForeignKey(Risk, on_delete=models.CASCADE, related_name="reviews")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.risk_id} {self.at:%Y-%m-%d}"
