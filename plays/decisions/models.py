from django.db import models

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from plays.definitions.models import Play, PlayVersion
from retention.evaluation.models import Edge


class Decision(Record):
    """What a play decided about one occurrence at one account, and on what evidence. Append-only."""

    AREA = Area.RUNS
    ACCOUNT_PATH = "account"
    PERSONAL = {"reason": Personal("Why one of us started a play", "As long as the account's history", "clear")}
    MERGE = {"account": OnMerge.MOVE}

    class Outcome(models.TextChoices):
        FIRED = "fired", "Started"
        ALREADY_OPEN = "already_open", "Already running"
        """A run of this play is open for the account; one at a time."""
        COOLED_DOWN = "cooled_down", "Too soon after the last run"
        MISSED = "missed", "Too late"
        """It happened while nothing ran, and the play leaves such occurrences out."""

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    version = models.ForeignKey(PlayVersion, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="decisions", db_index=False)
    occurrence_key = models.CharField(max_length=200)
    outcome = models.CharField(max_length=12, choices=Outcome.choices)
    detail = models.CharField(max_length=250, blank=True)
    edge = models.ForeignKey(Edge, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    clauses = models.JSONField(default=list)
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    reason = models.CharField(max_length=250, blank=True, help_text="Why somebody started it by hand.")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["play", "occurrence_key"], name="one_decision_per_play_and_occurrence")
        ]
        indexes = [
            # Why did this play (not) start for this account?
            models.Index(fields=["account", "play", "at"], name="decisions_of_account"),
            # What somebody started by hand, where that person is deleted: few among very many.
            models.Index(fields=["by"], condition=models.Q(by__isnull=False), name="decisions_by_hand"),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} {self.outcome} {self.account_id}"
