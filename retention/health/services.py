import datetime as dt
from collections import defaultdict
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts import aging, projection
from accounts.facts.models import AccountFacts
from accounts.facts.queries import after_latest_projection
from accounts.facts.registry import readers
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from retention.evaluation import services as evaluation
from retention.evaluation.rules import catalogue
from retention.health.checking import wrong_with
from retention.health.configuration import in_force, reads_of
from retention.health.drafts import HealthDraft, draft_of, same
from retention.health.models import HealthCap, HealthMeasure, HealthModel, HealthModelVersion

AT_ONCE = 2000
"""Up to so many accounts are scored anew when the verb returns; larger books within a minute by the pump."""
TURNS = 5


@transaction.atomic
def publish(
    draft: HealthDraft, *, key: str, name: str, meaning: str = "", by: Any, at: dt.datetime
) -> HealthModelVersion:
    """The health model `key` as `draft` says; a new version where that differs. Every account is scored anew.

    What the new version moves fires nothing. Raises ValidationError naming each place that is wrong, or the ring where
    facts would wait for each other.
    """
    check(draft)
    model = _named(key, name, meaning, by=by, at=at)
    latest = model.versions.first()
    if latest and same(draft_of(latest), draft):
        return latest
    is_small = AccountFacts.objects.count() <= AT_ONCE
    if is_small:
        _catch_up(at)
    with lane("facts"):  # a profile that is made meanwhile is made with what was in force before
        version = _store(model, draft, number=latest.number + 1 if latest else 1, by=by, at=after_latest_projection(at))
    evaluation.refuse_cycles()
    while is_small and aging.project_aged(at=version.published_at):
        pass
    bell.ring()
    return version


def check(draft: HealthDraft) -> None:
    """Raises ValidationError naming each place that is wrong."""
    wrong: dict[str, list[str]] = defaultdict(list)
    for path, message in wrong_with(draft, catalogue()):
        wrong[path.removeprefix(".")].append(message)
    if wrong:
        raise ValidationError({path: messages for path, messages in wrong.items()})


def _catch_up(at: dt.datetime) -> None:
    """What happened before is judged by the versions that were in force; of a long backlog a part."""
    for _ in range(TURNS):
        if not projection.project_dirty(at=at):
            break


def _named(key: str, name: str, meaning: str, *, by: Any, at: dt.datetime) -> HealthModel:
    model = HealthModel.objects.filter(key=key).first()
    if model:
        audit.update(model, verb="health.rename", by=by, at=at, name=name, meaning=meaning)
        return model
    model = HealthModel(key=key, name=name, meaning=meaning)
    model.full_clean()
    return audit.create(model, verb="health.create", by=by, at=at)


def _store(model: HealthModel, draft: HealthDraft, *, number: int, by: Any, at: dt.datetime) -> HealthModelVersion:
    version = HealthModelVersion(model=model, number=number, published_at=at, published_by=by, **draft.plain)
    version.full_clean()
    audit.create(version, verb="health.publish", by=by, at=at)
    for kind, drafts in ((HealthMeasure, draft.measures), (HealthCap, draft.caps)):
        for position, one in enumerate(drafts):
            row = kind(version=version, position=position, **vars(one))
            row.full_clean()
            audit.create(row, verb="health.define", by=by, at=at)
    return version


@readers.register("health models")
def models_that_read(key: str) -> list[str]:
    """The names of the health models in force that read a fact."""
    return [f"health model {version.model}" for version in in_force() if key in reads_of(version)]
