from pathlib import PurePath
from uuid import uuid4

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.deals.models import Deal
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from retention.handoffs.models.templates import HandoffItem, HandoffVersion
from retention.success_plans.models import SuccessPlan
from retention.work.models import WorkItem

HISTORY = "As long as the account's history"


class Handoff(Record):
    """One customer handed over by one of us to another, by one version of a checklist. Written by `handoffs.services`.

    `key` names what it was born from (`won:<source>:<deal>`): it starts once. `lacking` counts the blocking items that
    are not done; what lacks something can be neither submitted nor accepted. Whoever hands over wrote it, and sees it
    for good, on the account's team or not.
    """

    AREA = Area.WORK
    ACCOUNT_PATH = "account"
    ASSIGNED_PATH = "giver"
    PERSONAL = {"fit_note": Personal("Why a leader took a customer who fits badly", HISTORY, "clear")}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        """The deal is in commit, or open again: it can be filled in, and no clock runs."""
        OPEN = "open", "To complete"
        SUBMITTED = "submitted", "To accept"
        RETURNED = "returned", "Returned"
        """The receiver sent items back with reasons; the giver mends them."""
        ACCEPTED = "accepted", "Accepted"
        CANCELLED = "cancelled", "Cancelled"
        """The deal was lost after all, or somebody called it off."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="handoffs")
    version = models.ForeignKey(HandoffVersion, on_delete=models.PROTECT, related_name="handoffs")
    deal = models.ForeignKey(Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="handoffs")
    key = models.CharField(max_length=250, unique=True)
    giver = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.DRAFT)
    readiness = models.PositiveSmallIntegerField(
        default=0, validators=[MaxValueValidator(100)], help_text="Per cent of what blocks that is done."
    )
    lacking = models.PositiveSmallIntegerField(default=0, help_text="Blocking items that are not done.")
    loops = models.PositiveSmallIntegerField(default=0, help_text="How often it was returned.")
    promised = models.JSONField(default=dict, blank=True, help_text="Key of a date → the instant promised.")
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True, help_text="When the clock began.")
    submitted_at = models.DateTimeField(null=True, blank=True)
    submitted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    fit_signed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    fit_signed_at = models.DateTimeField(null=True, blank=True)
    fit_note = models.CharField(max_length=500, blank=True)
    work = models.OneToOneField(
        WorkItem,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="handoff",
        help_text="What the one side whose turn it is has to do.",
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["submitted", "accepted"]) | Q(lacking=0),
                name="nothing_that_blocks_is_skipped",
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", accepted_at__isnull=False, submitted_at__isnull=False)
                | (~Q(state="accepted") & Q(accepted_at=None)),
                name="an_accepted_handoff_says_when",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by=None)
                | (
                    (Q(giver=None) | ~Q(accepted_by=F("giver")))
                    & (Q(submitted_by=None) | ~Q(accepted_by=F("submitted_by")))
                ),
                name="nobody_accepts_what_they_handed_over",
            ),
            models.CheckConstraint(
                condition=Q(giver=None) | Q(receiver=None) | ~Q(giver=F("receiver")),
                name="a_handoff_has_two_sides_that_differ",
            ),
            models.CheckConstraint(condition=Q(readiness__lte=100), name="readiness_is_at_most_a_hundred"),
        ]
        indexes = [
            # What somebody has to complete, by state.
            models.Index(fields=["giver", "state"], name="handoffs_of_giver"),
            # What somebody has to accept, by state.
            models.Index(fields=["receiver", "state"], name="handoffs_of_receiver"),
            # The list of handoffs and its pages, newest first.
            models.Index(fields=["created_at"], name="handoffs_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.version.template.name}: {self.account}"

    @property
    def is_over(self) -> bool:
        """Whether nobody has anything to do about it any more."""
        return self.state in (self.State.ACCEPTED, self.State.CANCELLED)

    @property
    def is_with_giver(self) -> bool:
        """Whether items may be filled in: it is neither with the receiver nor over."""
        return self.state in (self.State.DRAFT, self.State.OPEN, self.State.RETURNED)


class HandoffTurn(Record):
    """One turn of one side of a handoff: the work it had, with its clock. Written by `handoffs.services.turns`.

    The handoff itself knows the work of the latest turn alone; how the clocks of all turns went is measured here.
    """

    AREA = Area.WORK
    ACCOUNT_PATH = "handoff__account"
    PERSONAL = {}

    handoff = models.ForeignKey(Handoff, on_delete=models.CASCADE, related_name="turns")
    work = models.OneToOneField(WorkItem, on_delete=models.PROTECT, related_name="handoff_turn")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.handoff_id}: {self.work_id}"


def _place(file: "HandoffFile", name: str) -> str:
    """Where a file lies: under a name that nobody guesses, whatever it was called."""
    return f"handoffs/{file.handoff_id}/{uuid4().hex}{PurePath(name).suffix[:10].lower()}"


class HandoffFile(Record):
    """A file given as evidence. Only who may see the handoff gets it, through a page that asks."""

    AREA = Area.WORK
    ACCOUNT_PATH = "handoff__account"
    PERSONAL = {}

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField(help_text="Bytes.")
    content = models.FileField(upload_to=_place, max_length=200)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.name


class Answer(Record):
    """What was given for one item of one handoff. Its row begins with the first answer.

    `revision` rises with each save: who saves over an older one than there is gets told, and nothing is lost. `source`
    is empty for what a person said, else where the fact came from that filled the item in.
    """

    AREA = Area.WORK
    ACCOUNT_PATH = "handoff__account"
    PERSONAL = {"text": Personal("What is handed over about a customer", HISTORY, "clear")}

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="answers")
    item = models.ForeignKey(HandoffItem, on_delete=models.PROTECT, related_name="+")
    text = models.TextField(blank=True)
    number = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    day = models.DateField(null=True, blank=True)
    flag = models.BooleanField(null=True, blank=True)
    link = models.URLField(max_length=1000, blank=True)
    file = models.ForeignKey(HandoffFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    stakeholder = models.ForeignKey(Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(SuccessPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=120, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    revision = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["handoff", "item"], name="an_item_is_answered_once_a_handoff")]

    def __str__(self) -> str:
        return f"{self.item_id} of {self.handoff_id}"


class ItemReturn(Record):
    """One item that the receiver sent back, with a coded reason; mended by the giver's next save of it."""

    AREA = Area.WORK
    ACCOUNT_PATH = "handoff__account"
    PERSONAL = {"note": Personal("What the receiver of a handoff misses", HISTORY, "clear")}

    class Reason(models.TextChoices):
        MISSING_EVIDENCE = "missing_evidence", "Evidence is missing"
        WRONG_CONTACT = "wrong_contact", "Wrong contact"
        VAGUE_VALUE = "vague_value", "Value is vague"
        UNCONFIRMED_PROMISE = "unconfirmed_promise", "Promise is not confirmed"
        SCOPE_MISMATCH = "scope_mismatch", "Scope does not match"
        BAD_FIT = "bad_fit", "Bad fit"
        DUPLICATE = "duplicate", "Duplicate"
        OTHER = "other", "Something else"

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="returns")
    item = models.ForeignKey(HandoffItem, on_delete=models.PROTECT, related_name="+")
    loop = models.PositiveSmallIntegerField(help_text="The how-manieth return of the handoff it was part of.")
    reason = models.CharField(max_length=19, choices=Reason.choices)
    note = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    mended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["handoff", "item"], condition=Q(mended_at=None), name="an_item_is_sent_back_once_at_a_time"
            ),
            models.CheckConstraint(condition=~Q(reason="other") | ~Q(note=""), name="a_reason_of_another_kind_is_told"),
        ]

    def __str__(self) -> str:
        return f"{self.get_reason_display()}: {self.item_id}"


class Promise(Record):
    """One thing that somebody of us promised the customer before the handoff, and whether it can be kept."""

    AREA = Area.WORK
    ACCOUNT_PATH = "handoff__account"
    PERSONAL = {
        "what": Personal("What was promised to a customer", HISTORY, "clear", instead="Promise {id}"),
        "to_whom": Personal("Who was promised something", HISTORY, "clear"),
        "evidence": Personal("Where a promise stands written", HISTORY, "clear"),
        "note": Personal("Why a promise can be kept or not", HISTORY, "clear"),
    }

    class Verdict(models.TextChoices):
        CAN_KEEP = "can_keep", "Can keep"
        NEEDS_PRODUCT = "needs_product", "Needs product"
        """Only with something that the product cannot do yet."""
        CANNOT_KEEP = "cannot_keep", "Cannot keep"

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="promises")
    what = models.CharField(max_length=500)
    to_whom = models.CharField("to whom", max_length=200, blank=True)
    promised_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="who promised it"
    )
    due_on = models.DateField("by when", null=True, blank=True)
    evidence = models.CharField(max_length=1000, blank=True, help_text="A link, or where it stands written.")
    verdict = models.CharField(max_length=13, choices=Verdict.choices, blank=True)
    note = models.CharField(max_length=500, blank=True)
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict="", judged_at=None) | (~Q(verdict="") & Q(judged_at__isnull=False)),
                name="a_judged_promise_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.what
