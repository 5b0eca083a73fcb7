"""Pages on which people who have not bought yet see what begins when they do."""

from django.db import models
from django.db.models import F, Q

from accounts.deals.models import Deal
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import User
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.template_models import PlanTemplate


class ProspectLink(Record):
    """One address at which a prospect sees a template: what the first 90 days look like. It can be revoked, and ends.

    Nothing of any customer is on it. The address is signed over `nonce`, which alone opens nothing.
    """

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "deal__account"
    ASSIGNED_PATH = "made_by"
    PERSONAL = {}
    SECRET = frozenset({"nonce"})

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="prospect_links")
    deal = models.ForeignKey(
        Deal,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="prospect_links",
        help_text="Whose handoff it was made from; empty: from the template itself.",
    )
    company = models.CharField("name of their company", max_length=120, blank=True, help_text="Stands on top.")
    nonce = models.CharField(max_length=64, unique=True)
    language = models.CharField(max_length=5, choices=list(LANGUAGES.items()), default="en")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    ends_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "page for a prospect"
        verbose_name_plural = "pages for prospects"
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("made_at")), name="a_prospects_link_ends_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} for {self.company or 'a prospect'}"
