"""Facts put into place by hand, so that a test of verdicts needs no signals."""

import datetime as dt
from typing import Any

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.portfolio.models import Account
from retention.evaluation import baseline, passes
from retention.evaluation.models import Edge

AT = dt.datetime(2026, 6, 15, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def know(account: Account, **values: Any) -> None:
    """From now on these are the account's facts, and a pass has to look at them."""
    AccountFacts.objects.update_or_create(
        account=account, defaults={**values, "day": AT.date(), "projected_at": AT, "provenance": {}}
    )
    events.mark([account.pk], DirtyAccount.Pass.VERDICTS, at=AT)


def evaluate(at: dt.datetime = AT) -> list[Edge]:
    """The edges that the pass writes now, in their order."""
    before = set(Edge.objects.values_list("pk", flat=True))
    while baseline.advance(at=at):
        pass
    while passes.evaluate_dirty(at=at):
        pass
    return list(Edge.objects.exclude(pk__in=before).select_related("watch").order_by("id"))
