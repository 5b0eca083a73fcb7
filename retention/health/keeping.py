"""Keeping how healthy accounts are: where each stands, and the history with what was data and what configuration."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from accounts.facts.registry import Values
from accounts.foundation import many
from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.portfolio.events import Happening, happened_to_many
from accounts.portfolio.models import Account
from retention.health.configuration import Configuration, at_moments
from retention.health.judging import Judge, Judged
from retention.health.models import AccountHealth, Band, HealthOverride, HealthScore
from retention.health.scoring import DIGITS


def standings(account_ids: Iterable[int]) -> dict[int, AccountHealth]:
    """Account id → how healthy it was when it was last looked at."""
    return {row.pk: row for row in AccountHealth.objects.filter(pk__in=among(account_ids))}


def overrides(account_ids: Iterable[int]) -> dict[int, HealthOverride]:
    """Account id → what a person said of it last, whether it still counts or not."""
    rows = HealthOverride.objects.filter(account__in=among(account_ids), ended_at=None)
    return {row.account_id: row for row in rows}


@dataclass(frozen=True)
class Split:
    """A change of a score in points: what new data did, and what published versions did.

    Both are None where the account had no score before, or has none now.
    """

    data: float | None
    configuration: float | None


@dataclass(frozen=True)
class Change:
    """One account whose health is not what is kept of it."""

    before: AccountHealth | None
    after: AccountHealth
    judged: Judged
    split: Split
    is_by_rule: bool

    @property
    def is_another_band(self) -> bool:
        return (self.before.band if self.before else "") != self.after.band

    @property
    def is_history(self) -> bool:
        """Whether the score, the band or the version became another one."""
        if self.before is None:
            return bool(self.after.band)
        names = ("score", "band", "computed_band", "version_id", "known_share", "is_mixed", "capped_by")
        return any(getattr(self.before, name) != getattr(self.after, name) for name in names)


def follow(judge: Judge, known: Mapping[int, Values], at: dt.datetime) -> set[int]:
    """Writes what became different; returns the accounts whose health changed only because of a published version."""
    different = []
    for account_id, values in known.items():
        before, judged = judge.standings.get(account_id), judge.judge(account_id, values, at)
        after = _row(account_id, judged, judge, at)
        if before is None and not after.band:
            continue
        if before is None or _differs(before, after):
            different.append((account_id, before, after, judged))
    earlier = at_moments(
        {_configured(before, known[pk], judge) for pk, before, *_ in different} - {judge.configured_at}
    )
    changes = [
        _change(before, after, judged, judge, earlier.get(_configured(before, known[pk], judge)), known[pk], at)
        for pk, before, after, judged in different
    ]
    many.upsert(AccountHealth, [change.after for change in changes])
    _record([change for change in changes if change.is_history], at)
    _tell([change for change in changes if change.is_another_band and not change.is_by_rule], at)
    return {change.after.pk for change in changes if change.is_by_rule}


NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


def _configured(before: AccountHealth | None, known: Values, judge: Judge) -> dt.datetime:
    """The moment whose versions made what is kept. An account that came later than they did knows no others."""
    if before:
        return before.configured_at
    created = known.get("account_created_at")
    return judge.configured_at if created is None or created >= judge.configured_at else NEVER


def _row(account_id: int, judged: Judged, judge: Judge, at: dt.datetime) -> AccountHealth:
    scored, placed = judged.scored, judged.placed
    return AccountHealth(
        account_id=account_id,
        version=scored.version if scored else None,
        score=judged.score,
        known_share=round(scored.known_share, 4) if scored else 0.0,
        computed_band=str(placed.band) if placed else "",
        band=str(judged.band),
        band_since=judged.since,
        outside_since=placed.outside_since if placed else None,
        is_mixed=bool(scored and scored.is_mixed),
        capped_by=scored.capped_by if scored else "",
        configured_at=judge.configured_at,
        scored_at=at,
    )


_KEPT = [field.attname for field in AccountHealth._meta.concrete_fields if field.name != "scored_at"]


def _differs(before: AccountHealth, after: AccountHealth) -> bool:
    return any(getattr(before, name) != getattr(after, name) for name in _KEPT)


def _change(
    before: AccountHealth | None,
    after: AccountHealth,
    judged: Judged,
    judge: Judge,
    earlier: Configuration | None,
    known: Values,
    at: dt.datetime,
) -> Change:
    """Splits a change: the versions of before are asked about the data of now."""
    old = before.score if before else None
    if earlier is None:
        return Change(before, after, judged, Split(_less(judged.score, old), _none(judged.score, old)), False)
    by_then = judge.by(earlier, after.pk, known, at)
    split = Split(_less(by_then.score, old), _less(judged.score, by_then.score))
    band = before.band if before else ""
    return Change(before, after, judged, split, by_then.band == band)


def _less(score: float | None, other: float | None) -> float | None:
    return None if score is None or other is None else round(score - other, DIGITS)


def _none(score: float | None, other: float | None) -> float | None:
    return None if score is None or other is None else 0.0


def _record(changes: Sequence[Change], at: dt.datetime) -> None:
    """A new row of the history; where today has one of the same version and band, that becomes the latest."""
    day, ids = utc_day(at), [change.after.pk for change in changes]
    began = dt.datetime.combine(day, dt.time(), dt.UTC)
    rows = HealthScore.objects.filter(account__in=among(ids), at__gte=began).order_by("at", "id")
    latest = {row.account_id: row for row in rows}
    new, again = [], []
    for change in changes:
        row, kept = _history(change, at), latest.get(change.after.pk)
        if kept and _goes_on(kept, row):
            row.pk, row.at = kept.pk, kept.at
            row.data_change = _sum(kept.data_change, row.data_change)
            row.configuration_change = _sum(kept.configuration_change, row.configuration_change)
            again.append(row)
        else:
            new.append(row)
    many.insert(HealthScore, new)
    many.upsert(HealthScore, again)


def _goes_on(kept: HealthScore, row: HealthScore) -> bool:
    is_same = (kept.version_id, kept.band, kept.computed_band) == (row.version_id, row.band, row.computed_band)
    return is_same and not row.configuration_change


def _sum(one: float | None, other: float | None) -> float | None:
    return one if other is None else round((one or 0.0) + other, DIGITS)


def _history(change: Change, at: dt.datetime) -> HealthScore:
    after, scored = change.after, change.judged.scored
    return HealthScore(
        account_id=after.pk,
        at=at,
        version_id=after.version_id,
        score=after.score,
        known_share=after.known_share,
        computed_band=after.computed_band,
        band=after.band,
        data_change=change.split.data,
        configuration_change=change.split.configuration,
        parts=scored.as_json() if scored else {},
    )


def _tell(changes: Sequence[Change], at: dt.datetime) -> None:
    """Tells of accounts that came into another band. What a published version did is no news, nor is a new account."""
    changes = [change for change in changes if change.before or change.after.band != Band.INSUFFICIENT]
    if not changes:
        return
    accounts = Account.objects.in_bulk([change.after.pk for change in changes])
    told = [
        Happening(
            accounts[change.after.pk],
            change.after,
            {
                "from": _word(change.before.band if change.before else ""),
                "to": _word(change.after.band),
                "score": change.after.score,
            },
        )
        for change in changes
    ]
    happened_to_many("health.changed", told, by=None, at=at)


def _word(band: str) -> str:
    return Band(band).label if band else ""
