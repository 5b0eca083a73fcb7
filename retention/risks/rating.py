"""The renewal risk of an account: points for each signal that is true of it, and the tier that follows."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError

from accounts.facts.queries import after_latest_projection
from accounts.facts.registry import derivations, readers
from accounts.foundation import audit, bell
from accounts.foundation.keys import KEY, key_from
from accounts.foundation.lanes import lane
from accounts.foundation.truth import Truth
from retention.conditions.check import problems
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_explanation
from retention.conditions.language import FactType
from retention.conditions.refusal import ConditionRefused
from retention.conditions.stored import facts_named
from retention.evaluation import services as evaluation
from retention.evaluation.rules import catalogue, read
from retention.risks.models import RiskModelVersion, RiskSignal, Tier

MOST_SIGNALS = 50
DERIVATION = "risk tier"


@dataclass(frozen=True)
class SignalDraft:
    """One signal as an author writes it."""

    key: str
    name: str
    points: int
    when: Mapping[str, Any]
    is_core: bool = False
    basis: str = "practice"


@dataclass(frozen=True)
class RiskDraft:
    """How renewal risk is rated, as an author writes it."""

    signals: Sequence[SignalDraft]
    medium_from: int = 2
    high_from: int = 4
    unknown_from: int = 3


@dataclass(frozen=True)
class Told:
    """One signal for one account: whether it is true, and the clauses with the values seen."""

    signal: RiskSignal
    truth: Truth
    clauses: list[dict[str, Any]]


@dataclass(frozen=True)
class Rated:
    """The tier of one account, its points, and every signal."""

    version: RiskModelVersion
    tier: Tier
    points: int
    told: Sequence[Told]

    def as_json(self) -> list[dict[str, Any]]:
        """The reasons as they are kept: each signal that is true or unknown, with what was seen."""
        return [
            {
                "key": one.signal.key,
                "name": one.signal.name,
                "points": one.signal.points,
                "truth": one.truth,
                "clauses": one.clauses,
            }
            for one in self.told
            if one.truth is not False
        ]


class Rater:
    """One version, ready to be asked about many accounts."""

    def __init__(self, version: RiskModelVersion, signals: Iterable[RiskSignal] | None = None) -> None:
        self.version = version
        asked = version.signals.all() if signals is None else signals
        self.rules = [(one, _explainer(one)) for one in asked]

    def rate(self, known: Mapping[str, Any], moment: Moment) -> Rated:
        """The tier of an account of which this is known, in the units of conditions."""
        told = [self._ask(signal, rule, known, moment) for signal, rule in self.rules]
        points = sum(one.signal.points for one in told if one.truth)
        unknown = sum(one.truth is None for one in told if one.signal.is_core)
        return Rated(self.version, self._tier(points, unknown), points, told)

    def _ask(self, signal: RiskSignal, rule: Any, known: Mapping[str, Any], moment: Moment) -> Told:
        if rule is None:
            return Told(signal, None, [])
        found = rule(known, moment)
        return Told(signal, found.truth, [one.as_json() for one in found.decisive])

    def _tier(self, points: int, unknown: int) -> Tier:
        if unknown >= self.version.unknown_from:
            return Tier.UNKNOWN
        if points >= self.version.high_from:
            return Tier.HIGH
        return Tier.MEDIUM if points >= self.version.medium_from else Tier.LOW


def _explainer(signal: RiskSignal) -> Any:
    try:
        return compile_explanation(read(signal.when))
    except ConditionRefused:  # it reads a fact that is gone: nobody can tell any more
        return None


def in_force() -> RiskModelVersion | None:
    """The version published last, with its signals; None where nobody has published one."""
    return RiskModelVersion.objects.prefetch_related("signals").first()


def changed_at() -> dt.datetime | None:
    """When a version was published last."""
    return RiskModelVersion.objects.values_list("published_at", flat=True).first()


def reads() -> set[str]:
    """The keys of the facts that the signals in force ask for."""
    version = in_force()
    return set[str]().union(*(facts_named(one.when) for one in version.signals.all())) if version else set()


def draft_of(version: RiskModelVersion) -> RiskDraft:
    """A version as its author would write it."""
    names = list(SignalDraft.__dataclass_fields__)
    signals = [SignalDraft(**{name: getattr(row, name) for name in names}) for row in version.signals.all()]
    return RiskDraft(signals, version.medium_from, version.high_from, version.unknown_from)


def publish(draft: RiskDraft, *, by: Any, at: dt.datetime) -> RiskModelVersion:
    """Puts `draft` into force as a new version where it differs; every account is rated anew, and told to nobody.

    Raises ValidationError naming each field that is wrong, or the ring where facts would wait for each other.
    """
    check(draft)
    with lane("facts"):  # a profile that is made meanwhile is made with what was in force before
        latest = in_force()
        if latest and draft_of(latest) == draft:
            return latest
        version = _store(draft, number=latest.number + 1 if latest else 1, by=by, at=after_latest_projection(at))
        evaluation.refuse_cycles()
    bell.ring()
    return version


def _store(draft: RiskDraft, *, number: int, by: Any, at: dt.datetime) -> RiskModelVersion:
    version = RiskModelVersion(
        number=number,
        published_at=at,
        published_by=by,
        medium_from=draft.medium_from,
        high_from=draft.high_from,
        unknown_from=draft.unknown_from,
    )
    version.full_clean()
    audit.create(version, verb="risk.publish", by=by, at=at)
    for position, one in enumerate(draft.signals):
        row = RiskSignal(version=version, position=position, **asdict(one))
        row.full_clean()
        audit.create(row, verb="risk.define", by=by, at=at)
    return version


def check(draft: RiskDraft) -> None:
    """Raises ValidationError naming each field that is wrong."""
    found: dict[str, list[str]] = defaultdict(list)
    for path, message in wrong_with(draft, catalogue()):
        found[path].append(message)
    if found:
        raise ValidationError(dict(found))


def wrong_with(draft: RiskDraft, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    """Everything wrong with a draft: the place in it, and what to do."""
    found = []
    if not 1 <= draft.medium_from < draft.high_from <= 100:
        found.append(("high_from", "Give 1 ≤ medium_from < high_from ≤ 100: otherwise a tier would have no points."))
    if not draft.signals or len(draft.signals) > MOST_SIGNALS:
        found.append(("signals", f"Give 1 to {MOST_SIGNALS} signals."))
    if not 1 <= draft.unknown_from <= MOST_SIGNALS:
        found.append(("unknown_from", "Give the number of unknown core signals as a number from 1 on."))
    seen: set[str] = set()
    for place, one in enumerate(draft.signals):
        path = f"signals[{place}]"
        if one.key in seen or not KEY.fullmatch(one.key):
            found.append((f"{path}.key", "Give a key of its own, of lower-case letters, digits and underscores."))
        seen.add(one.key)
        if not 1 <= one.points <= 100:
            found.append((f"{path}.points", "Give points from 1 to 100; leave the signal out where it does not count."))
        found += [(f"{path}.when{inner}", message) for inner, message in _wrong_with_rule(one.when, facts)]
    return found


def _wrong_with_rule(source: Any, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    found = [(one.path.removeprefix("$"), one.message) for one in problems(source, facts, allow_held_for=False)]
    if not found and (late := sorted(facts_named(source) & _later_facts())):
        found = [("", f"{late[0]} is made of the tier, or after it; choose a fact that does not depend on it")]
    return found


def _later_facts() -> set[str]:
    """Facts that are made of the tier or after it: a signal that asked for these would never learn them."""
    names = list(derivations)
    return {key for name in names[names.index(DERIVATION) :] for key in derivations[name].keys}


@readers.register("risk signals")
def signals_that_read(key: str) -> list[str]:
    """The names of the signals in force that read a fact."""
    version = in_force()
    rows = version.signals.all() if version else []
    return [f"risk signal {row.name}" for row in rows if key in facts_named(row.when)]


def free_key(name: str, taken: set[str]) -> str:
    """A key for a new signal made of its name, that is none of `taken`."""
    key = key_from(name, fallback="signal").replace("-", "_")
    numbered = (f"{key}_{number}" for number in range(2, len(taken) + 3))
    return key if key not in taken else next(one for one in numbered if one not in taken)
