"""Facts that grow old by themselves: a day passes, a source falls silent or speaks again."""

import datetime as dt
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q

from accounts.facts import projection, silence
from accounts.facts.models import AccountFacts
from accounts.facts.projection import BATCH
from accounts.facts.registry import derivations
from accounts.foundation.clock import now, utc_day
from accounts.foundation.lanes import lane
from accounts.identity.models import ExternalId
from accounts.ingestion.models import AccountActivity
from accounts.workspace.models import Source
from accounts.workspace.queries import today, workspace


def project_aged(*, at: dt.datetime | None = None) -> int:
    """Projects rows that grew old by themselves, a batch at a time; returns how many.

    With the day a window moves on and people fall out of it. When a source falls silent its facts become unknown;
    when it speaks again they come back for all accounts.
    """
    at = at or now()
    with lane("facts"):
        if ids := _of_days_past(at):
            projection.project(ids, at=at).mark(at=at, cause="time")
            return len(ids)
        for source in silence.noted(at=at):
            if ids := _of_changed_source(source):
                projection.project(ids, at=at).mark(at=at)
                return len(ids)
    return 0


def _of_days_past(at: dt.datetime) -> list[int]:
    """Accounts projected before today began, in UTC for windows over activity and in our time zone for contracts.

    So are those projected before a rule changed from which some of their facts follow.
    """
    began = dt.datetime.combine(utc_day(at), dt.time(), dt.UTC)
    began_here = dt.datetime.combine(today(at), dt.time(), ZoneInfo(workspace().time_zone))
    changed = [moment for one in derivations.values() if (moment := one.changed_at()) and moment <= at]
    rows = AccountFacts.objects.filter(projected_at__lt=max(began, began_here, *changed))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _of_changed_source(source: Source) -> list[int]:
    """The next accounts that still have to learn that `source` fell silent, or speaks again.

    `reads_silent` says what is being told, `told_until` how far in the order of accounts; empty when all know.
    """
    if source.told_until is None:
        return []
    rows = AccountFacts.objects.filter(_hears_of(source), pk__gt=source.told_until)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])
    silence.told(source, until=ids[-1] if ids else None)
    return ids


def _hears_of(source: Source) -> Q:
    """Accounts that `source` tells us about."""
    active = AccountActivity.objects.filter(source=source, account=OuterRef("account"))
    called = ExternalId.objects.filter(source=source, account=OuterRef("account"))
    return Q(Exists(active)) | Q(Exists(called))
