from django.db import models

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area


class Product(Record):
    """Something that we sell: a plan, an add-on, a service. Written by `catalogue.services.define`; never deleted.

    What is no longer sold becomes inactive: contracts and deals of the past still name it.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        ADD_ON = "add_on", "Add-on"
        """Sold beside a plan."""
        SERVICE = "service", "Service"
        """Work of people, such as onboarding or training."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PLAN)
    description = models.CharField(max_length=250, blank=True)
    is_active = models.BooleanField("sold today", default=True)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name
