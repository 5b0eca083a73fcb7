from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


class Watch(Record):
    """A condition that the evaluation keeps an eye on for every account, and who wants to know of its edges.

    Written by `evaluation.services.watch`. It enters when `enter` becomes true, and leaves when `leave` does
    (where there is none: when `enter` becomes false). A watch is never deleted and its slot never reused,
    because edges and standings mention it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=200, unique=True, help_text="Who wants it: stage:… or play:…")
    reader = models.CharField(max_length=20, help_text="The room that reads its edges.")
    definition = models.CharField(max_length=120, help_text="The version whose condition it is.")
    enter = models.JSONField()
    leave = models.JSONField(null=True, blank=True)
    slot = models.PositiveIntegerField(unique=True)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "watches"
        ordering = ["slot"]

    def __str__(self) -> str:
        return self.key


class Standing(Record):
    """The state of up to 63 watches for one account: which are true, which are only held because nobody knows.

    Written by the pass, together with the edges that explain each difference.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="standings")
    word = models.PositiveSmallIntegerField(default=0)
    true_bits = models.BigIntegerField(default=0)
    held_bits = models.BigIntegerField(default=0)
    evaluated_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "word"], name="one_standing_per_account_and_word")]

    def __str__(self) -> str:
        return f"{self.account_id}/{self.word}"


class Edge(Record):
    """One change of a watch for one account: entered or left, when, why, with the values seen. Append-only.

    `pending` says that its reader has not looked at it yet.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    class Direction(models.TextChoices):
        ENTERED = "entered", "Became true"
        LEFT = "left", "Became false"

    class Cause(models.TextChoices):
        DATA = "data", "New data"
        TIME = "time", "Time passed"
        DEFINITION = "definition", "The rule was changed"
        CORRECTION = "correction", "Data was corrected"

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="edges")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="edges")
    n = models.PositiveIntegerField(help_text="Counts the edges of this watch for this account.")
    direction = models.CharField(max_length=7, choices=Direction.choices)
    cause = models.CharField(max_length=10, choices=Cause.choices)
    at = models.DateTimeField()
    definition = models.CharField(max_length=120)
    clauses = models.JSONField(help_text="Each comparison that decided, with the value observed.")
    pending = models.BooleanField(default=False)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["watch", "account", "n"], name="one_edge_per_watch_account_and_count"),
            models.CheckConstraint(condition=Q(n__gte=1), name="edges_count_from_one"),
        ]
        indexes = [
            # What the readers have to look at next.
            models.Index(fields=["id"], condition=Q(pending=True), name="edge_pending"),
        ]

    def __str__(self) -> str:
        return f"{self.watch_id} {self.direction} {self.account_id}"
