from django.db import models

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import User

MOST = 500
"""So many words that name a person are listed before an erasure; a search ends with them."""


class PersonRequest(Record):
    """One time somebody asked what we hold about them, or to forget it, and what was done. Written by its services.

    Holds no word about the person: ids, and how many rows of which kind there were.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        COPY = "copy", "Copy of their data"
        ERASURE = "erasure", "Erasure"

    kind = models.CharField(max_length=7, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    rows = models.JSONField(default=dict, help_text="Kind of row → ids of those rows.")
    mentions = models.JSONField(default=list, help_text="Rows in somebody's own words that name the person.")
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When somebody had seen to the mentions.")

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.at:%d %b %Y}"

    @property
    def count(self) -> int:
        """How many rows it concerned."""
        return sum(self.rows.values())

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to look at words that name the person."""
        return self.kind == self.Kind.ERASURE and bool(self.mentions) and self.settled_at is None

    @property
    def is_cut(self) -> bool:
        """Whether the search ended because enough was found, so that there may be more words than are listed."""
        return len(self.mentions) >= MOST


class ErasedName(Record):
    """What an erased person was called by some system, as a keyed hash: enough to know it again, not to read it.

    Written by the erasure; goes when the person comes back by their own wish.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    digest = models.CharField(max_length=64, unique=True)
    request = models.ForeignKey(PersonRequest, on_delete=models.CASCADE, related_name="names")

    def __str__(self) -> str:
        return self.digest[:8]


class Pepper(Record):
    """The key of those hashes, sealed. One row, made with the first erasure and never changed: they depend on it."""

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}
    SECRET = frozenset({"sealed"})

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sealed = models.TextField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="there_is_one_pepper")]

    def __str__(self) -> str:
        return "Pepper"
