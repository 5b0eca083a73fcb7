from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area, ScopedQuerySet
from accounts.team.models import User
from accounts.workspace.models import validate_time_zone

MAX_DEPTH = 5


class Accounts(ScopedQuerySet):
    """Accounts; a key that was merged away leads to the account that stayed."""

    def called(self, key: str) -> Self:
        """The account with this key, or into which the one with this key was merged."""
        return self.filter(
            Q(key=key, merged_into=None) | Q(pk__in=Account.objects.filter(key=key).values("merged_into"))
        )


class Account(Record):
    """A customer company, or one that may become a customer. Created by `portfolio.services.create`.

    Never deleted: archived, or merged into another. `root` is the top of its hierarchy, itself where it has no parent.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = ""
    PERSONAL = {}
    MERGE = {"merged_into": OnMerge.MOVE}

    class State(models.TextChoices):
        ACTIVE = "active", "Active"
        PAUSED = "paused", "Paused"
        """By agreement; automation waits."""
        CHURNED = "churned", "Churned"
        LOST = "lost", "Lost"
        """A prospect that decided against us."""

    class UseCase(models.TextChoices):
        MARKETING_AUTOMATION = "marketing_automation", "Marketing automation"
        SALES_MANAGEMENT = "sales_management", "Sales management"
        OPERATIONS = "operations", "Operations"
        OTHER = "other", "Other"

    class Complexity(models.TextChoices):
        SIMPLE = "simple", "Simple"
        STANDARD = "standard", "Standard"
        COMPLEX = "complex", "Complex"

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=200)
    domain = models.CharField(max_length=253, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    root = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="descendants"
    )
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged"
    )
    state = models.CharField(max_length=7, choices=State.choices, default=State.ACTIVE)
    industry = models.CharField(max_length=80, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    region = models.CharField(max_length=80, blank=True)
    time_zone = models.CharField(max_length=60, blank=True, validators=[validate_time_zone])
    use_case = models.CharField(max_length=20, choices=UseCase.choices, blank=True)
    complexity = models.CharField(max_length=8, choices=Complexity.choices, blank=True)
    tech_stack = models.JSONField(default=list, blank=True)
    goals = models.TextField(blank=True, help_text="In the customer's own words.")
    fiscal_year_end_month = models.PositiveSmallIntegerField(null=True, blank=True)
    budget_month = models.PositiveSmallIntegerField(null=True, blank=True)
    acquisition_source = models.CharField(max_length=80, blank=True)
    campaign = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField(editable=False)
    changed_at = models.DateTimeField(null=True, editable=False, help_text="When the profile was last changed.")
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = Accounts.as_manager()  # type: ignore[misc]

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="an_account_is_not_its_own_parent"),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="an_account_is_not_merged_into_itself"),
        ]
        indexes = [
            # The list and its keyset pages.
            models.Index(fields=["name", "id"], name="account_by_name"),
        ]

    def __str__(self) -> str:
        return self.name


class AccountMember(Record):
    """Who of us has which part on an account. One person a part; written by `portfolio.services.assign`."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    class Part(models.TextChoices):
        CSM = "csm", "CSM"
        AE = "ae", "Account executive"
        ONBOARDING = "onboarding_lead", "Onboarding lead"
        SUPPORT = "support_lead", "Support lead"
        SPONSOR = "executive_sponsor", "Executive sponsor"
        RENEWAL = "renewal_owner", "Renewal owner"
        EXPANSION = "expansion_owner", "Expansion owner"
        BACKUP = "backup", "Backup"

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    part = models.CharField(max_length=20, choices=Part.choices)
    since = models.DateTimeField()

    class Meta:
        verbose_name = "account team member"
        ordering = ["account", "part"]
        constraints = [models.UniqueConstraint(fields=["account", "part"], name="one_person_per_part_of_an_account")]
        indexes = [
            # "My accounts": scope asks for the accounts of one user.
            models.Index(fields=["user", "account"], name="member_accounts_of_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_part_display()})"
