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
    after: Part
    adds_before: float | None
    adds_after: float | None

    @property
    def policy(self) -> str:
        """What the missing value does; empty where there is one."""
        if self.after.points is not None:
            return ""
        return "left out" if self.after.counted is None else f"counts as {self.after.counted:g}"

    @property
    def is_changed(self) -> bool:
        """Whether the draft counts it otherwise than what is in force."""
        return self.before is None or (self.before.weight, self.before.counted) != (
            self.after.weight,
            self.after.counted,
        )


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
    is_same = was is not None and was.version.model_id == then.version.model_id
    earlier = {part.key: part for part in was.parts} if was and is_same else {}
    found = []
    for one, part in zip(measures, then.parts, strict=True):
        old = earlier.get(one.key)
        values = [
            (wording.name_of(key), shown(key, known.get(key), currency=currency))
            for key in facts_in(one.scale)
            if find(key)
        ]
        missing = HealthMeasure.Missing(one.missing).label
        adds = was.contribution(old) if was and old else None
        found.append(Line(one.name, values, missing, old, part, adds, then.contribution(part)))
    return found
