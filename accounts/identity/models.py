from django.db import models

from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.workspace.models import Source


class ExternalId(Record):
    """What one source calls an account. Written by `identity.services.link`; resolved on every signal."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="external_ids")
    value = models.CharField(max_length=200)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="external_ids")

    class Meta:
        verbose_name = "external id"
        ordering = ["source", "value"]
        constraints = [models.UniqueConstraint(fields=["source", "value"], name="an_external_id_names_one_account")]

    def __str__(self) -> str:
        return f"{self.source}: {self.value}"
