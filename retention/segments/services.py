import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts.lookup import find, forget_custom_facts
from accounts.facts.queries import after_latest_projection
from accounts.foundation import audit
from accounts.foundation.lanes import lane
from retention.evaluation import services as evaluation
from retention.evaluation.models import Edge, Watch
from retention.evaluation.registry import Outcome, outcomes
from retention.segments.composing import entering
from retention.segments.drafts import SegmentDraft, check, drafts_of
from retention.segments.models import Dimension, DimensionVersion, Segment
from retention.segments.placing import Turned, place, watch_key
from retention.segments.planning import plan
from retention.segments.queries import current_versions

READER = "segments"


class MustBeConfirmed(ValidationError):
    """Publishing would do something large: the questions to confirm first are its messages."""


@transaction.atomic
def publish(
    *,
    key: str,
    name: str,
    meaning: str,
    segments: Sequence[SegmentDraft],
    by: Any,
    at: dt.datetime,
    confirmed: bool = False,
) -> DimensionVersion:
    """The dimension `key` with these segments, in order of precedence; a new version where they differ.

    Accounts that exist are put where they belong silently, with cause *definition*. Raises ValidationError naming each
    field that is wrong, or where an account would be nowhere; MustBeConfirmed where something large would happen and
    nobody has `confirmed` it.
    """
    dimension = Dimension.objects.filter(key=key).first()
    latest = dimension.versions.first() if dimension else None
    is_same = bool(latest and drafts_of(latest) == list(segments))
    if not is_same:
        check(segments, dimension=key if dimension else "")
        _ask_first(segments, dimension, at=at, confirmed=confirmed)
    dimension = _named(dimension, key=key, name=name, meaning=meaning, by=by, at=at)
    if latest and is_same:
        return latest
    number = latest.number + 1 if latest else 1
    with lane("evaluation"), lane("facts"):  # a profile that is made meanwhile follows the rhythm of before
        version = _store(dimension, segments, number=number, by=by, at=at)
        _watch(version, dropped={one.key for one in latest.segments.all()} if latest else set(), by=by, at=at)
    return version


def _store(
    dimension: Dimension, segments: Sequence[SegmentDraft], *, number: int, by: Any, at: dt.datetime
) -> DimensionVersion:
    published_at = after_latest_projection(at)
    version = DimensionVersion(dimension=dimension, number=number, published_at=published_at, published_by=by)
    audit.create(version, verb="dimension.publish", by=by, at=at)
    for position, draft in enumerate(segments):
        audit.create(Segment(version=version, position=position, **vars(draft)), verb="segment.define", by=by, at=at)
    return version


def _ask_first(
    segments: Sequence[SegmentDraft], dimension: Dimension | None, *, at: dt.datetime, confirmed: bool
) -> None:
    found = plan(segments, dimension=dimension, at=at)
    if found.obstacles:
        raise ValidationError({"segments": found.obstacles})
    if found.questions and not confirmed:
        raise MustBeConfirmed({"confirmed": found.questions})


def _named(dimension: Dimension | None, *, key: str, name: str, meaning: str, by: Any, at: dt.datetime) -> Dimension:
    if dimension is None:
        forget_custom_facts()
        if known := find(key):
            raise ValidationError({"key": f"{known.label} is a fact with this key already; choose another key."})
        dimension = Dimension(key=key, name=name, meaning=meaning)
        dimension.full_clean()
        audit.create(dimension, verb="dimension.create", by=by, at=at)
    else:
        audit.update(dimension, verb="dimension.change", by=by, at=at, name=name, meaning=meaning)
    transaction.on_commit(forget_custom_facts)
    forget_custom_facts()
    return dimension


def _watch(version: DimensionVersion, *, dropped: set[str], by: Any, at: dt.datetime) -> None:
    """Asks for every segment what it takes that those before it leave."""
    segments = list(version.segments.all())
    rules = entering([segment.condition for segment in segments])
    evaluation.watch(
        [
            evaluation.WatchDraft(
                key=watch_key(version.dimension, segment.key),
                reader=READER,
                definition=f"{version.dimension.key} version {version.number}",
                decides=version.dimension.key,
                enter=dict(rule),
            )
            for segment, rule in zip(segments, rules, strict=True)
        ],
        by=by,
        at=at,
        instead_of=[watch_key(version.dimension, key) for key in dropped - {one.key for one in segments}],
        is_reordered=True,
    )


def _follow(edges: Sequence[Edge], at: dt.datetime) -> set[int]:
    """Moves the accounts whose conditions turned. Nobody is asked again: who reads the segment comes after it."""
    by_dimension: dict[str, dict[int, list[Edge]]] = {}
    for edge in edges:
        by_dimension.setdefault(edge.watch.decides, {}).setdefault(edge.account_id, []).append(edge)
    versions = [(version, by_dimension[version.dimension.key]) for version in _current(by_dimension)]
    place([Turned(version, found.keys(), found) for version, found in versions], cause="", at=at)
    return set()


def _settle(watches: Sequence[Watch], account_ids: Collection[int], at: dt.datetime) -> set[int]:
    """Puts accounts silently where the new version of their dimension has them."""
    turned = [Turned(version, account_ids) for version in _current({watch.decides for watch in watches})]
    return place(turned, cause=Edge.Cause.DEFINITION, at=at)


outcomes.add(READER, Outcome(_follow, _settle))


def _current(keys: Collection[str]) -> list[DimensionVersion]:
    """The versions in force of these dimensions, with their segments."""
    return list(current_versions().filter(dimension__key__in=keys).prefetch_related("segments"))
