import datetime as dt
import time
import zoneinfo

from accounts.foundation.remembering import remembered
from accounts.workspace.models import Source, Workspace


@remembered
def workspace() -> Workspace:
    """The installation's one row; an unsaved default where first start has not happened."""
    return Workspace.objects.first() or Workspace(company="Your company")


_KEPT_S = 60.0
_currency: list[tuple[float, str]] = []


def base_currency() -> str:
    """The workspace's currency. Kept for a minute in each process: lists ask for it once a row."""
    if not _currency or time.monotonic() - _currency[0][0] > _KEPT_S:
        _currency[:] = [(time.monotonic(), workspace().base_currency)]
    return _currency[0][1]


def forget_base_currency() -> None:
    """Asks again at the next call; whoever changes the workspace calls it."""
    _currency.clear()


def today(at: dt.datetime) -> dt.date:
    """The date of `at` in the workspace's time zone: what conditions on dates call today."""
    return at.astimezone(zoneinfo.ZoneInfo(workspace().time_zone)).date()


def is_stale(source: Source, *, at: dt.datetime) -> bool:
    """Whether `source` has been silent for longer than it may, for anybody."""
    if source.last_delivery_at is None:
        return True
    return at - source.last_delivery_at > dt.timedelta(hours=source.stale_after_hours)
