from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.workspace.models import Source

WORDS = Personal(
    "To know what our customers need help with", "While the account is a customer, then 24 months", "clear"
)
SEVEREST, MILDEST = 1, 4
WORST, BEST = 1, 5


class Ticket(Record):
    """A request for help, as a help desk knows it. Written by `support.services.save_tickets`.

    The newest update of its source counts, in whatever order updates arrive; `states` keeps what each said, so that
    solutions and reopenings come out the same. A source knows a ticket once; a repeat changes nothing.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {"subject": WORDS}
    MERGE = {"account": OnMerge.MOVE}

    class Severity(models.IntegerChoices):
        ONE = 1, "1, nothing works"
        TWO = 2, "2, something important fails"
        THREE = 3, "3, there is a way around"
        FOUR = 4, "4, a question"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        PENDING = "pending", "Waiting for the customer"
        SOLVED = "solved", "Solved"
        """The customer may still reopen it."""
        CLOSED = "closed", "Closed"

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="tickets")
    external_id = models.CharField(max_length=200, help_text="What the source calls it.")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="tickets")
    requester = models.ForeignKey(Stakeholder, null=True, blank=True, on_delete=models.SET_NULL, related_name="tickets")
    subject = models.CharField(max_length=500, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity.choices)
    state = models.CharField(max_length=7, choices=State.choices)
    tags = models.JSONField(default=list, blank=True)
    opened_at = models.DateTimeField()
    first_solved_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True, help_text="Since when it is solved; empty while it is not.")
    satisfaction = models.PositiveSmallIntegerField(
        null=True, blank=True, validators=[MinValueValidator(WORST), MaxValueValidator(BEST)]
    )
    satisfaction_at = models.DateTimeField(null=True, blank=True)
    updated_at = models.DateTimeField(help_text="Of the newest update that we have, by the clock of its source.")
    states = models.JSONField(default=list, blank=True, editable=False)
    recorded_at = models.DateTimeField(help_text="When we learnt what it says now.")

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="a_source_knows_a_ticket_once"),
            models.CheckConstraint(condition=Q(severity__range=(SEVEREST, MILDEST)), name="a_severity_is_one_to_four"),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True, satisfaction_at__isnull=True)
                | Q(satisfaction__range=(WORST, BEST), satisfaction_at__isnull=False),
                name="satisfaction_is_one_to_five_and_says_when",
            ),
        ]
        indexes = [
            # Tickets of an account, newest first, and the facts made from them.
            models.Index(fields=["account", "opened_at"], name="tickets_of_account"),
            # The list of tickets and its pages, newest first.
            models.Index(fields=["opened_at"], name="tickets_by_age"),
        ]

    def __str__(self) -> str:
        return self.subject or f"Ticket {self.external_id}"

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to solve it."""
        return self.state in OPEN_STATES


OPEN_STATES = (Ticket.State.OPEN, Ticket.State.PENDING)


class TicketReopening(Record):
    """One moment at which a solved ticket turned out not to be. Follows from the ticket's states; written with them."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "ticket__account"
    PERSONAL = {}

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="reopenings")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["ticket", "at"], name="a_ticket_reopens_once_at_a_time")]

    def __str__(self) -> str:
        return f"{self.ticket} reopened {self.at:%d %b %Y}"
