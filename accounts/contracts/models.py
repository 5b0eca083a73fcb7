import datetime as dt

from dateutil.relativedelta import relativedelta
from django.db import models
from django.db.models import F, Q

from accounts.catalogue.models import Product
from accounts.foundation.clock import validate_plausible
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.money import validate_currency
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.workspace.models import Source

MULTI_YEAR = relativedelta(months=24, days=-1)
"""From its first to its last day, a term of two years spans this much."""


class Contract(Record):
    """What an account bought for one term. Written by `contracts.services`; each change of ARR leaves a movement.

    One contract is replaced by at most one other. Until that one starts, it runs on.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class Status(models.TextChoices):
        ACTIVE = "active", "Active"
        CANCELLED = "cancelled", "Cancelled"
        """Notice was given; it still runs to its end."""
        SUPERSEDED = "superseded", "Superseded"
        """Replaced by the contract of a change or the next term."""

    class Billing(models.TextChoices):
        """How the account pays for it, as billing sees it; from good to worst."""

        CURRENT = "current", "Current"
        ON_HOLD = "on_hold", "On hold"
        """Billing waits, by agreement or because of a dispute."""
        OVERDUE = "overdue", "Overdue"
        FAILED = "failed", "Payment failed"

    key = models.CharField(max_length=KEY_LENGTH, unique=True)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contracts")
    arr_minor = models.BigIntegerField(help_text="Yearly recurring revenue in minor units of the currency.")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    signed_at = models.DateTimeField()
    starts_on = models.DateField(validators=[validate_plausible])
    ends_on = models.DateField(validators=[validate_plausible])
    notice_days = models.PositiveSmallIntegerField(default=0)
    auto_renews = models.BooleanField(default=False)
    seats = models.PositiveIntegerField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.ACTIVE)
    cancelled_at = models.DateTimeField("notice given", null=True, blank=True)
    replaces = models.OneToOneField("self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="contracts")
    tier = models.CharField(max_length=60, blank=True, help_text="The level of the product or of the service.")
    billing_status = models.CharField(max_length=7, choices=Billing.choices, default=Billing.CURRENT)
    sow = models.CharField(
        "statement of work", max_length=500, blank=True, help_text="Where it is: a link or a reference."
    )
    usage_fact = models.CharField(
        "measured by",
        max_length=KEY_LENGTH,
        blank=True,
        validators=[validate_key],
        help_text="The numeric fact, by its key, that target and limit speak of.",
    )
    usage_target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    fair_use_limit = models.DecimalField("fair-use limit", max_digits=18, decimal_places=4, null=True, blank=True)

    class Meta:
        ordering = ["-starts_on", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="a_contract_ends_after_it_starts"),
            models.CheckConstraint(condition=Q(arr_minor__gte=0), name="arr_is_not_negative"),
            models.CheckConstraint(
                condition=Q(usage_target=None) | Q(usage_target__gt=0), name="a_usage_target_is_positive"
            ),
            models.CheckConstraint(
                condition=Q(fair_use_limit=None) | Q(fair_use_limit__gt=0), name="a_fair_use_limit_is_positive"
            ),
            models.CheckConstraint(condition=~Q(replaces=F("id")), name="a_contract_does_not_replace_itself"),
        ]
        indexes = [
            # Contracts of an account, and the facts made from them.
            models.Index(fields=["account", "status", "ends_on"], name="contracts_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.account}, {self.starts_on:%b %Y} to {self.ends_on:%b %Y}"

    @property
    def is_multi_year(self) -> bool:
        """Whether the term is two years or longer."""
        return self.ends_on >= self.starts_on + MULTI_YEAR

    @property
    def next_start(self) -> dt.date:
        """The day after its last: where the next term begins."""
        return self.ends_on + dt.timedelta(days=1)


class ArrMovement(Record):
    """One change of an account's recurring revenue. Append-only: the ledger that GRR and NRR are read from.

    A wrong one stays; one that `corrects` it is effective on the same day. Sums by kind and day are then what really
    happened, and sums of what was recorded until an instant are what we knew at that time.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

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
    corrects = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="corrections",
        help_text="The movement that was booked wrongly; this one adds to it, with either sign.",
    )

    class Meta:
        verbose_name = "ARR movement"
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(corrects=None, kind__in=["new", "expansion", "reactivation"], amount_minor__gt=0)
                | Q(corrects=None, kind__in=["contraction", "churn"], amount_minor__lt=0)
                | (Q(corrects__isnull=False) & ~Q(amount_minor=0)),
                name="a_movement_has_the_sign_of_its_kind",
            ),
        ]
        indexes = [
            # ARR of an account on a day.
            models.Index(fields=["account", "effective_on"], name="movements_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.account}"


class Invoice(Record):
    """One invoice as a billing system knows it; a negative amount is a credit note.

    Written by `contracts.invoices.save_invoices`. A source knows an invoice once; sent again it changes nothing.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PAID = "paid", "Paid"
        VOID = "void", "Void"
        """Taken back: it counts for nothing."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="invoices")
    external_id = models.CharField(max_length=200, help_text="What the source calls it.")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="invoices")
    contract = models.ForeignKey(Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="invoices")
    number = models.CharField(max_length=100, blank=True, help_text="As it is printed on it.")
    issued_on = models.DateField(validators=[validate_plausible])
    due_on = models.DateField(validators=[validate_plausible])
    amount_minor = models.BigIntegerField(help_text="In minor units of the currency.")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    is_recurring = models.BooleanField(default=True, help_text="For subscription, not for one-time work.")
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    paid_on = models.DateField(null=True, blank=True)
    payment_failed_at = models.DateTimeField(null=True, blank=True, help_text="When a payment last failed.")
    recorded_at = models.DateTimeField(help_text="When we learnt what it says now.")

    class Meta:
        ordering = ["-issued_on", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="a_source_knows_an_invoice_once"),
            models.CheckConstraint(condition=Q(due_on__gte=F("issued_on")), name="an_invoice_is_due_after_its_issue"),
            models.CheckConstraint(
                condition=Q(state="paid", paid_on__isnull=False) | (~Q(state="paid") & Q(paid_on__isnull=True)),
                name="a_paid_invoice_says_when",
            ),
        ]
        indexes = [
            # Invoices of an account, and the facts made from them.
            models.Index(fields=["account", "issued_on"], name="invoices_of_account"),
        ]

    def __str__(self) -> str:
        return f"Invoice {self.number or self.external_id}"
