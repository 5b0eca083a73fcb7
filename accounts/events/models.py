from django.db import models

from accounts.foundation.claims import Claimable
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account, AccountEvent


class Reaction(Claimable):
    """One subscriber's turn at one event: claimed, carried out in its own transaction, once.

    Booked in the transaction of the event by `events.services.book`.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "event__account"
    PERSONAL = {}

    event = models.ForeignKey(AccountEvent, on_delete=models.PROTECT, related_name="reactions", db_index=False)
    subscriber = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "subscriber"], name="one_reaction_per_subscriber")]
        indexes = [
            # What the pump claims next.
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="due"), name="reaction_due"),
            # What was given up, the latest first: a few rows among very many.
            models.Index(fields=["failed_at"], condition=models.Q(state="dead"), name="reaction_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.subscriber} on {self.event_id}"


class DirtyAccount(Record):
    """A note that an account must be looked at again. Inserted freely, deleted by the pass that read it."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.DROP}

    class Pass(models.TextChoices):
        FACTS = "facts", "Facts"
        """Something happened: project the facts again."""
        VERDICTS = "verdicts", "Verdicts"
        """A fact changed: evaluate the watches again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    what = models.CharField(max_length=8, choices=Pass.choices)
    at = models.DateTimeField()
    cause = models.CharField(max_length=10, default="data")
    round = models.PositiveSmallIntegerField(
        default=1, help_text="How many verdicts in a row led here; a rule that chases its own tail is stopped by it."
    )

    class Meta:
        verbose_name = "dirty mark"
        indexes = [
            # The pass reads its own marks, oldest first.
            models.Index(fields=["what", "id"], name="dirty_of_pass"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.what}"
