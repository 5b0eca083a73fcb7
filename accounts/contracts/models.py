from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH
from accounts.foundation.money import validate_currency
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account


class Contract(Record):
    """What an account bought for one term. Written by `contracts.services`; each change of ARR leaves a movement."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        CANCELLED = "cancelled", "Cancelled"
        """Notice was given; it still runs to its end."""
        SUPERSEDED = "superseded", "Superseded"
        """Replaced by the contract of a change or the next term."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contracts")
    arr_minor = models.BigIntegerField(help_text="Yearly recurring revenue in minor units of the currency.")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    signed_at = models.DateTimeField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    notice_days = models.PositiveSmallIntegerField(default=0)
    auto_renews = models.BooleanField(default=False)
    seats = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="a_contract_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(arr_minor__gte=0), name="arr_is_not_negative"),
        ]
        indexes = [
            # Contracts of an account, and the facts made from them.
            models.Index(fields=["account", "status", "ends_on"], name="contracts_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.starts_on:%b %Y} to {self.ends_on:%b %Y}"


class ArrMovement(Record):
    """One change of an account's recurring revenue. Append-only: the ledger that GRR and NRR are read from."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}

    class Kind(models.TextChoices):
        NEW = "new", "New"
        EXPANSION = "expansion", "Expansion"
        CONTRACTION = "contraction", "Contraction"
        CHURN = "churn", "Churn"
        REACTIVATION = "reactivation", "Reactivation"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="arr_movements")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="movements")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    amount_minor = models.BigIntegerField(help_text="Signed, in minor units of the currency.")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    effective_on = models.DateField()
    recorded_at = models.DateTimeField()
    key = models.CharField(max_length=200, unique=True, help_text="Makes a repeat harmless.")

    class Meta:
        verbose_name = "ARR movement"
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["new", "expansion", "reactivation"], amount_minor__gt=0)
                | Q(kind__in=["contraction", "churn"], amount_minor__lt=0),
                name="a_movement_has_the_sign_of_its_kind",
            ),
        ]
        indexes = [
            # ARR of an account on a day.
            models.Index(fields=["account", "effective_on"], name="movements_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account}"
