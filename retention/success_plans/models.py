from decimal import Decimal

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.deals.models import Deal
from accounts.foundation.clock import validate_plausible
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import OnMerge, Personal, Record
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from retention.success_plans.template_models import PlanTemplateVersion
from retention.work.models import WorkItem

WORDS = Personal(
    "What was agreed with people at the customer", "As long as the account's history", "clear", instead="(erased)"
)


def validate_web_address(value: str) -> None:
    """A link that a browser opens: nothing that runs."""
    if not value.startswith(("https://", "http://")):
        raise ValidationError("Give a link that begins with https://.")


class SuccessPlan(Record):
    """What we and one customer agreed to reach: objectives, the tasks towards them, and what was won.

    Started by `success_plans.starting`, at most once for a won deal, or by hand. It stays on the versions of the
    templates it was made from; editing those never changes it.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "account"
    PERSONAL = {}
    MERGE = {"account": OnMerge.MOVE}

    class State(models.TextChoices):
        OPEN = "open", "Under way"
        HELD = "held", "On hold"
        """Its deal was reopened or lost; a person decides."""
        CLOSED = "closed", "Completed"
        """Somebody ended it; it can be read, not changed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="success_plans")
    deal = models.OneToOneField(
        Deal, null=True, blank=True, on_delete=models.PROTECT, related_name="success_plan", help_text="Empty: by hand."
    )
    name = models.CharField(max_length=200)
    template = models.ForeignKey(PlanTemplateVersion, on_delete=models.PROTECT, related_name="+")
    path = models.ForeignKey(PlanTemplateVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=6, choices=State.choices, default=State.OPEN)
    review_days = models.PositiveSmallIntegerField(
        "days between reviews", default=7, validators=[MinValueValidator(1), MaxValueValidator(366)]
    )
    is_draft = models.BooleanField(
        default=False, help_text="Made before its deal was won: objectives alone. Its tasks come with the win."
    )
    reviewed_at = models.DateTimeField(null=True, blank=True)
    review = models.OneToOneField(
        WorkItem, null=True, blank=True, on_delete=models.PROTECT, related_name="reviewed_plan", help_text="The next."
    )
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "success plan"
        ordering = ["-started_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", ended_at__isnull=False) | (~Q(state="closed") & Q(ended_at=None)),
                name="a_completed_plan_says_when",
            ),
        ]
        indexes = [
            # Plans of an account, newest first, and the facts made from them.
            models.Index(fields=["account", "started_at"], name="plans_of_account"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_open(self) -> bool:
        """Whether it can be worked on."""
        return self.state == self.State.OPEN


class PlanObjective(Record):
    """One thing to reach, measured. It cannot be closed without goal, owners, effort, date, evidence and next step."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "plan__account"
    PERSONAL = {"evidence": WORDS, "next_step": WORDS}

    class State(models.TextChoices):
        OPEN = "open", "Open"
        CLOSED = "closed", "Reached"
        """With evidence and a next step."""
        DROPPED = "dropped", "Dropped"
        """Given up, with the reason in the trail."""

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="objectives")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=KEY_LENGTH, blank=True, validators=[validate_key], help_text="Of the template.")
    goal = models.CharField(max_length=250)
    measure = models.CharField(max_length=250, blank=True, help_text="By what we both see that it is reached.")
    baseline = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    target = models.DecimalField(max_digits=18, decimal_places=4, null=True, blank=True)
    value = models.DecimalField(
        "value now", max_digits=18, decimal_places=4, null=True, blank=True, help_text="Where no fact measures it."
    )
    unit = models.CharField(max_length=40, blank=True)
    fact = models.CharField(
        "measured by", max_length=KEY_LENGTH, blank=True, help_text="Empty: somebody enters the value."
    )
    alert_percent = models.PositiveSmallIntegerField(
        "alert below, % of target", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    our_owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    their_owner = models.ForeignKey(Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    effort = models.CharField(max_length=120, blank=True, help_text="Such as 2 hours a week.")
    due_on = models.DateField("date", null=True, blank=True, validators=[validate_plausible])
    evidence = models.TextField(blank=True, max_length=5000, help_text="What shows it. A sentence is enough.")
    evidence_url = models.CharField("link to evidence", max_length=500, blank=True, validators=[validate_web_address])
    next_step = models.CharField(max_length=500, blank=True)
    is_shared = models.BooleanField("the customer sees it", default=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reached_at = models.DateTimeField(null=True, blank=True, help_text="When its fact first reached the target.")
    alerted_at = models.DateTimeField(null=True, blank=True, help_text="When somebody was told that it fell short.")
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "objective"
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="closed")
                | (
                    ~Q(goal="")
                    & ~Q(evidence="", evidence_url="")
                    & ~Q(next_step="")
                    & ~Q(effort="")
                    & Q(our_owner__isnull=False, their_owner__isnull=False)
                    & Q(due_on__isnull=False, closed_at__isnull=False)
                ),
                name="a_reached_objective_has_evidence_and_next_step",
            ),
        ]
        indexes = [
            # Usage goals that may have to be told of.
            models.Index(fields=["fact"], condition=Q(state="open") & ~Q(fact=""), name="usage_goals"),
        ]

    def __str__(self) -> str:
        return self.goal

    @property
    def is_open(self) -> bool:
        """Whether it is still to be reached."""
        return self.state == self.State.OPEN

    @property
    def is_goal_of_use(self) -> bool:
        """Whether a fact measures it."""
        return bool(self.fact) and self.target is not None

    @property
    def alert_below(self) -> Decimal | None:
        """The value below which its owner is told; None where nobody wants to know."""
        if self.target is None or not self.alert_percent:
            return None
        return self.target * self.alert_percent / 100


class PlanTask(Record):
    """One piece of work of a plan, ours or the customer's. One of ours is a work item of whoever does it."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "plan__account"
    PERSONAL = {}

    class Side(models.TextChoices):
        OURS = "ours", "Ours"
        THEIRS = "theirs", "The customer's"

    class State(models.TextChoices):
        OPEN = "open", "Open"
        DONE = "done", "Done"
        SKIPPED = "skipped", "Not needed"
        """Somebody decided that it is not needed."""

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="tasks")
    objective = models.ForeignKey(
        PlanObjective, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks", verbose_name="towards"
    )
    position = models.PositiveSmallIntegerField()
    list = models.CharField(max_length=KEY_LENGTH, blank=True, help_text="Key of the template it came from.")
    title = models.CharField(max_length=250)
    result = models.CharField("what comes of it", max_length=500, blank=True)
    side = models.CharField("whose", max_length=6, choices=Side.choices, default=Side.OURS)
    role = models.CharField(max_length=20, blank=True)
    minutes = models.PositiveIntegerField(
        "minutes it takes", null=True, blank=True, validators=[MaxValueValidator(10_000)]
    )
    our_owner = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    their_owner = models.ForeignKey(Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField("due", null=True, blank=True, validators=[validate_plausible])
    repeat_days = models.PositiveSmallIntegerField("repeat after days", null=True, blank=True)
    times_left = models.PositiveSmallIntegerField(null=True, blank=True)
    is_shared = models.BooleanField("the customer sees it", default=True)
    state = models.CharField(max_length=7, choices=State.choices, default=State.OPEN)
    done_at = models.DateTimeField(null=True, blank=True)
    done_on = models.DateField(null=True, blank=True, help_text="The same as a day of the workspace.")
    done_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_by_customer = models.ForeignKey(
        Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="+", help_text="By their link."
    )
    work_item = models.OneToOneField(
        WorkItem, null=True, blank=True, on_delete=models.PROTECT, related_name="plan_task"
    )
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "task"
        ordering = ["due_on", "position", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open", done_at=None) | (~Q(state="open") & Q(done_at__isnull=False)),
                name="a_task_that_is_over_says_when",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state == self.State.OPEN
