"""Which band a score is in. A band is left only well beyond its border, or after some days beyond it."""

import datetime as dt
from dataclasses import dataclass

from retention.health.models import Band, HealthModelVersion

ORDER = [Band.RED, Band.AMBER, Band.GREEN]


@dataclass(frozen=True, slots=True)
class Placed:
    """The band of an account, and since when its score lies beyond the border of it (None: it does not)."""

    band: str
    outside_since: dt.date | None = None


def by_range(version: HealthModelVersion, score: float | None) -> str:
    """The band in whose range a score lies."""
    if score is None:
        return Band.INSUFFICIENT
    if score >= version.green_from:
        return Band.GREEN
    return Band.AMBER if score >= version.amber_from else Band.RED


def place(version: HealthModelVersion, score: float | None, before: Placed | None, today: dt.date) -> Placed:
    """The band from now on; `before` is the one by the same version, None where there was none.

    Without a score there is no band to stay in: an account begins, and begins anew, where its score lies.
    """
    band = by_range(version, score)
    if before is None or score is None or before.band not in ORDER or band == before.band:
        return Placed(band)
    since = before.outside_since or today
    border = _border(version, before.band, is_up=ORDER.index(Band(band)) > ORDER.index(Band(before.band)))
    beyond = abs(score - border)
    if beyond >= version.margin_points or (today - since).days >= version.margin_days:
        return Placed(band)
    return Placed(before.band, since)


def _border(version: HealthModelVersion, band: str, *, is_up: bool) -> int:
    """The border of a band that a score beyond it has crossed."""
    if is_up:
        return version.green_from if band == Band.AMBER else version.amber_from
    return version.amber_from if band == Band.AMBER else version.green_from
