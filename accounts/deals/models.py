from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.catalogue.models import Product
from accounts.contracts.models import Contract
from accounts.foundation.clock import validate_plausible
from accounts.foundation.money import validate_currency
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency

LONGEST_ID = 100
"""What a source calls a deal is part of the key under which it is won once, beside the key of the source."""
LONGEST_TERM = 240
"""Months."""


class Deal(Record):
    """Something that Sales may sell to an account, as a CRM or a person tells of it. Written by `deals.services`.

    A source knows a deal once; sent again it changes nothing. Its amount is what it adds a year (an expansion) or
    what the whole contract comes to a year (new, renewal).
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class Type(models.TextChoices):
        NEW = "new", "New business"
        EXPANSION = "expansion", "Expansion"
        RENEWAL = "renewal", "Renewal"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        COMMITTED = "committed", "Committed"
        """Sales counts on it; not signed yet."""
        WON = "won", "Won"
        LOST = "lost", "Lost"

    source = models.ForeignKey(
        Source,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="deals",
        help_text="Empty: entered by hand.",
    )
    external_id = models.CharField(max_length=LONGEST_ID, help_text="What the source calls it.")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deals")
    type = models.CharField(max_length=9, choices=Type.choices, default=Type.NEW)
    name = models.CharField(max_length=200)
    phase = models.CharField(max_length=120, blank=True, help_text="As the CRM names it.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    amount_minor = models.BigIntegerField(
        null=True, blank=True, help_text="A year, in minor units of the currency: what it adds, or the whole."
    )
    currency = models.CharField(max_length=3, validators=[validate_currency])
    probability = models.PositiveSmallIntegerField(null=True, blank=True, validators=[MaxValueValidator(100)])
    opened_at = models.DateTimeField(validators=[validate_plausible])
    expected_close_on = models.DateField(null=True, blank=True, validators=[validate_plausible])
    closed_at = models.DateTimeField(null=True, blank=True, validators=[validate_plausible])
    owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="deals")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="deals")
    starts_on = models.DateField(
        null=True, blank=True, validators=[validate_plausible], help_text="First day of the term that it is about."
    )
    term_months = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(LONGEST_TERM)]
    )
    seats = models.PositiveIntegerField(null=True, blank=True, help_text="Of the contract that follows from it.")
    lost_reason = models.CharField(max_length=250, blank=True)

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="a_source_knows_a_deal_once"),
            models.CheckConstraint(
                condition=Q(state__in=["won", "lost"], closed_at__isnull=False)
                | Q(state__in=["open", "committed"], closed_at__isnull=True),
                name="a_closed_deal_says_when",
            ),
            models.CheckConstraint(
                condition=Q(probability=None) | Q(probability__lte=100), name="a_probability_is_at_most_100"
            ),
            models.CheckConstraint(
                condition=Q(amount_minor=None) | Q(amount_minor__gte=0), name="a_deal_is_not_worth_less_than_nothing"
            ),
        ]
        indexes = [
            # Deals of an account, and the facts made from them.
            models.Index(fields=["account", "state"], name="deals_of_account"),
            # The list of deals and its pages, newest first.
            models.Index(fields=["opened_at"], name="deals_by_age"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def known_as(self) -> str:
        """What names it everywhere: the key of its source, and what that calls it."""
        return f"{self.source.key if self.source else ''}:{self.external_id}"

    @property
    def is_closed(self) -> bool:
        """Whether it is won or lost."""
        return self.state in CLOSED_STATES


CLOSED_STATES = (Deal.State.WON, Deal.State.LOST)


class ContractProposal(Record):
    """The contract that a won deal would mean. Made by `deals.services` once for each deal.

    A person or the rule of its source accepts it, which signs the contract, or a person declines it. While it is
    undecided it follows what the deal says.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "deal__account"
    PERSONAL = {}

    class Kind(models.TextChoices):
        NEW = "new", "New contract"
        CHANGE = "change", "Change of a contract"
        RENEWAL = "renewal", "Next term"

    class State(models.TextChoices):
        PROPOSED = "proposed", "To be decided"
        ACCEPTED = "accepted", "Accepted"
        """The contract is signed."""
        DECLINED = "declined", "Declined"

    deal = models.OneToOneField(Deal, on_delete=models.PROTECT, related_name="proposal")
    kind = models.CharField(max_length=7, choices=Kind.choices)
    arr_minor = models.BigIntegerField(null=True, blank=True, help_text="Of the whole contract a year.")
    currency = models.CharField(max_length=3, validators=[validate_currency])
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seats = models.PositiveIntegerField(null=True, blank=True)
    replaces = models.ForeignKey(
        Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="proposed_successors"
    )
    state = models.CharField("contract", max_length=8, choices=State.choices, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="Empty: by rule."
    )
    decline_reason = models.CharField(max_length=250, blank=True)
    contract = models.OneToOneField(Contract, null=True, blank=True, on_delete=models.PROTECT, related_name="proposal")

    class Meta:
        verbose_name = "proposed contract"
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="accepted", contract__isnull=False) | (~Q(state="accepted") & Q(contract=None)),
                name="an_accepted_proposal_has_its_contract",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at=None) | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="a_decided_proposal_says_when",
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(starts_on=None) | Q(ends_on__gt=F("starts_on")),
                name="a_proposed_contract_ends_after_it_starts",
            ),
        ]
        indexes = [
            # What waits for a decision.
            models.Index(fields=["proposed_at"], condition=Q(state="proposed"), name="proposals_to_decide"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.deal}"

    @property
    def is_undecided(self) -> bool:
        """Whether somebody still has to say yes or no."""
        return self.state == self.State.PROPOSED

    @property
    def missing(self) -> list[str]:
        """What must be filled in before a rule could accept it, in words."""
        gaps = {
            "the amount": self.arr_minor is None,
            "the first day": self.starts_on is None,
            "the last day": self.ends_on is None,
            "which contract it takes over": self.kind != self.Kind.NEW and self.replaces is None,
            f"the amount in {base_currency()}": self.currency != base_currency(),
        }
        return [name for name, is_missing in gaps.items() if is_missing]
