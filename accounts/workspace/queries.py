import datetime as dt
import time
import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from accounts.workspace.models import Source, Workspace

_read: ContextVar[list[Workspace] | None] = ContextVar("workspace as it was read", default=None)


def workspace() -> Workspace:
    """The installation's one row; an unsaved default where first start has not happened."""
    read = _read.get()
    if read:
        return read[0]
    found = Workspace.objects.first()
    if found and read is not None:
        read.append(found)
    return found or Workspace(company="Your company")


@contextmanager
def workspace_read_once() -> Iterator[None]:
    """Within it `workspace` asks the database once: around what reads and decides nothing about the workspace."""
    token = _read.set(_read.get() or [])
    try:
        yield
    finally:
        _read.reset(token)


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
