from django.db import models
from django.db.models import Q

from accounts.foundation.keys import KEY_LENGTH
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.stakeholders.models import StakeholderRole
from accounts.team.models import User

MOST_DAYS = 365
MOST_PEOPLE = 50


class CoveragePolicyVersion(Record):
    """Whom we must know at a customer, as it was published once. Never edited: a change is a new version.

    Written by `coverage.policy.publish`. Of its lines the most specific one that fits an account counts: that of its
    segment and stage, else that of its segment in any stage, else that of its stage in any segment, else that for all.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    number = models.PositiveIntegerField(unique=True)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    segments_by = models.CharField(
        max_length=KEY_LENGTH,
        help_text="The dimension, or another text among the facts, that says the segment.",
    )

    class Meta:
        ordering = ["-number"]

    def __str__(self) -> str:
        return f"Coverage policy {self.number}"


class CoverageLine(Record):
    """What one version asks of the accounts of a segment in a stage; an empty one of the two means any.

    Without roles and without `people` it asks nothing, which differs from no line at all: a wider line does not count.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    version = models.ForeignKey(CoveragePolicyVersion, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    segment = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="Empty: any.")
    stage = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="Empty: any.")
    people = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="With fewer engaged people the account is single-threaded. Empty: not asked."
    )
    within_days = models.PositiveSmallIntegerField(
        default=60, help_text="Days within which two-way contact makes somebody engaged."
    )

    class Meta:
        ordering = ["version", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["version", "segment", "stage"], name="a_policy_has_one_line_for_a_segment_in_a_stage"
            ),
            models.CheckConstraint(
                condition=Q(within_days__gte=1, within_days__lte=MOST_DAYS), name="people_are_engaged_within_a_year"
            ),
            models.CheckConstraint(
                condition=Q(people=None) | Q(people__gte=1, people__lte=MOST_PEOPLE),
                name="a_line_asks_for_1_to_50_engaged_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.segment or 'any segment'}, {self.stage or 'any stage'}"


class CoverageRole(Record):
    """One role of the buying committee that a line asks for: how many, and engaged how recently."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    line = models.ForeignKey(CoverageLine, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=StakeholderRole.Role.choices)
    people = models.PositiveSmallIntegerField(default=1, help_text="So many people must play it.")
    engaged_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="They were engaged within so many days. Empty: it is enough to know them."
    )
    only_fact = models.CharField(
        max_length=KEY_LENGTH, blank=True, help_text="Asked only where this text among the facts is `only_value`."
    )
    only_value = models.CharField(max_length=KEY_LENGTH, blank=True)

    class Meta:
        ordering = ["line", "id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "role"], name="a_line_asks_for_a_role_once"),
            models.CheckConstraint(
                condition=Q(people__gte=1, people__lte=MOST_PEOPLE), name="a_role_is_played_by_1_to_50_people"
            ),
            models.CheckConstraint(
                condition=Q(engaged_days=None) | Q(engaged_days__gte=1, engaged_days__lte=MOST_DAYS),
                name="a_role_is_engaged_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(only_fact="", only_value="") | ~Q(only_fact="") & ~Q(only_value=""),
                name="a_role_is_narrowed_by_a_fact_and_its_value",
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()
