"""How well an account fits: the share of the weight that its criteria fulfil, as far as anybody can tell."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.facts.catalogue import Fact, Group, Type, Use
from accounts.facts.queries import in_units
from accounts.facts.registry import Values, derives
from accounts.foundation.truth import Truth
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.refusal import ConditionRefused
from retention.evaluation.rules import read
from retention.fit.models import FitCriterion, IdealProfile

ENOUGH = 0.6
"""With less than this share of the weight known, there is no score: it would mostly say what we do not know."""
FITS, REVIEW, BAD = "fit", "review", "bad_fit"


@dataclass(frozen=True)
class Verdict:
    """One criterion for one account: fulfilled, not, or unknown."""

    criterion: FitCriterion
    truth: Truth


@dataclass(frozen=True)
class Fit:
    """How well an account fits: 0 to 100 with its band, both None where too little is known; and why."""

    score: int | None
    band: str | None
    verdicts: Sequence[Verdict]


class Scorer:
    """The ideal profile as it stands, ready to be asked about many accounts."""

    def __init__(self, profile: IdealProfile) -> None:
        self.profile = profile
        self.rules = [(one, _closure(one)) for one in profile.criteria.all()]

    def score(self, known: Mapping[str, Any], moment: Moment) -> Fit:
        """How well an account fits of which this is known, in the units of conditions."""
        verdicts = [Verdict(one, rule(known, moment) if rule else None) for one, rule in self.rules]
        weight = sum(one.criterion.weight for one in verdicts)
        told = sum(one.criterion.weight for one in verdicts if one.truth is not None)
        if not weight or told < ENOUGH * weight:
            return Fit(None, None, verdicts)
        score = round(100 * sum(one.criterion.weight for one in verdicts if one.truth) / told)
        return Fit(score, self._band(score), verdicts)

    def _band(self, score: int) -> str:
        if score >= self.profile.fit_from:
            return FITS
        return REVIEW if score >= self.profile.review_from else BAD


def _closure(one: FitCriterion) -> Any:
    try:
        return compile_closure(read(one.matches))
    except ConditionRefused:  # it reads a fact that is gone: nobody can tell any more
        return None


def scorer() -> Scorer | None:
    """The profile in force; None where nobody has said whom the product is for."""
    profile = IdealProfile.objects.prefetch_related("criteria").first()
    return Scorer(profile) if profile else None


def changed_at() -> dt.datetime | None:
    """When the definition last changed."""
    return IdealProfile.objects.values_list("changed_at", flat=True).first()


FACTS = [
    Fact(
        "icp_fit",
        "Fit",
        Type.NUMBER,
        "How well the account matches the ideal customer, 0 to 100; unknown while too little of it is known.",
        Group.WHO,
        Use.INTERNAL,
        unit="of 100",
    ),
    Fact(
        "icp_fit_band",
        "Fit, band",
        Type.TEXT,
        "Fit, review, or bad fit, as the ideal profile draws the lines.",
        Group.WHO,
        Use.INTERNAL,
    ),
]


@derives("fit", FACTS, changed_at=changed_at)
def fits(known: Mapping[int, Values], at: dt.datetime) -> Mapping[int, Values]:
    """The fit of each account."""
    asked = scorer()
    if asked is None:
        return {}
    moment, currency = Moment(as_of=at, today=today(at)), base_currency()
    found = {}
    for account_id, values in known.items():
        fit = asked.score(in_units(values, currency=currency), moment)
        found[account_id] = {"icp_fit": fit.score, "icp_fit_band": fit.band}
    return found
