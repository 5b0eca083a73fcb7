from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.touches.models.touch import WORDS
from accounts.workspace.models import Source

RANGES = {"nps": (0, 10), "csat": (1, 5)}
"""Kind of survey → its lowest and highest score."""
NEGATIVE = {"nps": 6, "csat": 2}
"""Kind of survey → the highest score that is still negative feedback."""


class SurveyResponse(Record):
    """One answer to a survey: how likely they recommend us (NPS, 0 to 10), or how satisfied they are (CSAT, 1 to 5).

    Written by `touches.services`. The loop is closed when somebody of us has answered them.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"comment": WORDS}
    MERGE = {"account": OnMerge.MOVE}

    class Kind(models.TextChoices):
        NPS = "nps", "NPS"
        CSAT = "csat", "CSAT"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="survey_responses")
    stakeholder = models.ForeignKey(
        Stakeholder, null=True, blank=True, on_delete=models.SET_NULL, related_name="survey_responses"
    )
    kind = models.CharField(max_length=4, choices=Kind.choices)
    score = models.PositiveSmallIntegerField()
    comment = models.TextField(max_length=10_000, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    loop_closed_at = models.DateTimeField(null=True, blank=True)
    loop_closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="survey_responses")
    external_id = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-received_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="nps", score__range=RANGES["nps"]) | Q(kind="csat", score__range=RANGES["csat"]),
                name="a_score_is_within_the_range_of_its_kind",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=Q(source__isnull=False),
                name="a_source_knows_a_survey_response_once",
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=True, external_id="") | (Q(source__isnull=False) & ~Q(external_id="")),
                name="a_response_has_both_source_and_external_id_or_neither",
            ),
        ]
        indexes = [
            # The latest answer of each kind of an account.
            models.Index(fields=["account", "kind", "received_at"], name="surveys_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.score}"

    @property
    def is_negative(self) -> bool:
        """Whether this answer asks for somebody to get back to them."""
        return self.score <= NEGATIVE[self.kind]
