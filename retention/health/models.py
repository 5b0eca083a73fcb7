import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User

MOST_OVERRIDDEN_DAYS = 60


class Band(models.TextChoices):
    """How healthy, in one word; the better one stands first."""

    GREEN = "green", "Green"
    AMBER = "amber", "Amber"
    RED = "red", "Red"
    INSUFFICIENT = "insufficient", "Insufficient data"
    """Too little of what counts is known: no score, and nothing concluded."""


class Basis(models.TextChoices):
    """Where a figure comes from."""

    PUBLISHED = "published", "Published"
    PRACTICE = "practice", "Practice"
    """Ours, meant to be tuned."""


class HealthModel(Record):
    """One way to score accounts, such as that for onboarding. What it says stands in its versions."""

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


class HealthModelVersion(Record):
    """A health model as it was published once. Never edited: a change is a new version.

    An account is scored by the model with the lowest `precedence` whose `applies` is true for it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    model = models.ForeignKey(HealthModel, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    applies = models.JSONField(help_text="The condition on accounts that are scored by this model.")
    precedence = models.PositiveSmallIntegerField(help_text="The model with the lowest number that applies scores.")
    green_from = models.PositiveSmallIntegerField(default=75)
    amber_from = models.PositiveSmallIntegerField(default=50, help_text="Below: red.")
    enough_percent = models.PositiveSmallIntegerField(
        default=60, help_text="With less than this share of the weight known, there is no score."
    )
    margin_points = models.PositiveSmallIntegerField(default=3, help_text="A band is left this far beyond its border…")
    margin_days = models.PositiveSmallIntegerField(default=3, help_text="… or after so many days beyond it.")
    contradiction = models.JSONField(
        null=True, blank=True, help_text="Which measures contradict each other, and what is done about it."
    )

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["model", "number"], name="health_versions_are_numbered"),
            models.CheckConstraint(
                condition=Q(amber_from__gte=1, amber_from__lt=F("green_from"), green_from__lte=100),
                name="health_bands_have_no_gap",
            ),
            models.CheckConstraint(condition=Q(enough_percent__lte=100), name="enough_is_a_share_of_the_weight"),
        ]

    def __str__(self) -> str:
        return f"{self.model} {self.number}"


class HealthMeasure(Record):
    """One thing that counts in one version: how facts become points, and what a missing value does."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Missing(models.TextChoices):
        EXCLUDE = "exclude", "Leave out"
        """The other measures count for more."""
        WORST = "worst", "Count as 0"
        """Silence is a bad sign here."""
        NEUTRAL = "neutral", "Count as 50"
        """Says neither good nor bad."""

    version = models.ForeignKey(HealthModelVersion, on_delete=models.PROTECT, related_name="measures")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    weight = models.PositiveSmallIntegerField()
    scale = models.JSONField(help_text="How facts become points from 0 to 100.")
    missing = models.CharField(max_length=7, choices=Missing.choices, default=Missing.EXCLUDE)
    worst_where = models.JSONField(
        null=True, blank=True, help_text="A missing value counts as 0 for the accounts that meet this condition."
    )
    basis = models.CharField(max_length=9, choices=Basis.choices, default=Basis.PRACTICE)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_measure_stands_once_in_its_version"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="a_measure_weighs_at_most_100"),
        ]

    def __str__(self) -> str:
        return self.name


class HealthCap(Record):
    """A condition under which a score of one version is at most so high, whatever the measures say."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    version = models.ForeignKey(HealthModelVersion, on_delete=models.PROTECT, related_name="caps")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    name = models.CharField(max_length=120)
    position = models.PositiveSmallIntegerField()
    when = models.JSONField()
    at_most = models.PositiveSmallIntegerField()
    basis = models.CharField(max_length=9, choices=Basis.choices, default=Basis.PRACTICE)

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_cap_stands_once_in_its_version"),
            models.CheckConstraint(condition=Q(at_most__lte=100), name="a_cap_is_at_most_100"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountHealth(Record):
    """How healthy one account is now. Written by `health.keeping` with the projection of its facts.

    `computed_band` follows from the score; `band` is the same unless somebody overrides it.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="health")
    version = models.ForeignKey(HealthModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True)
    known_share = models.FloatField(default=0)
    computed_band = models.CharField(max_length=12, choices=Band.choices, blank=True)
    band = models.CharField(max_length=12, choices=Band.choices, blank=True)
    band_since = models.DateTimeField()
    outside_since = models.DateField(
        null=True, blank=True, help_text="Since when the score lies beyond the border of its band."
    )
    is_mixed = models.BooleanField("mixed", default=False)
    capped_by = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="The cap that holds the score down.")
    configured_at = models.DateTimeField(help_text="Which versions were in force: those published until then.")
    scored_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "account health"
        constraints = [
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="a_health_score_is_0_to_100"
            ),
        ]
        indexes = [
            # Counts and lists by band.
            models.Index(fields=["band"], name="health_by_band"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.band or 'no model'}"


class HealthScore(Record):
    """What one account scored from `at` on, by which version, and why it differs from before.

    The history: a row a day at most, and one for each change of band or version; rows of days gone by never change.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="health_scores")
    at = models.DateTimeField()
    version = models.ForeignKey(HealthModelVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField(null=True, blank=True)
    known_share = models.FloatField()
    computed_band = models.CharField(max_length=12, choices=Band.choices, blank=True)
    band = models.CharField(max_length=12, choices=Band.choices, blank=True)
    data_change = models.FloatField(null=True, blank=True, help_text="Points by which new data moved the score.")
    configuration_change = models.FloatField(
        null=True, blank=True, help_text="Points by which a published version moved the score."
    )
    parts = models.JSONField(help_text="Measure → points and how they came; caps that held; the score without them.")

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            # The history of one account, and what it scored at some moment.
            models.Index(fields=["account", "at"], name="health_scores_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.at:%Y-%m-%d}"


class HealthOverride(Record):
    """A band that a person set for one account, with the reason, for at most 60 days. At most one that is not ended.

    Written by `health.overriding`. It counts from `from_on` for `days` days, or until somebody ends it.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {
        "reason": Personal(
            "Why a colleague judges the account otherwise", "As long as the account", "clear", instead="(erased)"
        )
    }
    MERGE = {"account": OnMerge.STAY}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="health_overrides")
    band = models.CharField(max_length=12, choices=[choice for choice in Band.choices if choice[0] != "insufficient"])
    reason = models.TextField()
    from_on = models.DateField("from")
    days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=Q(ended_at=None), name="an_account_has_one_health_override"
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, days__lte=MOST_OVERRIDDEN_DAYS), name="a_health_override_ends_within_60_days"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_health_override_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_band_display()} until {self.until_on:%d %b %Y}"

    @property
    def until_on(self) -> dt.date:
        """The last day on which it counts."""
        return self.from_on + dt.timedelta(days=self.days)
