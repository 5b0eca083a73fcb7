"""A colleague knows better: the band that counts for a while, beside the computed one."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.foundation import audit
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.workspace.queries import today
from retention.health.models import MOST_OVERRIDDEN_DAYS, Band, HealthOverride


@transaction.atomic
def override(
    account: Account, *, band: str, reason: str, until_on: dt.date, by: Any, at: dt.datetime
) -> HealthOverride:
    """From now on `band` counts for the account, up to and including `until_on`; an earlier override ends.

    Raises ValidationError where there is no reason, or the last day is past or more than 60 days ahead.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    day, reason = today(at), reason.strip()
    wrong = {}
    if band not in (Band.GREEN, Band.AMBER, Band.RED):
        wrong["band"] = "Choose green, amber or red."
    if not reason:
        wrong["reason"] = "Say why: whoever looks at the account next has to understand it."
    if not 1 <= (until_on - day).days <= MOST_OVERRIDDEN_DAYS:
        latest = day + dt.timedelta(days=MOST_OVERRIDDEN_DAYS)
        wrong["until_on"] = f"Choose a day after today, {latest:%d %b %Y} at the latest."
    if wrong:
        raise ValidationError(wrong)
    for earlier in HealthOverride.objects.filter(account=account, ended_at=None):
        audit.update(earlier, verb="health.replace", by=by, at=at, ended_at=at, ended_by=by)
    made = HealthOverride(
        account=account, band=band, reason=reason, from_on=day, days=(until_on - day).days, made_at=at, made_by=by
    )
    audit.create(made, verb="health.override", by=by, at=at)
    happened(
        "health.overridden", account, by=by, at=at, subject=made, band=made.get_band_display(), until=f"{until_on}"
    )
    return made


@transaction.atomic
def end(made: HealthOverride, *, by: Any, at: dt.datetime) -> HealthOverride:
    """The computed band counts again. Raises ValidationError where the override is over already."""
    made = HealthOverride.objects.select_for_update().get(pk=made.pk)
    if made.ended_at or made.until_on < today(at):
        raise ValidationError("This override is over already.")
    audit.update(made, verb="health.end", by=by, at=at, ended_at=at, ended_by=by)
    happened("health.override_ended", made.account, by=by, at=at, subject=made)
    return made
