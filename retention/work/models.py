import datetime as dt

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
    minutes = models.PositiveIntegerField(null=True, blank=True, help_text="Minutes spent, by everybody together.")
    snoozed_until = models.DateTimeField(
        null=True, blank=True, help_text="Out of sight until then. It is due when it was due, and its clock goes on."
    )
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

    def is_snoozed(self, at: dt.datetime) -> bool:
        """Whether somebody put it out of sight, and it is not back yet at `at`."""
        return self.is_open and self.snoozed_until is not None and self.snoozed_until > at

    @property
    def is_open(self) -> bool:
        return self.state == self.State.OPEN

    @property
    def is_waiting(self) -> bool:
        """Whether its clock stands still, because others have to act first."""
        return self.is_open and self.clock is not None and self.clock.state == Clock.State.PAUSED


class WorkComment(Record):
    """What one of us said about a piece of work, for those who do it. Written by `work.thread`; not on timelines."""

    AREA = Area.WORK
    ACCOUNT_PATH = "item__account"
    ASSIGNED_PATH = "item__assignee"
    PERSONAL = {
        "text": Personal("What we said to each other about the work", "As long as the account's history", "clear")
    }

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(max_length=5_000)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return f"{self.author or 'The system'} on {self.created_at:%d %b %Y %H:%M}"


class WorkTime(Record):
    """Minutes that one of us spent on a piece of work. Written by `work.effort`; `WorkItem.minutes` is their sum."""

    AREA = Area.WORK
    ACCOUNT_PATH = "item__account"
    ASSIGNED_PATH = "item__assignee"
    PERSONAL = {}

    item = models.ForeignKey(WorkItem, on_delete=models.CASCADE, related_name="times")
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    minutes = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = "time spent"
        verbose_name_plural = "times spent"
        ordering = ["at", "id"]
        constraints = [models.CheckConstraint(condition=Q(minutes__gt=0), name="time_spent_is_some_minutes")]

    def __str__(self) -> str:
        return f"{self.minutes} minutes"


class CalendarFeed(Record):
    """That one of us reads their due times in a calendar of their own. Written by `work.feeds`.

    The address is signed over `stamp`: without the installation's key nobody can make one, and another stamp, or no
    row, makes every earlier address useless.
    """

    AREA = Area.WORK
    ACCOUNT_PATH = None
    ASSIGNED_PATH = "user"
    PERSONAL = {}
    SECRET = frozenset({"stamp"})

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="calendar_feed")
    stamp = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True, help_text="When a calendar asked last.")

    class Meta:
        ordering = ["user"]

    def __str__(self) -> str:
        return f"Calendar of {self.user}"
