"""Writing standings: many at a time, in one statement."""

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db import connection

from accounts.foundation import many
from accounts.foundation.many import among
from retention.evaluation.models import WORD, Standing
from retention.evaluation.scan import Found

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
LONG_AGO = EPOCH
"""Since when something is true that was so at the first look: longer than any rule asks for."""
MICROSECOND = dt.timedelta(microseconds=1)
_COLUMNS = {
    "account_id": "bigint",
    "wake_at": "timestamptz",
    "wake_on": "date",
    "changed_at": "timestamptz",
}


def save(found: Sequence[Found], *, masks: Mapping[int, int], at: dt.datetime) -> None:
    """Writes the new state of these accounts: `masks` says which bits of which word were asked."""
    changed_at = connection.ops.adapt_datetimefield_value(at)
    columns = dict(_COLUMNS) | {f"{kind}_{word}": "bigint" for word in masks for kind in ("true", "held")}
    rows = [(one.account_id, one.wake_at, one.wake_on, changed_at, *_words(one, masks)) for one in found]
    many.upsert_values(Standing._meta.db_table, columns, rows, key="account_id")  # what `since` remembers stays


def _words(one: Found, masks: Mapping[int, int]) -> Iterator[int]:
    for word, mask in masks.items():
        bits = one.bits[word]
        yield bits.true ^ bits.turned
        yield (bits.held & ~mask) | bits.unknown


def masks(slots: Iterable[int]) -> dict[int, int]:
    """Word → the bits of these slots."""
    found: dict[int, int] = {}
    for slot in slots:
        word, bit = divmod(slot, WORD)
        found[word] = found.get(word, 0) | 1 << bit
    return found


def clear(*, masks: Mapping[int, int], after: int, until: int) -> None:
    """Takes these bits out of the standings of the accounts in a range: nobody is anything any more."""
    words = [(f"{kind}_{word}", mask) for word, mask in masks.items() for kind in ("true", "held")]
    sets = ", ".join(f"{name} = {name} & {~mask}" for name, mask in words)
    found = " OR ".join(f"({name} & {mask}) <> 0" for name, mask in words)
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE "{Standing._meta.db_table}" SET {sets} WHERE account_id > %s AND account_id <= %s AND ({found})',
            [after, until],
        )


def remember(began: Mapping[int, Mapping[int, dt.datetime | None]]) -> None:
    """Account id → slot → since when it is true, or None where it no longer is."""
    rows = list(Standing.objects.filter(pk__in=among(began)).only("account_id", "since"))
    for row in rows:
        for slot, since in began[row.pk].items():
            if since is None:
                row.since.pop(str(slot), None)
            else:
                row.since[str(slot)] = (since - EPOCH) // MICROSECOND
    _keep_since(rows)


def forget(slots: Iterable[int], *, after: int, until: int) -> None:
    """Drops what is remembered under these slots."""
    keys = {str(slot) for slot in slots}
    remembering = Standing.objects.filter(pk__gt=after, pk__lte=until).exclude(since={})
    rows = [row for row in remembering if keys & row.since.keys()]
    for row in rows:
        row.since = {slot: began for slot, began in row.since.items() if slot not in keys}
    _keep_since(rows)


def take_as_long_true() -> list[int]:
    """Counts everything that is remembered as true as true for long; returns the accounts for which that is so."""
    rows = list(Standing.objects.exclude(since={}).only("account_id", "since"))
    for row in rows:
        row.since = dict.fromkeys(row.since, (LONG_AGO - EPOCH) // MICROSECOND)
    _keep_since(rows)
    return [row.pk for row in rows]


def _keep_since(rows: Iterable[Standing]) -> None:
    many.change(Standing, ["since"], [(row.pk, json.dumps(row.since)) for row in rows])


def began(row: Standing | None, slot: int | None) -> dt.datetime | None:
    """Since when the hold in `slot` is true for the account."""
    microseconds = row.since.get(str(slot)) if row else None
    return EPOCH + microseconds * MICROSECOND if isinstance(microseconds, int) else None


def earlier(one: str | None, other: dt.datetime) -> str:
    """The earlier of an instant as a scan gives it (or none) and another, as a scan would give it."""
    written = str(connection.ops.adapt_datetimefield_value(other))
    return written if one is None or _read(one) > other else one


def _read(text: str) -> dt.datetime:
    found = dt.datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)
