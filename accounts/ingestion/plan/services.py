"""Changing the tracking plan. What changes counts for the signals that come from then on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.deletion import ProtectedError

from accounts.foundation import audit
from accounts.foundation.keys import key_from, short_random
from accounts.ingestion import services
from accounts.ingestion.models import EventName, Feature, FeatureActivity, IntentActivity, Milestone, PageIntent

LONGEST_NAME = 200
MOST_NAMES = 200


class Unknown(ValidationError):
    """Nothing in the tracking plan has this key."""


@dataclass(frozen=True)
class Meaning:
    """What an event name means from now on."""

    said: str
    """That in words, to follow the name."""
    entry: Feature | Milestone | None = None
    """The entry of the plan that it belongs to; None where it is ignored."""

    @property
    def part(self) -> str:
        """Which list of the plan the entry stands in."""
        return str(self.entry._meta.model_name) if self.entry else ""


@transaction.atomic
def save_feature(*, key: str, name: str, tier: str, events: Sequence[str], by: Any, at: dt.datetime) -> Feature:
    """The feature `key`, created or changed. An event name means the use of one feature only."""
    names = _texts(events, field="events", what="event name")
    for other in Feature.objects.exclude(key=key):
        if taken := sorted(set(other.events) & set(names)):
            raise ValidationError({"events": f"{taken[0]} is a use of {other.name} already; take it from there first."})
    return services.define_feature(key=key, name=name, tier=tier, events=names, by=by, at=at)


@transaction.atomic
def save_milestone(*, key: str, name: str, events: Sequence[str], by: Any, at: dt.datetime) -> Milestone:
    """The milestone `key`, created or changed. What was reached stays reached."""
    names = _texts(events, field="events", what="event name")
    return services.define_milestone(key=key, name=name, events=names, by=by, at=at)


@transaction.atomic
def save_intent(*, key: str, name: str, paths: Sequence[str], by: Any, at: dt.datetime) -> PageIntent:
    """The page intent `key`, created or changed."""
    texts = _texts(paths, field="paths", what="path")
    if wrong := [path for path in texts if not path.startswith("/")]:
        raise ValidationError({"paths": f"{wrong[0]} is no path; a path begins with /, such as /pricing*."})
    return services.define_intent(key=key, name=name, paths=texts, by=by, at=at)


def _texts(texts: Sequence[str], *, field: str, what: str) -> list[str]:
    """The texts as they are kept: each once, without space around it."""
    kept = list(dict.fromkeys(filter(None, (text.replace("\x00", "").strip() for text in texts))))
    if not kept:
        raise ValidationError({field: f"Give at least one {what}."})
    if len(kept) > MOST_NAMES:
        raise ValidationError({field: f"At most {MOST_NAMES} are possible; {len(kept)} were given."})
    if long := [text for text in kept if len(text) > LONGEST_NAME]:
        raise ValidationError({field: f"{long[0][:40]}… is longer than {LONGEST_NAME} characters."})
    return kept


def plan_removing(row: Feature | Milestone | PageIntent) -> str:
    """What `remove` would take away with it, in words."""
    if isinstance(row, Milestone):
        return "Only a milestone that no account has reached can be removed; what was reached stays in the history."
    if isinstance(row, Feature):
        lost, then = FeatureActivity.objects.filter(feature=row).count(), "Its event names mean nothing from then on."
    else:
        lost, then = IntentActivity.objects.filter(intent=row).count(), "Visits to its pages mean nothing from then on."
    return f"What was counted for it goes with it: the days of {lost} accounts. {then}"


@transaction.atomic
def remove(row: Feature | Milestone | PageIntent, *, by: Any, at: dt.datetime) -> None:
    """Takes something out of the plan, with what was counted for it; refuses a milestone that was reached."""
    try:
        audit.delete(row, verb=f"{row._meta.model_name}.remove", by=by, at=at)
    except ProtectedError:
        raise ValidationError(
            f"Accounts have reached {row.name}, and that stays in their history. Rename it, or change its event names."
        ) from None


@transaction.atomic
def map_name(name: str, *, to: str, by: Any, at: dt.datetime) -> Meaning:
    """Says what an event name means: `feature:KEY`, `milestone:KEY`, `ignore`, `new:core`, `new:advanced` or
    `new:milestone`."""
    kind, _, key = to.replace("\x00", "").partition(":")
    [name] = _texts([name], field="name", what="event name")
    if kind == "ignore":
        return _ignore(name, by=by, at=at)
    if kind == "feature":
        return _add_to_feature(name, _named(Feature, key), by=by, at=at)
    if kind == "milestone":
        found = _named(Milestone, key)
        row = save_milestone(key=found.key, name=found.name, events=[*found.events, name], by=by, at=at)
        return Meaning(f"reaches {row.name}", row)
    if kind == "new" and key in Feature.Tier.values:
        made = save_feature(key=free_key(Feature, name), name=name[:120], tier=key, events=[name], by=by, at=at)
        return Meaning(f"is a use of the new feature {made.name}", made)
    if to == "new:milestone":
        reached = save_milestone(key=free_key(Milestone, name), name=name[:120], events=[name], by=by, at=at)
        return Meaning(f"reaches the new milestone {reached.name}", reached)
    raise Unknown({"to": "Choose what the name means."})


def _ignore(name: str, *, by: Any, at: dt.datetime) -> Meaning:
    found = list(EventName.objects.filter(name=name))
    if not found:
        raise Unknown({"name": f"No source has sent {name} yet."})
    for row in found:
        services.ignore(row, ignored=True, by=by, at=at)
    return Meaning("is ignored")


@transaction.atomic
def notice(name: str, *, by: Any, at: dt.datetime) -> None:
    """Lists a name that was ignored among the unmapped ones again."""
    for row in EventName.objects.filter(name=name.replace("\x00", ""), is_ignored=True):
        services.ignore(row, ignored=False, by=by, at=at)


def _add_to_feature(name: str, feature: Feature, *, by: Any, at: dt.datetime) -> Meaning:
    names = [*feature.events, name]
    row = save_feature(key=feature.key, name=feature.name, tier=feature.tier, events=names, by=by, at=at)
    return Meaning(f"is a use of {row.name}", row)


def _named(model: Any, key: str) -> Any:
    found = model.objects.filter(key=key).first()
    if found is None:
        raise Unknown({"to": f"There is no {model._meta.verbose_name} {key!r} any more."})
    return found


def free_key(model: Any, name: str) -> str:
    """A key of the plan made of `name` that nothing else has."""
    key = key_from(name, fallback="event").replace("-", "_")
    return f"{key}_{short_random()}" if model.objects.filter(key=key).exists() else key
