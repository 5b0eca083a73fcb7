"""Pages on which people who have not bought yet see what begins when they do."""

from django.db import models
from django.db.models import F, Q

from accounts.deals.models import Deal
from accounts.foundation.scope import Area
from retention.success_plans.link_models import Link
from retention.success_plans.template_models import PlanTemplate


class ProspectLink(Link):
    """One address at which a prospect sees a template: what the first 90 days look like. Nothing of any customer."""

    AREA = Area.ACCOUNTS
    ACCOUNT_PATH = "deal__account"
    ASSIGNED_PATH = "made_by"
    PERSONAL = {}

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

    class Meta(Link.Meta):
        verbose_name = "page for a prospect"
        verbose_name_plural = "pages for prospects"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("made_at")), name="a_prospects_link_ends_after_it_was_made"
            )
        ]

    def __str__(self) -> str:
        return f"{self.template} for {self.company or 'a prospect'}"
