import functools
import zoneinfo

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.money import validate_currency
from accounts.foundation.records import Record
from accounts.foundation.scope import Area


@functools.cache
def _time_zones() -> set[str]:
    """Every zone there is; reading them walks through hundreds of files."""
    return zoneinfo.available_timezones()


def validate_time_zone(name: str) -> None:
    """Refuses what the time zone database does not know."""
    if name not in _time_zones():
        raise ValidationError(f"{name} is no time zone. Use a name such as Europe/Berlin.")


class Workspace(Record):
    """The one row that says whose installation this is. Written on first start and in Settings."""

    AREA = Area.SETTINGS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class OutboundMode(models.TextChoices):
        PREVIEW = "preview", "Preview: nothing leaves"
        """Messages are rendered and shown, none is sent."""
        INTERNAL = "internal", "Internal: only to our own people and systems"
        ALLOWLIST = "allowlist", "Allow-list: only to listed addresses"
        LIVE = "live", "Live"

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    company = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60, default="UTC", validators=[validate_time_zone])
    base_currency = models.CharField(max_length=3, default="USD", validators=[validate_currency])
    fiscal_year_start_month = models.PositiveSmallIntegerField(default=1)
    outbound_mode = models.CharField(max_length=10, choices=OutboundMode.choices, default=OutboundMode.PREVIEW)
    outbound_allowed = models.JSONField(
        default=list, blank=True, help_text="Addresses and domains that the allow-list names."
    )
    demo_seed = models.IntegerField(null=True, blank=True, help_text="Set when the book is the demo's.")
    demo_as_of = models.DateTimeField(null=True, blank=True, help_text="Up to when the demo's book itself tells.")
    demo_told_until = models.DateTimeField(null=True, blank=True, help_text="How far its pulse has told on from there.")

    class Meta:
        verbose_name_plural = "workspace"
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_workspace"),
            models.CheckConstraint(
                condition=Q(fiscal_year_start_month__range=(1, 12)), name="fiscal_year_starts_in_a_month"
            ),
        ]

    def __str__(self) -> str:
        return self.company


class Source(Record):
    """A system that tells us things: a product, a CRM, a helpdesk, a billing system.

    Created in Signals or with its first key. `last_delivery_at` moves with each delivery for anybody:
    an outage of the source makes its facts unknown, never zero.
    """

    AREA = Area.SIGNALS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        PRODUCT = "product", "Product"
        CRM = "crm", "CRM"
        SUPPORT = "support", "Helpdesk"
        BILLING = "billing", "Billing"

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.PRODUCT)
    stale_after_hours = models.PositiveIntegerField(
        default=72, help_text="Silent for longer than this, the source's facts read as unknown."
    )
    last_delivery_at = models.DateTimeField(null=True, blank=True)
    reads_silent = models.BooleanField(default=True, editable=False, help_text="What profiles say of it.")
    told_until = models.BigIntegerField(
        null=True, blank=True, editable=False, help_text="How far profiles have been told that this changed."
    )
    accepts_proposals = models.BooleanField(
        "accepts contracts of won deals",
        default=False,
        help_text="A deal that this source reports as won becomes a contract by itself where nothing is missing.",
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
