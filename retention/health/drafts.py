"""A health model as an author writes it."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from retention.health.models import Basis, HealthMeasure, HealthModel, HealthModelVersion
from retention.health.scoring import Scorer


@dataclass(frozen=True)
class MeasureDraft:
    """One measure."""

    key: str
    name: str
    weight: int
    scale: Mapping[str, Any]
    missing: str = HealthMeasure.Missing.EXCLUDE.value
    worst_where: Mapping[str, Any] | None = None
    basis: str = Basis.PRACTICE.value


@dataclass(frozen=True)
class CapDraft:
    """One cap."""

    key: str
    name: str
    when: Mapping[str, Any]
    at_most: int
    basis: str = Basis.PRACTICE.value


@dataclass(frozen=True)
class HealthDraft:
    """What a version says."""

    applies: Mapping[str, Any]
    precedence: int
    measures: Sequence[MeasureDraft]
    caps: Sequence[CapDraft] = ()
    contradiction: Mapping[str, Any] | None = None
    green_from: int = 75
    amber_from: int = 50
    enough_percent: int = 60
    margin_points: int = 3
    margin_days: int = 3

    @property
    def plain(self) -> dict[str, Any]:
        """The fields that stand on the version itself."""
        return {name: value for name, value in vars(self).items() if name not in ("measures", "caps")}

    def scorer(self, model: HealthModel | None = None) -> Scorer:
        """What would score accounts if this were published for `model`; nothing is stored."""
        return Scorer(HealthModelVersion(model=model, **self.plain), self.measures, self.caps)


def draft_of(version: HealthModelVersion) -> HealthDraft:
    """What `version` says, as an author would write it again."""
    measures = [_again(MeasureDraft, one) for one in version.measures.all()]
    caps = [_again(CapDraft, one) for one in version.caps.all()]
    plain = {
        name: getattr(version, name) for name in HealthDraft.__dataclass_fields__ if name not in ("measures", "caps")
    }
    return HealthDraft(**plain, measures=measures, caps=caps)


def _again(kind: Any, row: Any) -> Any:
    return kind(**{name: getattr(row, name) for name in kind.__dataclass_fields__})


def same(one: HealthDraft, other: HealthDraft) -> bool:
    """Whether two drafts say the same."""
    first, second = ({**asdict(draft), "caps": list(map(asdict, draft.caps))} for draft in (one, other))
    return first == second
