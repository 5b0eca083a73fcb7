"""Taking from a limit. One statement counts and decides, so any number of processes may ask at once."""

import threading
import time
from dataclasses import dataclass

from django.db import connection

from accounts.foundation.keys import keyed_hash
from accounts.throttling.models import Allowance

SHARE = 20
"""A process takes a twentieth of a large limit at a time and hands it out itself: a write for each request would cost
more than many requests do. What it does not hand out lapses with the window; the limit is never exceeded."""
MOST_BUCKETS = 10_000


@dataclass(frozen=True)
class Limit:
    """So many times in so many seconds, each caller for itself."""

    name: str
    times: int
    seconds: int


@dataclass(frozen=True)
class Verdict:
    """Whether it may happen, how many are left (as far as this process knows), and for how long the window lasts."""

    allowed: bool
    left: int
    wait_s: float


@dataclass
class _Held:
    """What this process still has of a bucket, until the window ends on its own clock."""

    left: int
    ends: float
    unused: int
    is_final: bool


class TooMany(RuntimeError):
    """A limit is used up for another `wait_s` seconds."""

    def __init__(self, limit: Limit, wait_s: float) -> None:
        super().__init__(f"{limit.name}: {limit.times} in {limit.seconds} s")
        self.limit, self.wait_s = limit, wait_s


_held: dict[str, _Held] = {}
_lock = threading.Lock()


def take(limit: Limit, who: str) -> Verdict:
    """Takes one of what `who` has in the present window of `limit`. Not for use in a transaction: it counts at once."""
    bucket = _bucket(limit, who)
    with _lock:
        verdict = _from_held(bucket)
    if verdict is None:
        reserved = _reserve(limit, bucket)
        with _lock:
            _keep(bucket, reserved)
            verdict = _from_held(bucket)
    return verdict or Verdict(False, 0, reserved.ends - time.monotonic())


def demand(limit: Limit, who: str) -> None:
    """As `take`, but raises TooMany."""
    verdict = take(limit, who)
    if not verdict.allowed:
        raise TooMany(limit, verdict.wait_s)


def forgive(limit: Limit, who: str) -> None:
    """Gives back all that `who` has used."""
    bucket = _bucket(limit, who)
    _held.pop(bucket, None)
    Allowance.objects.filter(bucket=bucket).delete()


def _bucket(limit: Limit, who: str) -> str:
    return keyed_hash(f"{limit.name} {who}")


def _from_held(bucket: str) -> Verdict | None:
    """The answer of this process alone; None where it must ask."""
    held, now = _held.get(bucket), time.monotonic()
    if held is None or held.ends <= now:
        return None
    if held.left:
        held.left -= 1
        return Verdict(True, held.left + held.unused, held.ends - now)
    return Verdict(False, 0, held.ends - now) if held.is_final else None


def _keep(bucket: str, reserved: _Held) -> None:
    """Adds to what another thread may have reserved meanwhile."""
    if len(_held) >= MOST_BUCKETS:
        _held.clear()
    before = _held.get(bucket)
    if before and before.ends > time.monotonic():
        reserved.left += before.left
    _held[bucket] = reserved


def _reserve(limit: Limit, bucket: str) -> _Held:
    """Takes a share of the bucket, or what is left of it."""
    share = max(1, limit.times // SHARE)
    used, window_s = _count(bucket, share, limit.seconds)
    granted = max(0, min(share, limit.times - (used - share)))
    # Of a small limit each refusal is asked for: another process may have forgiven it.
    is_final = share > 1 and used >= limit.times
    return _Held(granted, time.monotonic() + window_s, max(0, limit.times - used), is_final)


NOW_MS = {
    "postgresql": "(extract(epoch from clock_timestamp()) * 1000)::bigint",
    "sqlite": "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
}
IN_WINDOW = "had.began_ms BETWEEN excluded.began_ms - %s + 1 AND excluded.began_ms + %s"
"""The clock of one who waited for the row may be behind the one who wrote it; a clock that was set back by more than a
window begins a new one."""
COUNT = """
    INSERT INTO {table} AS had (bucket, began_ms, used) VALUES (%s, {now}, %s)
    ON CONFLICT (bucket) DO UPDATE SET
        used = CASE WHEN {in_window} THEN had.used ELSE 0 END + excluded.used,
        began_ms = CASE WHEN {in_window} THEN had.began_ms ELSE excluded.began_ms END
    RETURNING used, began_ms + %s - {now}
"""


def _count(bucket: str, more: int, seconds: int) -> tuple[int, float]:
    """How much of the bucket is used with `more`, and for how many seconds its window lasts."""
    now = NOW_MS[connection.vendor]
    text = COUNT.format(table=Allowance._meta.db_table, now=now, in_window=IN_WINDOW)
    length = seconds * 1000
    with connection.cursor() as cursor:
        cursor.execute(text, [bucket, more, length, length, length, length, length])
        used, left_ms = cursor.fetchone()
    return used, min(max(left_ms, 1), length) / 1000
