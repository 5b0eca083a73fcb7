"""Which versions score, at a moment: what S of the data and the configuration means."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, QuerySet

from retention.health.models import HealthModelVersion
from retention.health.scales import Day, Known, facts_in
from retention.health.scoring import Scored, Scorer


def changed_at() -> dt.datetime | None:
    """When a version was published last."""
    return HealthModelVersion.objects.aggregate(last=Max("published_at"))["last"]


def in_force(at: dt.datetime | None = None) -> QuerySet[HealthModelVersion]:
    """The latest version of each model, or the latest published until `at`, in order of precedence."""
    published = (
        HealthModelVersion.objects.all() if at is None else HealthModelVersion.objects.filter(published_at__lte=at)
    )
    newer = published.filter(model=OuterRef("model"), number__gt=OuterRef("number"))
    found = published.filter(~Exists(newer)).select_related("model").prefetch_related("measures", "caps")
    return found.order_by("precedence", "model__key")


@dataclass(frozen=True)
class Configuration:
    """The versions in force together; the first that applies to an account scores it."""

    scorers: Sequence[Scorer]

    @classmethod
    def of(cls, versions: Sequence[HealthModelVersion]) -> "Configuration":
        """These versions, in order of precedence."""
        return cls([Scorer.of(one) for one in versions])

    def score(self, known: Known, day: Day) -> Scored | None:
        """The score of an account; None where no model applies to it."""
        for one in self.scorers:
            if one.applies(known, day):
                return one.score(known, day)
        return None


def reads_of(version: HealthModelVersion) -> set[str]:
    """The keys of the facts that a version asks for."""
    found = {*facts_in(version.applies)}
    for one in version.measures.all():
        found.update(facts_in(one.scale), facts_in(one.worst_where))
    for cap in version.caps.all():
        found.update(facts_in(cap.when))
    return found


def reads() -> set[str]:
    """The keys of the facts that the versions in force ask for."""
    return set[str]().union(*map(reads_of, in_force()))


def at_moments(moments: set[dt.datetime]) -> dict[dt.datetime, Configuration]:
    """The configuration that was in force at each of these moments."""
    return {moment: Configuration.of(list(in_force(moment))) for moment in moments}
