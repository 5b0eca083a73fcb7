"""What a draft that takes measures away takes with them: asked of the accounts that they count for now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from retention.health.banding import by_range
from retention.health.configuration import in_force, reads_of
from retention.health.drafts import HealthDraft
from retention.health.models import AccountHealth, HealthMeasure, HealthModel, HealthModelVersion
from retention.health.scales import Day, Known
from retention.health.scoring import Scorer


@dataclass
class Removal:
    """One measure that a draft takes away, and what goes with it alone, everything else left as it is now."""

    measure: HealthMeasure
    without: Scorer
    counts: int = 0
    """Accounts for which it counts now."""
    rescored: int = 0
    """Of these, those with another score without it."""
    moved: int = 0
    """… and with another band."""

    @property
    def told(self) -> str:
        """What goes, in a sentence or two."""
        said = f"{self.measure.name} (weight {self.measure.weight}) no longer counts."
        if not self.counts:
            return f"{said} It counts for no account now."
        counts = f"It counts for {_accounts(self.counts)} now"
        if not self.rescored:
            return f"{said} {counts}; no score changes by that alone."
        return f"{said} {counts}; by that alone the score changes for {self.rescored}, the band for {self.moved}."


@dataclass(frozen=True)
class Removals:
    """The measures that a draft takes away from the version that is in force."""

    scorer: Scorer | None
    each: tuple[Removal, ...]

    @classmethod
    def of(cls, draft: HealthDraft, model: HealthModel | None) -> "Removals":
        """What `draft` takes away from `model`."""
        version = in_force().filter(model=model).first() if model and model.pk else None
        if version is None:
            return cls(None, ())
        return cls(Scorer.of(version), tuple(_removals(draft, version)))

    @property
    def reads(self) -> set[str]:
        """The keys of the facts that are asked for."""
        return reads_of(self.scorer.version) if self.scorer and self.each else set()

    def scores(self, stands: AccountHealth) -> bool:
        """Whether the version in force is what scores an account now."""
        return self.scorer is not None and stands.version_id == self.scorer.version.pk

    def take(self, accounts: Iterable[Known], day: Day) -> None:
        """Counts accounts of which this is known, and which the version in force scores."""
        for known in accounts if self.each else ():
            self._take(known, day)

    def _take(self, known: Known, day: Day) -> None:
        if self.scorer is None:
            return
        now = self.scorer.score(known, day)
        counted = {part.key for part in now.parts if part.counted is not None}
        for one in self.each:
            if one.measure.key not in counted:
                continue
            then = one.without.score(known, day).score
            one.counts += 1
            one.rescored += then != now.score
            one.moved += by_range(now.version, then) != by_range(now.version, now.score)


def _removals(draft: HealthDraft, version: HealthModelVersion) -> Iterator[Removal]:
    kept, measures = {one.key for one in draft.measures}, list(version.measures.all())
    for gone in measures:
        if gone.key not in kept:
            others = [one for one in measures if one.key != gone.key]
            yield Removal(gone, Scorer(version, others, version.caps.all()))


def _accounts(count: int) -> str:
    return "1 account" if count == 1 else f"{count} accounts"
