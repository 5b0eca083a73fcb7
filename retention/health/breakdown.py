"""One account by a draft and by what is in force, measure by measure: what a change of the model means for it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from accounts.facts.lookup import find
from accounts.facts.queries import values_of
from accounts.facts.wording import shown
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency, workspace
from retention.health import wording
from retention.health.banding import by_range
from retention.health.configuration import Configuration
from retention.health.drafts import HealthDraft
from retention.health.models import Band, HealthMeasure
from retention.health.scales import Day, Known, facts_in
from retention.health.scoring import Part, Scored


@dataclass(frozen=True)
class Line:
    """One measure of the account: the values it reads, and what it gives by what is in force and by the draft."""

    name: str
    values: Sequence[tuple[str, str]]
    missing: str
    """What happens without a value, in words."""
    before: Part | None
    after: Part | None
    """None where the draft takes the measure away."""
    adds_before: float | None
    adds_after: float | None

    @property
    def policy(self) -> str:
        """What the missing value does; empty where there is one."""
        part = self.after or self.before
        if part is None or part.points is not None:
            return ""
        return "left out" if part.counted is None else f"counts as {part.counted:g}"

    @property
    def is_gone(self) -> bool:
        """Whether the draft takes the measure away."""
        return self.after is None

    @property
    def is_changed(self) -> bool:
        """Whether the draft counts it otherwise than what is in force."""
        before, after = self.before, self.after
        if before is None or after is None:
            return True
        return (before.weight, before.counted) != (after.weight, after.counted)


@dataclass(frozen=True)
class Side:
    """The account by one configuration; without a `model` none applies to it."""

    model: str
    score: float | None
    band: str
    uncapped: float | None
    caps: Sequence[tuple[str, int]]
    """Caps that hold, by name, and the most that each allows."""
    is_mixed: bool

    @property
    def is_capped(self) -> bool:
        """Whether a cap holds the score down."""
        return self.score is not None and self.uncapped is not None and self.score < self.uncapped


@dataclass(frozen=True)
class Breakdown:
    """One account before and after; without `lines` no model would apply to it any more."""

    account: Account
    before: Side
    after: Side
    lines: Sequence[Line]


def breakdown(
    account: Account,
    before: Configuration,
    after: Configuration,
    keys: set[str],
    draft: HealthDraft,
    *,
    at: dt.datetime,
) -> Breakdown:
    """The account by two configurations, the second with `draft` in it; `keys` are the facts that they ask for."""
    currency = base_currency()
    known = values_of([account.pk], keys, currency=currency).get(account.pk, {})
    day = Day.of(at, ZoneInfo(workspace().time_zone))
    was, then = before.score(known, day), after.score(known, day)
    names = {cap.key: cap.name for cap in draft.caps}
    return Breakdown(account, _side(was, {}), _side(then, names), _lines(was, then, draft, known, currency))


def _side(scored: Scored | None, names: Mapping[str, str]) -> Side:
    if scored is None:
        return Side("", None, "", None, [], False)
    version = scored.version
    if version.pk:
        names = {cap.key: cap.name for cap in version.caps.all()}
    return Side(
        model=version.model.name if version.model_id else "",
        score=scored.score,
        band=Band(by_range(version, scored.score)).label,
        uncapped=scored.uncapped,
        caps=[(names.get(key, key), at_most) for key, at_most in scored.caps],
        is_mixed=scored.is_mixed,
    )


def _lines(was: Scored | None, then: Scored | None, draft: HealthDraft, known: Known, currency: str) -> list[Line]:
    if then is None:
        return []
    measures: Sequence[Any] = list(then.version.measures.all()) if then.version.pk else draft.measures
    earlier = was if was and was.version.model_id == then.version.model_id else None
    old = {part.key: part for part in earlier.parts} if earlier else {}
    told = _Telling(earlier, then, known, currency)
    found = [told.line(one, old.get(one.key), part) for one, part in zip(measures, then.parts, strict=True)]
    kept = {one.key for one in measures}
    gone = [one for one in earlier.version.measures.all() if one.key not in kept] if earlier else []
    return found + [told.line(one, old[one.key], None) for one in gone]


@dataclass(frozen=True)
class _Telling:
    """Tells of single measures of one account."""

    was: Scored | None
    then: Scored
    known: Known
    currency: str

    def line(self, one: Any, before: Part | None, after: Part | None) -> Line:
        values = [
            (wording.name_of(key), shown(key, self.known.get(key), currency=self.currency))
            for key in facts_in(one.scale)
            if find(key)
        ]
        missing = HealthMeasure.Missing(one.missing).label
        adds = self.was.contribution(before) if self.was and before else None
        return Line(one.name, values, missing, before, after, adds, self.then.contribution(after) if after else None)
