from django.db import models

from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


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
