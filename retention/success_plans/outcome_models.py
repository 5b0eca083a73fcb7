"""What a plan led to, and how the customer sees it."""

import datetime as dt

from django.db import models
from django.db.models import F, Q

from accounts.foundation.clock import validate_plausible
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.stakeholders.models import Stakeholder
from retention.success_plans.link_models import Link
from retention.success_plans.models import WORDS, PlanObjective, SuccessPlan


class PlanWin(Record):
    """Something that became better, before and after, with whoever at the customer it is thanks to."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "plan__account"
    PERSONAL = {"told": WORDS}

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="wins")
    objective = models.ForeignKey(
        PlanObjective, null=True, blank=True, on_delete=models.SET_NULL, related_name="wins", verbose_name="of"
    )
    title = models.CharField("what became better", max_length=250)
    before = models.CharField(max_length=120)
    after = models.CharField(max_length=120)
    told = models.TextField("in their words", blank=True, max_length=2000)
    thanks_to = models.ForeignKey(Stakeholder, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    happened_on = models.DateField("when", validators=[validate_plausible])
    is_shared = models.BooleanField("the customer sees it", default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name = "win"
        ordering = ["-happened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(title="") & ~Q(before="") & ~Q(after=""), name="a_win_says_before_and_after"
            )
        ]

    def __str__(self) -> str:
        return self.title


class PlanLink(Link):
    """One address at which somebody at the customer sees a plan; what is ticked there is ticked by `stakeholder`."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "plan__account"
    PERSONAL = {}

    plan = models.ForeignKey(SuccessPlan, on_delete=models.CASCADE, related_name="links")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.PROTECT, related_name="plan_links")

    class Meta(Link.Meta):
        verbose_name = "link to a plan"
        verbose_name_plural = "links to plans"
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("made_at")), name="a_link_ends_after_it_was_made")
        ]

    def __str__(self) -> str:
        return f"Link for {self.stakeholder}"

    def opens_at(self, at: dt.datetime) -> bool:
        """Whether it opens the plan at `at`: not once the person has left."""
        return super().opens_at(at) and self.stakeholder.left_at is None
