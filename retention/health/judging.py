"""What becomes of one account's health: its score, its band, and the band that counts."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from retention.health.banding import Placed, place
from retention.health.configuration import Configuration
from retention.health.models import AccountHealth, HealthOverride
from retention.health.scales import Day, Known
from retention.health.scoring import Scored


@dataclass(frozen=True, slots=True)
class Judged:
    """One account's health at a moment. `band` counts; `placed` is the one that follows from the score."""

    scored: Scored | None
    placed: Placed | None
    band: str
    since: dt.datetime

    @property
    def score(self) -> float | None:
        return self.scored.score if self.scored else None

    @property
    def facts(self) -> dict[str, Any]:
        """The same as facts; all of them unknown where no model applies."""
        if self.scored is None or self.placed is None:
            return {"health_band": self.band or None, "health_band_since": self.since if self.band else None}
        return {
            "health_score": self.scored.score,
            "health_band": str(self.band),
            "health_computed_band": str(self.placed.band),
            "health_band_since": self.since,
            "health_coverage_share": round(self.scored.known_share, 4),
            "health_mixed": self.scored.is_mixed,
            "health_model": self.scored.version.model.key,
        }


@dataclass(frozen=True)
class Judge:
    """The configuration in force, with what is kept of some accounts: how each stood, and what a person said."""

    configuration: Configuration
    configured_at: dt.datetime
    day: Day
    standings: Mapping[int, AccountHealth]
    overrides: Mapping[int, HealthOverride]

    def judge(self, account_id: int, known: Known, at: dt.datetime) -> Judged:
        """The health of an account of which this is known."""
        return self.by(self.configuration, account_id, known, at)

    def by(self, configuration: Configuration, account_id: int, known: Known, at: dt.datetime) -> Judged:
        """The same by another configuration."""
        before = self.standings.get(account_id)
        scored = configuration.score(known, self.day)
        placed = self._placed(scored, before) if scored else None
        override = self.overrides.get(account_id)
        is_overridden = override is not None and override.from_on <= self.day.moment.today <= override.until_on
        band = override.band if override and is_overridden else placed.band if placed else ""
        is_same = before is not None and before.band == band
        return Judged(scored, placed, band, before.band_since if before and is_same else at)

    def _placed(self, scored: Scored, before: AccountHealth | None) -> Placed:
        stands = None
        if before and before.version_id == scored.version.pk and before.computed_band:
            stands = Placed(before.computed_band, before.outside_since)
        return place(scored.version, scored.score, stands, self.day.moment.today)
