from django.db import models

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.ingestion.models.plan import Feature, Milestone, PageIntent
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.workspace.models import Source


class Ring(Record):
    """A last active day and the 189 days up to it, one bit a day; see `ring.py`."""

    last_day = models.IntegerField(help_text="Days since 1970-01-01, UTC.")
    word_0 = models.BigIntegerField()
    word_1 = models.BigIntegerField(default=0)
    word_2 = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class AccountActivity(Record):
    """Since when an account's product talks to us, through which source, and when it last did. Written by the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="activity")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    first_event_at = models.DateTimeField()
    last_event_at = models.DateTimeField()
    daily = models.JSONField(default=list, help_text="Active users by UTC day, newest first; see `daily.py`.")
    daily_until = models.IntegerField(null=True, blank=True, help_text="The first of these days, as in a ring.")

    class Meta:
        verbose_name_plural = "account activity"

    def __str__(self) -> str:
        return str(self.account_id)


class UserActivity(Ring):
    """The days on which one product user was active for one account. Written by the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    product_user = models.ForeignKey(ProductUser, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name_plural = "user activity"
        constraints = [
            models.UniqueConstraint(fields=["account", "product_user"], name="one_ring_per_user_of_an_account")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.product_user_id}"


class FeatureActivity(Ring):
    """The days on which an account used one feature, and the two people who used it last. Written by the fold.

    Two people are enough to answer "by at least two people since day X" exactly: a third is older than both.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    feature = models.ForeignKey(Feature, on_delete=models.CASCADE, related_name="+")
    latest_user = models.BigIntegerField(help_text="Id of the product user who used it last.")
    second_user = models.BigIntegerField(null=True, blank=True, help_text="Id of the last other product user.")
    second_user_day = models.IntegerField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "feature activity"
        constraints = [
            models.UniqueConstraint(fields=["account", "feature"], name="one_ring_per_feature_of_an_account")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.feature_id}"


class IntentActivity(Ring):
    """The days on which people of an account visited the pages of one intent, and the newest visit. By the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    intent = models.ForeignKey(PageIntent, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "intent activity"
        constraints = [models.UniqueConstraint(fields=["account", "intent"], name="one_ring_per_intent_of_an_account")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.intent_id}"


class PageSession(Record):
    """One visitor's page views of one account with no pause longer than 30 minutes. Written by the fold.

    Sessions of a visitor never lie within 30 minutes of each other: a late page joins those that it connects.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {
        "visitor": Personal("To tell which pages one person saw together", "90 days", "delete_row"),
    }
    MERGE = {"account": OnMerge.MOVE}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+", db_index=False)
    visitor = models.CharField(max_length=200, help_text="The user's id in the source, or the anonymous visitor's.")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    intents = models.JSONField(default=dict, help_text="Key of each intent → when it was last seen in the session.")

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            # Which sessions a page view joins, and the sessions of an account.
            models.Index(fields=["account", "visitor", "ended_at"], name="page_sessions_of_account"),
            # Sessions that are past their retention.
            models.Index(fields=["ended_at"], name="page_sessions_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.started_at:%Y-%m-%d %H:%M}"


class AccountIntents(Record):
    """When people of an account last saw pages of prices and of security in one session. Written by the fold."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.OneToOneField(Account, primary_key=True, on_delete=models.CASCADE, related_name="+")
    pricing_and_security_at = models.DateTimeField(help_text="When the later of the two was seen in it.")

    class Meta:
        verbose_name_plural = "account intents"

    def __str__(self) -> str:
        return str(self.account_id)


class MilestoneReached(Record):
    """That an account reached a milestone, and when it first did. By the fold; a late event dates it back."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.UNION}

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="milestones", db_index=False)
    milestone = models.ForeignKey(Milestone, on_delete=models.PROTECT, related_name="reached")
    first_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "milestones reached"
        constraints = [
            models.UniqueConstraint(fields=["account", "milestone"], name="an_account_reaches_a_milestone_once")
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.milestone_id}"
