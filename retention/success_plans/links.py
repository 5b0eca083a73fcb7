"""Addresses at which somebody at the customer sees a plan: made, opened, revoked."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse

from accounts.foundation import audit
from accounts.foundation.keys import new_secret
from accounts.portfolio.events import happened
from accounts.stakeholders import links
from accounts.stakeholders.models import Stakeholder
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.link_models import Link
from retention.success_plans.models import SuccessPlan
from retention.success_plans.outcome_models import PlanLink
from retention.success_plans.versions import NotPossible

PLAN, TEMPLATE = "plan", "template"
DAYS, MOST_DAYS = 90, 400
MOST_LINKS = 50
"""Links of one plan that are open at a time."""


@transaction.atomic
def share(
    plan: SuccessPlan, *, stakeholder: Stakeholder, by: Any, at: dt.datetime, language: str = "en", days: int = DAYS
) -> PlanLink:
    """A link for one person at the customer; what they tick there is ticked in their name."""
    if stakeholder.account_id != plan.account_id:
        raise ValidationError({"stakeholder": f"{stakeholder} is at another account; choose somebody of this one."})
    if stakeholder.left_at:
        raise ValidationError({"stakeholder": f"{stakeholder} has left; choose somebody who is there."})
    made = PlanLink(plan=plan, stakeholder=stakeholder, language=language, made_by=by)
    begin(made, days=days, at=at)
    if plan.links.filter(revoked_at=None, ends_at__gt=at).count() >= MOST_LINKS:
        raise ValidationError(f"A plan has at most {MOST_LINKS} open links; revoke one first.")
    audit.create(made, verb="plan_link.make", by=by, at=at)
    happened("plan.shared", plan.account, by=by, at=at, subject=made, name=plan.name)
    return made


def begin(link: Link, *, days: int, at: dt.datetime) -> None:
    """Gives a new link its nonce, open for `days` from `at`; whoever made it saves it."""
    if link.language not in LANGUAGES:
        raise ValidationError({"language": f"Choose one of {', '.join(LANGUAGES)}."})
    if not 1 <= days <= MOST_DAYS:
        raise ValidationError({"days": f"Give a number of days from 1 to {MOST_DAYS}."})
    link.nonce, link.made_at, link.ends_at = new_secret(), at, at + dt.timedelta(days=days)


@transaction.atomic
def revoke(link: PlanLink, *, by: Any, at: dt.datetime) -> PlanLink:
    """Ends a link at once: from now on its address says that it was taken back."""
    link.refresh_from_db(from_queryset=PlanLink.objects.select_for_update())
    if link.revoked_at:
        raise NotPossible("This link is revoked already. Nothing was changed.")
    audit.update(link, verb="plan_link.revoke", by=by, at=at, revoked_at=at)
    happened("plan.link_revoked", link.plan.account, by=by, at=at, subject=link, name=link.plan.name)
    return link


@transaction.atomic
def seen(link: PlanLink, *, at: dt.datetime) -> None:
    """Notes that the page of a link was looked at, at most once in five minutes; the first time is told of."""
    if not link.is_new_look(at):
        return
    is_first = link.last_seen_at is None
    audit.update(link, verb="plan_link.open", by=None, at=at, last_seen_at=at)
    if is_first:
        happened("plan.seen", link.plan.account, by=None, at=at, subject=link, name=link.plan.name)


def address(link: PlanLink) -> str:
    """The whole address of the customer's page."""
    return absolute(links.sign(PLAN, link.nonce))


def absolute(token: str) -> str:
    """The whole address that a signed token opens."""
    return settings.PUBLIC_URL.rstrip("/") + reverse("shared", args=[token])
