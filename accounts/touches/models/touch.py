from django.db import models
from django.db.models import Q

from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.workspace.models import Source

WORDS = Personal("To remember what was said and agreed", "While the account is a customer, then 24 months", "clear")
"""Notes in somebody's own words; they may speak of people."""
LONGEST_TEXT = 20_000


class Touch(Record):
    """One time we were in contact with a customer, or a note about them. Written by `touches.services`.

    Holds no words: those are in its `TouchText`. One that came from another system names its source and its id there.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class Kind(models.TextChoices):
        CALL = "call", "Call"
        MEETING = "meeting", "Meeting"
        EMAIL = "email", "E-mail"
        NOTE = "note", "Note"
        """Something to remember; nobody was in contact."""

    class Purpose(models.TextChoices):
        CHECK_IN = "check_in", "Check-in"
        KICKOFF = "kickoff", "Kick-off"
        BUSINESS_REVIEW = "business_review", "Business review"
        EXECUTIVE_CALL = "executive_call", "Executive call"
        TRAINING = "training", "Training"
        SUPPORT = "support", "Support"
        OFFICE_HOURS = "office_hours", "Office hours"
        EXIT_INTERVIEW = "exit_interview", "Exit interview"
        RENEWAL = "renewal", "Renewal"
        OTHER = "other", "Other"

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", "From us"
        INBOUND = "inbound", "From them"

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="touches")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    purpose = models.CharField(max_length=16, choices=Purpose.choices, default=Purpose.CHECK_IN)
    direction = models.CharField(max_length=8, choices=Direction.choices, default=Direction.OUTBOUND)
    is_two_way = models.BooleanField(
        help_text="Somebody answered or was there. A note or an unanswered e-mail is no contact."
    )
    in_conversation = models.BooleanField(default=False, help_text="We are talking with them: automation should wait.")
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField(help_text="When it was logged.")
    minutes = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Time we spent on it.")
    logged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="touches")
    external_id = models.CharField(max_length=200, blank=True)
    stakeholders: models.ManyToManyField = models.ManyToManyField(
        Stakeholder, through="TouchAttendee", related_name="touches"
    )
    colleagues: models.ManyToManyField = models.ManyToManyField(User, through="TouchAttendee", related_name="+")

    class Meta:
        verbose_name_plural = "touches"
        ordering = ["-happened_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=Q(source__isnull=False), name="a_source_knows_a_touch_once"
            ),
            models.CheckConstraint(
                condition=Q(source__isnull=True, external_id="") | (Q(source__isnull=False) & ~Q(external_id="")),
                name="a_touch_has_both_source_and_external_id_or_neither",
            ),
            models.CheckConstraint(condition=~Q(kind="note", is_two_way=True), name="a_note_is_no_two_way_contact"),
        ]
        indexes = [
            # The last touches of an account, and the facts made from them.
            models.Index(fields=["account", "happened_at"], name="touches_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.happened_at:%d %b %Y}"


class TouchText(Record):
    """What was said or agreed in a touch, in the words of whoever logged it. Has its own retention.

    Written with its touch by `touches.services`; at most one a touch, none where nothing was written.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "touch__account"
    PERSONAL = {
        "text": Personal(
            "To remember what was said and agreed",
            "24 months after the touch, then until the next clean-up",
            "delete_row",
        )
    }

    touch = models.OneToOneField(Touch, primary_key=True, on_delete=models.CASCADE, related_name="words")
    text = models.TextField(max_length=LONGEST_TEXT)

    def __str__(self) -> str:
        return str(self.touch)


class TouchAttendee(Record):
    """Somebody who took part in a touch: a person at the customer, or one of us. Written with its touch."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "touch__account"
    PERSONAL = {}

    touch = models.ForeignKey(Touch, on_delete=models.CASCADE, related_name="attendees")
    stakeholder = models.ForeignKey(
        Stakeholder, null=True, blank=True, on_delete=models.CASCADE, related_name="attended"
    )
    user = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    engaged_before = models.DateTimeField(
        null=True, blank=True, help_text="When the stakeholder was last engaged before this touch; for taking it back."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(stakeholder__isnull=False, user__isnull=True)
                | Q(stakeholder__isnull=True, user__isnull=False),
                name="an_attendee_is_a_stakeholder_or_one_of_us",
            ),
            models.UniqueConstraint(fields=["touch", "stakeholder"], name="a_stakeholder_attends_a_touch_once"),
            models.UniqueConstraint(fields=["touch", "user"], name="one_of_us_attends_a_touch_once"),
        ]

    def __str__(self) -> str:
        return str(self.stakeholder or self.user)
