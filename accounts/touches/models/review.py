from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.touches.models.touch import WORDS, Touch


class BusinessReview(Record):
    """A meeting in which we review the business with the customer. Planned, then held or cancelled.

    Written by `touches.services`. Holding one logs the touch it was.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"next_step": WORDS}
    MERGE = {"account": OnMerge.MOVE}

    class Kind(models.TextChoices):
        BUSINESS = "business", "Business review"
        EXECUTIVE = "executive", "Executive review"

    class State(models.TextChoices):
        PLANNED = "planned", "Planned"
        HELD = "held", "Held"
        CANCELLED = "cancelled", "Cancelled"

    class Outcome(models.TextChoices):
        GROWTH = "growth", "Growth"
        """They want more."""
        STEADY = "steady", "Steady"
        AT_RISK = "at_risk", "At risk"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="business_reviews")
    kind = models.CharField(max_length=9, choices=Kind.choices, default=Kind.BUSINESS)
    state = models.CharField(max_length=9, choices=State.choices, default=State.PLANNED)
    planned_for = models.DateTimeField()
    held_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=7, choices=Outcome.choices, blank=True)
    next_step = models.CharField(max_length=250, blank=True)
    planned_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    touch = models.OneToOneField(Touch, null=True, blank=True, on_delete=models.PROTECT, related_name="review")
    stakeholders: models.ManyToManyField = models.ManyToManyField(
        Stakeholder, through="ReviewAttendee", related_name="business_reviews"
    )

    class Meta:
        ordering = ["-planned_for", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="held", held_at__isnull=False) | (~Q(state="held") & Q(held_at__isnull=True)),
                name="a_review_that_was_held_says_when",
            ),
            models.CheckConstraint(
                condition=(Q(state="held") & ~Q(outcome="")) | (~Q(state="held") & Q(outcome="")),
                name="a_review_that_was_held_has_an_outcome",
            ),
        ]
        indexes = [
            # The next and the last review of an account.
            models.Index(fields=["account", "state", "planned_for"], name="reviews_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.planned_for:%d %b %Y}"


class ReviewAttendee(Record):
    """A person at the customer who is invited to a business review, or was there. Written with the review."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "review__account"
    PERSONAL = {}

    review = models.ForeignKey(BusinessReview, on_delete=models.CASCADE, related_name="attendees")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["review", "stakeholder"], name="a_stakeholder_attends_a_review_once")
        ]

    def __str__(self) -> str:
        return str(self.stakeholder)
