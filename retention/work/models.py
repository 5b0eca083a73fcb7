from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.slas.models import Clock


class WorkItem(Record):
    """Something a person must do for an account, whatever asked for it. Written by `work.services`."""

    AREA = Area.WORK
    ACCOUNT_PATH = "account"
    ASSIGNED_PATH = "assignee"
    PERSONAL = {"note": Personal("What the person who did it found out", "As long as the account's history", "clear")}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        """Carried out, with an outcome."""
        DISMISSED = "dismissed", "Dismissed"
        """Not carried out: a false alarm, or no longer needed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="work")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=250)
    guidance = models.TextField(blank=True)
    assignee = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="work")
    due_at = models.DateTimeField()
    clock = models.OneToOneField(
        Clock,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="work",
        help_text="Where the due time was promised in business time; it moves with the clock.",
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=30, blank=True)
    note = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes spent.")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None, outcome="")
                | (~Q(state="open") & Q(closed_at__isnull=False) & ~Q(outcome="")),
                name="closed_work_has_an_outcome_and_a_time",
            ),
        ]
        indexes = [
            # My work, by due time.
            models.Index(fields=["assignee", "due_at"], condition=Q(state="open"), name="work_open_of_user"),
            # Open and past work of an account.
            models.Index(fields=["account", "state", "due_at"], name="work_of_account"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether its clock stands still, because others have to act first."""
        return self.is_open and self.clock is not None and self.clock.state == Clock.State.PAUSED
