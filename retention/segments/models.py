from django.db import models
from django.db.models import Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.evaluation.models import Edge


class Dimension(Record):
    """One way of dividing the book into segments, such as adoption or service tier. Ships in playbook files.

    Its key is also that of a fact: which segment an account is in, unknown for the last one that takes what nobody can
    tell. It never changes, since conditions read it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class DimensionVersion(Record):
    """The segments of a dimension as they were published once. Never edited: a change is a new version."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dimension", "number"], name="dimension_versions_are_numbered")]

    def __str__(self) -> str:
        return f"{self.dimension} {self.number}"


class Segment(Record):
    """One segment of one version: whom it takes, and how its accounts are looked after.

    Segments stand in order of precedence: an account is in the first one whose condition is true. The last one may
    have no condition; it takes the accounts of which nobody can tell.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Basis(models.TextChoices):
        """Where the figures of a segment come from."""

        PUBLISHED = "published", "Published"
        """A guide of the trade gives them."""
        PRACTICE = "practice", "Common practice"
        """Meant to be tuned."""

    class Care(models.TextChoices):
        """Who looks after its accounts."""

        PERSON = "person", "A named person"
        POOL = "pool", "A pool of people"
        AUTOMATION = "automation", "Automation"

    class Share(models.TextChoices):
        """Who of the pool gets the next account."""

        ROUND_ROBIN = "round_robin", "In turn"
        FEWEST = "fewest", "Who has the fewest accounts"
        LEAST_ARR = "least_arr", "Who has the least ARR"

    version = models.ForeignKey(DimensionVersion, on_delete=models.PROTECT, related_name="segments")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField()
    condition = models.JSONField(null=True, blank=True, help_text="Empty in the last one: whoever is in no other.")
    basis = models.CharField(max_length=9, choices=Basis.choices, blank=True, help_text="Where its figures come from.")
    strategy = models.TextField(blank=True, help_text="What is done for these accounts.")
    offers = models.TextField(blank=True, help_text="What may be offered to them, and what may not.")
    products = models.JSONField(default=list, blank=True, help_text="Keys of products that may be offered; empty: all.")
    care = models.CharField("looked after by", max_length=10, choices=Care.choices, blank=True)
    pool = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="Team whose people own these accounts; empty: all who are CSM."
    )
    assign = models.CharField("the next account goes to", max_length=11, choices=Share.choices, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True, help_text="Accounts that one person can look after.")
    time_share = models.PositiveSmallIntegerField(
        "share of CS time", null=True, blank=True, help_text="Per cent of the time of customer success."
    )
    check_in_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days between check-ins.")
    business_review_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days between reviews.")
    executive_call_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days between calls.")
    risk_review_days = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Days between reviews.")
    retention_target = models.PositiveSmallIntegerField(
        "target, 12-month retention", null=True, blank=True, help_text="Per cent of accounts kept over 12 months."
    )

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="segment_keys_differ_within_a_version"),
            models.UniqueConstraint(fields=["version", "position"], name="segment_positions_differ_within_a_version"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(condition__isnull=True), name="one_segment_takes_what_nobody_can_tell"
            ),
            models.CheckConstraint(
                condition=Q(time_share__isnull=True) | Q(time_share__lte=100), name="a_share_of_time_is_at_most_all"
            ),
            models.CheckConstraint(
                condition=Q(retention_target__isnull=True) | Q(retention_target__lte=100),
                name="a_retention_target_is_at_most_all",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gt=0), name="a_capacity_is_at_least_one_account"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def known_as(self) -> str | None:
        """What the fact of the dimension says of its accounts: its key, or that nobody can tell."""
        return self.key if self.condition is not None else None

    @property
    def rhythm(self) -> list[tuple[str, int]]:
        """What is due how often: the occasion, and the days between two of them."""
        told = {
            "Check-in": self.check_in_days,
            "Business review": self.business_review_days,
            "Executive call": self.executive_call_days,
            "Risk review": self.risk_review_days,
        }
        return [(name, days) for name, days in told.items() if days]


class AccountSegment(Record):
    """The segment of one dimension in which an account is now. Written by `segments.placing`, with a SegmentChange."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="segments")
    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="+")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "dimension"], name="an_account_is_in_one_segment_of_a_dimension")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.segment}"


class SegmentChange(Record):
    """One move of an account from a segment to another, with what caused it. Append-only."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="segment_changes")
    dimension = models.ForeignKey(Dimension, on_delete=models.PROTECT, related_name="+")
    from_segment = models.ForeignKey(Segment, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    to_segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=Edge.Cause.choices)
    edge = models.ForeignKey(Edge, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The path of one account through one dimension, and where it was at some moment.
            models.Index(fields=["account", "dimension", "at"], name="segment_changes_of_account"),
            # How a dimension moved over time.
            models.Index(fields=["dimension", "at"], name="segment_changes_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.from_segment or 'new'} → {self.to_segment}"
