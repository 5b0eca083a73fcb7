from django.db import models

from accounts.calendar.models import Occurrence
from accounts.foundation.claims import Claimable
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from plays.definitions.models import Play
from retention.evaluation.models import Edge


class Candidate(Claimable):
    """One occurrence at one account that a play has to decide about by itself: it failed among the others.

    Written by `triggers.candidates`. What is decided at once never becomes a row; a candidate that fails too often is
    given up, and a person sees it.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    occurrence_key = models.CharField(max_length=200)
    edge = models.ForeignKey(Edge, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    clauses = models.JSONField(default=list)
    at = models.DateTimeField(help_text="When it occurred.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["play", "occurrence_key"], name="one_candidate_per_play_and_occurrence")
        ]
        indexes = [
            # What is decided next.
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="due"), name="candidate_due"),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} {self.occurrence_key}"


class Moment(Record):
    """Something that happened to an account, or that its product told of, for which an active play waits.

    Written in the transaction of what happened, deleted in the one that decides about it: what happened before a play
    was activated never becomes a row.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    occurrence_key = models.CharField(max_length=200)
    clauses = models.JSONField(default=list)
    at = models.DateTimeField(help_text="When it occurred.")
    noted_at = models.DateTimeField(help_text="When we learnt of it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["play", "occurrence_key"], name="one_moment_per_play_and_occurrence")
        ]

    def __str__(self) -> str:
        return f"{self.play_id} {self.occurrence_key}"


class Round(Claimable):
    """One time that the cadence of a play came: the accounts that it concerns are gone through, by their ids.

    Written by `triggers.rounds`. Claimed for a bounded number of accounts at a time, and given back until all were.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "occurrence__account"  # which is nobody's: whoever may see everything sees it
    PERSONAL = {}

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="+")
    occurrence = models.ForeignKey(Occurrence, on_delete=models.PROTECT, related_name="+")
    looked_to = models.BigIntegerField(default=0, help_text="How far it has come, by the id of the account.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["play", "occurrence"], name="one_round_per_play_and_occurrence")]
        indexes = [
            # What is gone on with next.
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="due"), name="round_due"),
        ]

    def __str__(self) -> str:
        return f"{self.play_id} {self.occurrence_id}"
