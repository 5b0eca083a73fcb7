"""The projection: facts of accounts made from what the rooms below hold. Run for dirty accounts, or for all."""

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from accounts.contracts.queries import Commercial, commercials
from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.catalogue import facts
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now, utc_day
from accounts.foundation.lanes import lane
from accounts.ingestion.activity import Usage, usage
from accounts.portfolio.queries import listed
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale, today, workspace

BATCH = 500
MIN_USERS_BEFORE = 5
"""With fewer users in the earlier window a change in per cent says nothing."""
PROJECTED = (
    "active_users_30d",
    "active_users_change_30d",
    "features_used_30d",
    "last_active_at",
    "arr_minor",
    "contract_end_date",
    "closed_won_at",
)
Values = dict[str, Any]
Seen = dict[str, list[str]]


def project_dirty(*, at: dt.datetime | None = None) -> int:
    """Projects the accounts that were marked; returns how many marks it used up."""
    with lane("facts"):
        marks = events.take(DirtyAccount.Pass.FACTS, limit=BATCH)
        changed = _write(sorted({mark.account_id for mark in marks}), at=at or now())
        events.mark(changed, DirtyAccount.Pass.VERDICTS, at=at or now())
    return len(marks)


def project_stale_days(*, at: dt.datetime | None = None) -> int:
    """Projects rows that grew old by themselves, a batch at a time; returns how many.

    With the day a window moves on and people fall out of it. When a source falls silent its facts become unknown;
    when it speaks again they come back for all accounts.
    """
    at = at or now()
    with lane("facts"):
        if ids := _of_days_past(at):
            events.mark(_write(ids, at=at), DirtyAccount.Pass.VERDICTS, at=at, cause="time")
        elif ids := _of_changed_sources(at):
            events.mark(_write(ids, at=at), DirtyAccount.Pass.VERDICTS, at=at)
    return len(ids)


def _of_days_past(at: dt.datetime) -> list[int]:
    """Accounts projected before today began: in UTC for windows over activity, in our time zone for contracts."""
    began = dt.datetime.combine(utc_day(at), dt.time(), dt.UTC)
    began_here = dt.datetime.combine(today(at), dt.time(), ZoneInfo(workspace().time_zone))
    rows = AccountFacts.objects.filter(projected_at__lt=max(began, began_here))
    return list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH])


def _of_changed_sources(at: dt.datetime) -> list[int]:
    """Accounts whose counts are known although their source is silent, or unknown although it speaks."""
    for source in Source.objects.all():
        silent = is_stale(source, at=at)
        rows = AccountFacts.objects.filter(account__activity__source=source, active_users_30d__isnull=not silent)
        if ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
            return ids
    return []


def rebuild(*, at: dt.datetime | None = None) -> int:
    """Projects every account; returns how many rows were different."""
    at = at or now()
    return sum(_rebuild(ids, at=at) for ids in _chunks())


def _rebuild(ids: list[int], *, at: dt.datetime) -> int:
    with lane("facts"):
        changed = _write(ids, at=at)
        events.mark(changed, DirtyAccount.Pass.VERDICTS, at=at, cause="correction")
    return len(changed)


def differences(*, at: dt.datetime | None = None) -> dict[int, list[str]]:
    """Account id → the facts that a rebuild would change. Writes nothing."""
    at = at or now()
    found: dict[int, list[str]] = {}
    for ids in _chunks():
        rows = AccountFacts.objects.in_bulk(ids)
        for account_id, (values, _) in _projected(ids, at=at).items():
            changed = _changed(rows.get(account_id), values)
            if changed:
                found[account_id] = changed
    return found


def _chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(listed().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


def _changed(row: AccountFacts | None, values: Values) -> list[str]:
    return [name for name, value in values.items() if (getattr(row, name) if row else None) != value]


def _write(ids: Sequence[int], *, at: dt.datetime) -> list[int]:
    """Writes the facts of `ids`; returns the ids of those whose values changed."""
    rows = AccountFacts.objects.in_bulk(ids)
    new: list[AccountFacts] = []
    kept: list[AccountFacts] = []
    changed: list[int] = []
    for account_id, (values, seen) in _projected(ids, at=at).items():
        row = rows.get(account_id)
        if _changed(row, values) or row is None:
            changed.append(account_id)
        (kept if row else new).append(_filled(row or AccountFacts(account_id=account_id), values, seen, at=at))
    AccountFacts.objects.bulk_create(new)
    AccountFacts.objects.bulk_update(kept, [*PROJECTED, "provenance", "day", "projected_at"], batch_size=200)
    return changed


def _filled(row: AccountFacts, values: Values, seen: Seen, *, at: dt.datetime) -> AccountFacts:
    for name, value in values.items():
        setattr(row, name, value)
    row.provenance = {name: entry for name, entry in row.provenance.items() if not _is_projected(name)} | seen
    row.day, row.projected_at = utc_day(at), at
    return row


def _is_projected(name: str) -> bool:
    """Whether the projection makes this fact; registers and custom facts are written by others."""
    return name in facts and facts[name].column in PROJECTED


def _projected(ids: Sequence[int], *, at: dt.datetime) -> dict[int, tuple[Values, Seen]]:
    used = usage(ids, day=utc_day(at))
    bought = commercials(ids, today=today(at))
    sources = Source.objects.in_bulk()
    found: dict[int, tuple[Values, Seen]] = {}
    for account_id in ids:
        values: Values = dict.fromkeys(PROJECTED)
        seen: Seen = {}
        if account_id in used:
            _from_usage(values, seen, used[account_id], sources[used[account_id].source_id], at=at)
        if account_id in bought:
            _from_contracts(values, seen, bought[account_id])
        found[account_id] = values, seen
    return found


def _from_usage(values: Values, seen: Seen, used: Usage, source: Source, *, at: dt.datetime) -> None:
    """Facts from activity. While the source is silent for everybody, its counts are unknown, not low."""
    observed = [source.key, (source.last_delivery_at or at).isoformat()]
    values["last_active_at"] = used.last_event_at
    seen["last_active_at"] = [source.key, used.last_event_at.isoformat()]
    for name in ("active_users_30d", "active_users_change_30d", "features_used_30d"):
        seen[name] = observed
    if is_stale(source, at=at):
        return
    values["active_users_30d"] = used.active_users
    values["features_used_30d"] = used.features
    if used.active_users_before >= MIN_USERS_BEFORE:
        values["active_users_change_30d"] = used.active_users / used.active_users_before - 1


def _from_contracts(values: Values, seen: Seen, bought: Commercial) -> None:
    values["arr_minor"] = bought.arr_minor
    values["contract_end_date"] = bought.ends_on
    values["closed_won_at"] = bought.first_signed_at
    if bought.changed_at:
        for name in ("arr", "contract_end_date", "closed_won_at"):
            seen[name] = ["contracts", bought.changed_at.isoformat()]
