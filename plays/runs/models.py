from django.db import models
from django.db.models import Q

from accounts.foundation.claims import Claimable
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from plays.decisions.models import Decision
from plays.definitions.models import Play, PlayVersion, StepDefinition
from retention.work.models import WorkItem


class Run(Record):
    """One attempt to carry out a play for one account. Created by `runs.services.start`, never edited by hand.

    One occurrence makes one run; at most one is open per play and account.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        OPEN = "open", "Running"
        ENDED = "ended", "Ended"

    play = models.ForeignKey(Play, on_delete=models.PROTECT, related_name="runs", db_index=False)
    version = models.ForeignKey(PlayVersion, on_delete=models.PROTECT, related_name="runs", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="runs", db_index=False)
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="run")
    occurrence_key = models.CharField(max_length=200)
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-started_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["play", "occurrence_key"], name="one_run_per_play_and_occurrence"),
            models.UniqueConstraint(
                fields=["play", "account"], condition=Q(state="open"), name="one_open_run_per_play_and_account"
            ),
            models.CheckConstraint(
                condition=Q(state="open", ended_at=None) | Q(state="ended", ended_at__isnull=False),
                name="an_ended_run_has_an_end",
            ),
        ]
        indexes = [
            # Runs of an account, newest first.
            models.Index(fields=["account", "started_at"], name="runs_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.play} for {self.account}"


class StepRun(Claimable):
    """One step of one run: due, in somebody's hands, or done. Claimed and started by `steps.services`.

    A step that cannot be started is tried again, later and later, and then given up: its run waits until a person
    lets it be tried again, or discards it; then the run goes on without it. `runs.services` writes what follows.
    """

    AREA = Area.RUNS
    ACCOUNT_PATH = "run__account"
    PERSONAL = {}

    class State(models.TextChoices):
        DUE = "due", "Due"
        """Its turn has come; the next round of the pump starts it."""
        WAITING = "waiting", "In progress"
        """It was started, and is in somebody's hands."""
        DONE = "done", "Done"
        DEAD = "dead", "Given up"
        DISCARDED = "discarded", "Discarded"

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="steps", db_index=False)
    definition = models.ForeignKey(StepDefinition, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.DUE)
    work_item = models.OneToOneField(WorkItem, null=True, blank=True, on_delete=models.PROTECT, related_name="step_run")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["run", "definition__position"]
        constraints = [models.UniqueConstraint(fields=["run", "definition"], name="a_run_does_a_step_once")]
        indexes = [
            # What the pump starts next.
            models.Index(fields=["next_attempt_at"], condition=Q(state="due"), name="step_run_due"),
            # What was given up, the latest first: a few rows among very many.
            models.Index(fields=["failed_at"], condition=Q(state="dead"), name="step_run_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.definition_id} of {self.run_id}"
