from django.db import models
from django.db.models import F, Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area

NAME_LENGTH = 40


class Crossing(Record):
    """One time at which most of a limit was used. Written by `services.look`, which tells of it once.

    At most one of a limit is open: it ends when the use has fallen, and the next time is a crossing of its own.
    """

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    limit = models.CharField(max_length=NAME_LENGTH)
    used = models.BigIntegerField(help_text="How much was used when it was seen.")
    bound = models.BigIntegerField()
    crossed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "warning of a limit"
        verbose_name_plural = "warnings of limits"
        ordering = ["-crossed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["limit"], condition=Q(ended_at=None), name="one_open_warning_of_each_limit"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("crossed_at")), name="a_warning_ends_after_it_began"
            ),
        ]

    def __str__(self) -> str:
        return self.limit
