from django.db import models
from django.db.models import Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class Audience(Record):
    """Whom something concerns: stakeholders by role and topic, at the accounts for which a condition is true.

    Written by `audiences.services`. Nobody is enrolled: who is in it is asked when it is read. Whoever left is in none.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True, help_text="What it is for.")
    roles = models.JSONField(default=list, blank=True, help_text="One of these roles is enough; empty: any or none.")
    topics = models.JSONField(default=list, blank=True, help_text="One of these topics is enough; empty: any or none.")
    condition = models.JSONField(null=True, blank=True, help_text="At which accounts; empty: at all of them.")
    needs_email = models.BooleanField(default=True, help_text="Leaves out whoever has no e-mail address.")

    class Meta:
        ordering = ["name", "key"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(roles=[]) | ~Q(topics=[]) | Q(condition__isnull=False),
                name="an_audience_is_not_simply_everybody",
            )
        ]

    def __str__(self) -> str:
        return self.name
