from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User

WORD = 62
"""Slots in one word: 62 bits leave both databases the sign, and SQLite two halves of 31."""
WORDS = 8
CAPACITY = WORD * WORDS
"""Rules and held comparisons that can be watched at a time."""
HOLD = "hold"
"""The reader of watches that nobody hears of: they only remember since when something has been true."""


class Watch(Record):
    """A condition that the evaluation keeps an eye on for every account, and who wants to know of its edges.

    Written by `evaluation.services`. It enters when `enter` becomes true (and has been so for `enter_after_days`),
    and leaves when `leave` does (where there is none: when `enter` becomes false), after `leave_after_days`.
    A watch is never deleted, because edges mention it; its slot is given back once no standing mentions it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Preparing(models.TextChoices):
        DONE = "", "Ready"
        AFRESH = "afresh", "First look"
        """New: accounts get their state silently, starting from false."""
        EDIT = "edit", "Changed rule"
        """Accounts whose state the new rule changes get an edge that says so; it fires nothing."""
        SETTLE = "settle", "Other order"
        """Its condition is the same, but what follows from it is not: accounts are put where they now belong."""
        RELEASE = "release", "Giving its slot back"
        """Stopped: its bits are cleared, then the slot is free."""

    key = models.CharField(max_length=200, unique=True, help_text="Who wants it: stage:… or play:…")
    reader = models.CharField(max_length=20, help_text="The room that reads its edges.")
    definition = models.CharField(max_length=120, help_text="The version whose condition it is.")
    decides = models.CharField(max_length=80, blank=True, help_text="The fact that follows from it, such as stage.")
    enter = models.JSONField()
    leave = models.JSONField(null=True, blank=True)
    enter_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    leave_after_days = models.PositiveSmallIntegerField(null=True, blank=True)
    stays_while_true = models.BooleanField(
        default=False, help_text="Does not leave while its entry condition is true, whatever `leave` says."
    )
    slot = models.PositiveIntegerField(unique=True, null=True, blank=True)
    active = models.BooleanField(default=True)
    changed_at = models.DateTimeField()
    preparing = models.CharField(max_length=7, choices=Preparing.choices, default=Preparing.DONE, blank=True)
    prepared_to = models.BigIntegerField(default=0, help_text="Accounts up to this id are prepared.")
    prepare_until = models.BigIntegerField(default=0, help_text="The last account that existed when it began.")

    class Meta:
        verbose_name_plural = "watches"
        ordering = ["slot"]
        constraints = [
            models.CheckConstraint(condition=Q(active=False) | Q(slot__isnull=False), name="an_active_watch_has_a_slot")
        ]

    def __str__(self) -> str:
        return self.key


class Standing(Record):
    """What the evaluation knows of one account: which watches are true, and which are only held as nobody can tell.

    Written by the pass, together with the edges that explain each difference. Watch number `slot` is bit `slot % 62`
    of word `slot // 62`. `since` says for held comparisons how long they have been true. No later than `wake_at` or
    `wake_on` (a date in the workspace's zone) the account is asked again although none of its facts changed.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="standing")
    true_0 = models.BigIntegerField(default=0, db_default=0)
    true_1 = models.BigIntegerField(default=0, db_default=0)
    true_2 = models.BigIntegerField(default=0, db_default=0)
    true_3 = models.BigIntegerField(default=0, db_default=0)
    true_4 = models.BigIntegerField(default=0, db_default=0)
    true_5 = models.BigIntegerField(default=0, db_default=0)
    true_6 = models.BigIntegerField(default=0, db_default=0)
    true_7 = models.BigIntegerField(default=0, db_default=0)
    held_0 = models.BigIntegerField(default=0, db_default=0)
    held_1 = models.BigIntegerField(default=0, db_default=0)
    held_2 = models.BigIntegerField(default=0, db_default=0)
    held_3 = models.BigIntegerField(default=0, db_default=0)
    held_4 = models.BigIntegerField(default=0, db_default=0)
    held_5 = models.BigIntegerField(default=0, db_default=0)
    held_6 = models.BigIntegerField(default=0, db_default=0)
    held_7 = models.BigIntegerField(default=0, db_default=0)
    since = models.JSONField(
        default=dict, db_default={}, help_text="Slot → microseconds since 1970 when it became true."
    )
    wake_at = models.DateTimeField(null=True, blank=True)
    wake_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            # Whom the passing of time makes due: at an instant, or on a day.
            models.Index(fields=["wake_at"], name="standing_wakes_at"),
            # The same by day.
            models.Index(fields=["wake_on"], name="standing_wakes_on"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)

    def is_true(self, watch: Watch) -> bool:
        """Whether `watch` is true for the account, or was when last anybody could tell."""
        return self._bit("true", watch)

    def is_held(self, watch: Watch) -> bool:
        """Whether the state of `watch` is only held, because its condition is unknown."""
        return self._bit("held", watch)

    def _bit(self, kind: str, watch: Watch) -> bool:
        if watch.slot is None:
            return False
        word, bit = divmod(watch.slot, WORD)
        return bool(getattr(self, f"{kind}_{word}") >> bit & 1)


class Edge(Record):
    """One change of a watch for one account: entered or left, when, why, with the values seen. Append-only.

    `pending` says that its reader has not looked at it yet.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.STAY}

    class Direction(models.TextChoices):
        ENTERED = "entered", "Became true"
        LEFT = "left", "Became false"

    class Cause(models.TextChoices):
        DATA = "data", "New data"
        TIME = "time", "Time passed"
        DEFINITION = "definition", "The rule was changed"
        """Nobody acts on it: the customer did nothing."""
        CORRECTION = "correction", "Data was corrected"

    watch = models.ForeignKey(Watch, on_delete=models.PROTECT, related_name="edges", db_index=False)
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


class FullPass(Record):
    """One look at every account, as a check: what the passes in between missed. Written by `evaluation.fullpass`.

    A healthy installation shows none missed, night after night.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    accounts = models.PositiveIntegerField(default=0)
    missed = models.PositiveIntegerField("verdicts missed", default=0)

    class Meta:
        verbose_name_plural = "full passes"
        ordering = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.started_at:%d %b %Y, %H:%M}"


class Incident(Record):
    """Something about the evaluation itself that a person should look at. Written by `evaluation.incidents`."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        MISSED = "missed", "A full pass found verdicts that were missed"
        ROUNDS = "rounds", "Rules chase each other"
        UNREADABLE = "unreadable", "A rule cannot be read any more"

    kind = models.CharField(max_length=10, choices=Kind.choices)
    subject = models.CharField(max_length=200, help_text="What it is about; one open incident a subject.")
    at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)
    details = models.JSONField(default=list, help_text="One line each: account, rule, what was found.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(closed_at=None), name="one_open_incident_a_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.subject}"
