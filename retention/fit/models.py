from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class IdealProfile(Record):
    """The one definition of whom the product is for. Written by `fit.services.define`.

    An account scores 0 to 100: from `fit_from` on it fits, below `review_from` it is a bad fit.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    fit_from = models.PositiveSmallIntegerField(default=60)
    review_from = models.PositiveSmallIntegerField(default=40)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_ideal_profile"),
            models.CheckConstraint(
                condition=Q(review_from__lte=F("fit_from"), fit_from__lte=100), name="bands_of_fit_do_not_overlap"
            ),
        ]

    def __str__(self) -> str:
        return "Ideal customer"


class FitCriterion(Record):
    """One thing that makes a customer fit, and how much it counts. Weight 0 is only shown: its direction is not known.

    Written with its profile; the key stays, so that the audit trail can tell what changed.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    profile = models.ForeignKey(IdealProfile, on_delete=models.CASCADE, related_name="criteria")
    key = models.CharField(max_length=KEY_LENGTH, validators=[validate_key])
    label = models.CharField(max_length=120)
    weight = models.PositiveSmallIntegerField()
    matches = models.JSONField(help_text="The condition that a fitting account fulfils.")
    position = models.PositiveSmallIntegerField()

    class Meta:
        verbose_name_plural = "fit criteria"
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["profile", "key"], name="a_criterion_stands_once_in_its_profile"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="a_weight_is_at_most_100"),
        ]

    def __str__(self) -> str:
        return self.label
