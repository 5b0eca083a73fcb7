from django.db import models
from django.db.models import Q

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.keeping.registry import periods

NAME_LENGTH = 40


class KeptPeriod(Record):
    """For how many days one kind of data is kept, where an administrator decided it. Written by `services`."""

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    name = models.CharField(max_length=NAME_LENGTH, unique=True)
    days = models.PositiveIntegerField()

    class Meta:
        verbose_name = "retention period"
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=Q(days__gte=1), name="data_is_kept_for_a_day_or_more")]

    def __str__(self) -> str:
        return periods[self.name].label if self.name in periods else self.name
