from django.db import models

from accounts.facts.catalogue import Type, Use
from accounts.facts.fields import LenientJSONField
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


class CustomFact(Record):
    """A fact that this installation adds to the catalogue. Written by `facts.services.define`.

    Key and type never change once values are kept under them: conditions were checked against both.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    label = models.CharField(max_length=80)
    type = models.CharField(max_length=12, choices=[(name.value, name.value.replace("_", " ")) for name in Type])
    meaning = models.CharField(max_length=250, help_text="What the value says, in one sentence.")
    unit = models.CharField(max_length=40, blank=True)
    use = models.CharField(max_length=40, choices=[(name.value, name.value) for name in Use], default=Use.INTERNAL)

    class Meta:
        ordering = ["label"]

    def __str__(self) -> str:
        return self.label


class AccountFacts(Record):
    """What we know about an account now: one typed column a fact, empty where it is unknown.

    A projection: `facts rebuild` makes all of it again from contracts and activity. Written by `facts.projection`;
    `stage` is a register that the lifecycle writes.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="facts")
    active_users_30d = models.IntegerField(null=True, blank=True)
    active_users_change_30d = models.FloatField(null=True, blank=True)
    features_used_30d = models.IntegerField(null=True, blank=True)
    last_active_at = models.DateTimeField(null=True, blank=True)
    arr_minor = models.BigIntegerField(null=True, blank=True)
    contract_end_date = models.DateField(null=True, blank=True)
    closed_won_at = models.DateTimeField(null=True, blank=True)
    stage = models.CharField(max_length=80, null=True, blank=True)  # noqa: DJ001  (unknown is not "")
    custom = LenientJSONField(default=dict, help_text="Custom fact → value, as `facts.custom` keeps it.")
    provenance = models.JSONField(default=dict, help_text="Fact → [source, observed at].")
    day = models.DateField(help_text="The UTC day whose windows the values hold for.")
    projected_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "account facts"
        indexes = [
            # The sweep looks for rows that were projected before their windows moved.
            models.Index(fields=["projected_at"], name="facts_by_projection"),
        ]

    def __str__(self) -> str:
        return str(self.account_id)
