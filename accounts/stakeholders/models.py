from dataclasses import replace

from django.db import models
from django.db.models.functions import Upper

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.workspace.models import Source

CONTACT = Personal("To reach the people we serve", "While the account is a customer, then 24 months", "clear")
NAMED = replace(CONTACT, instead="Erased person")
CALLED = replace(CONTACT, instead="erased-{id}")


class Stakeholder(Record):
    """A person at the customer with a part in buying or keeping the product. Who merely uses it is a product user."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"name": NAMED, "email": CONTACT, "title": CONTACT, "influence": CONTACT, "sentiment": CONTACT}
    MERGE = {"account": OnMerge.MOVE}

    class Influence(models.TextChoices):
        HIGH = "high", "High"
        MEDIUM = "medium", "Medium"
        LOW = "low", "Low"

    class Sentiment(models.TextChoices):
        POSITIVE = "positive", "Positive"
        NEUTRAL = "neutral", "Neutral"
        NEGATIVE = "negative", "Negative"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="stakeholders")
    name = models.CharField(max_length=200)
    email = models.EmailField(blank=True)
    title = models.CharField(max_length=200, blank=True)
    influence = models.CharField(max_length=6, choices=Influence.choices, blank=True)
    sentiment = models.CharField(max_length=8, choices=Sentiment.choices, blank=True)
    last_engaged_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            # People of an account.
            models.Index(fields=["account", "name"], name="stakeholders_of_account"),
            # Who has an address, in capitals or not.
            models.Index(Upper("email"), name="stakeholders_by_address"),
        ]

    def __str__(self) -> str:
        return self.name


class StakeholderRole(Record):
    """One part that a stakeholder plays in the buying committee; a person may have several."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "stakeholder__account"
    PERSONAL = {}

    class Role(models.TextChoices):
        CHAMPION = "champion", "Champion"
        SPONSOR = "executive_sponsor", "Executive sponsor"
        ADMIN = "admin", "Admin"
        FINANCE = "finance", "Finance"
        SECURITY = "security", "Security"
        REVOPS = "revops_it", "RevOps / IT"
        LEGAL = "legal", "Legal or procurement"
        LEAD = "end_user_lead", "End-user lead"
        END_USER = "end_user", "End user"

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="roles")
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        ordering = ["role"]
        constraints = [models.UniqueConstraint(fields=["stakeholder", "role"], name="a_stakeholder_has_a_role_once")]

    def __str__(self) -> str:
        return self.get_role_display()


class StakeholderTopic(Record):
    """One topic that a stakeholder said they want to hear about. It finds whom something concerns, and permits nothing.

    Written by `stakeholders.services`, for somebody who said so.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "stakeholder__account"
    PERSONAL = {}

    class Topic(models.TextChoices):
        PRODUCT = "product_news", "Product news"
        TRAINING = "training", "Training and how-to"
        PRACTICE = "good_practice", "Good practice and benchmarks"
        EVENTS = "events", "Events and webinars"
        SECURITY = "security", "Security and compliance"
        COMMERCIAL = "commercial", "Prices and contracts"
        OPERATIONS = "operations", "Incidents and maintenance"

    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="topics")
    topic = models.CharField(max_length=20, choices=Topic.choices)

    class Meta:
        ordering = ["topic"]
        constraints = [
            models.UniqueConstraint(fields=["stakeholder", "topic"], name="a_stakeholder_names_a_topic_once")
        ]

    def __str__(self) -> str:
        return self.get_topic_display()


class ProductUser(Record):
    """Somebody who uses the product, as one source knows them. Written by the fold; may be linked to a stakeholder."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"external_id": CALLED, "name": CONTACT, "email": CONTACT, "role": CONTACT, "team": CONTACT}
    MERGE = {"account": OnMerge.MOVE}

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="product_users", db_index=False)
    external_id = models.CharField(max_length=200)
    account = models.ForeignKey(
        Account,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="product_users",
        help_text="The account of the last group call; empty until one came.",
    )
    name = models.CharField(max_length=200, blank=True)
    email = models.CharField(max_length=254, blank=True)
    role = models.CharField(max_length=80, blank=True)
    team = models.CharField(max_length=80, blank=True)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(null=True, blank=True)
    stakeholder = models.ForeignKey(
        Stakeholder, null=True, blank=True, on_delete=models.SET_NULL, related_name="product_users"
    )

    class Meta:
        ordering = ["-last_seen_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="a_source_knows_a_product_user_once")
        ]  # no index holds `last_seen_at`, which nearly every batch of signals moves
        # Who has an address, in capitals or not.
        indexes = [models.Index(Upper("email"), name="product_users_by_address")]

    def __str__(self) -> str:
        return self.name or self.email or self.external_id
