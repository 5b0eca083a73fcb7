"""What happens while plays wait for it: written down with it, decided about in the next round of the pump."""

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.foundation import bell, many
from accounts.foundation.clock import now
from accounts.foundation.remembering import remembered
from accounts.foundation.waiting import in_order
from accounts.foundation.waiting import waiting as waiting_rows
from accounts.ingestion.models import Feature
from accounts.ingestion.registry import listeners
from accounts.ingestion.signals import Signal, properties
from accounts.portfolio import events as portfolio_events
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Source
from plays.definitions.event import OWN
from plays.definitions.fields import Clauses, Filter, named
from plays.definitions.models import Play, PlayVersion
from plays.triggers.models import Moment

COLUMNS = ("play_id", "account_id", "occurrence_key", "clauses", "at", "noted_at")
waiting_rows.add("occurrences to decide", lambda at: in_order(Moment.objects.all(), "noted_at"))
A_DAY = dt.timedelta(days=1)
"""Events that are dated to a day lie up to so much before the instant at which they happened."""


def waiting(kind: str, **trigger: Any) -> list[PlayVersion]:
    """The versions in force of active plays that wait for one kind of trigger."""
    if not _somebody_waits(kind):
        return []  # asked with every event: most often nobody waits, and that is cheap to find out
    newest = PlayVersion.objects.filter(play=OuterRef("play")).order_by("-number").values("pk")[:1]
    rows = PlayVersion.objects.filter(play__is_active=True, starts_on=kind, pk=Subquery(newest), **trigger)
    return list(rows.select_related("play"))


@remembered
def _somebody_waits(kind: str) -> bool:
    return Play.objects.filter(is_active=True, versions__starts_on=kind).exists()


@portfolio_events.sinks.register("plays that wait for events")
def note_events(kind: str, happened: Sequence[AccountEvent], at: dt.datetime) -> None:
    """Writes down events of one kind for every play that waits for them."""
    if kind in OWN:
        return
    for version in waiting("event", trigger__kind=kind):
        fits, said = (
            Filter(version.trigger.get("where"), at=at),
            named("Event", portfolio_events.words(kind)),
        )
        rows = [
            _row(version, event.account_id, f"event:{event.pk}", [said, *clauses], event.at)
            for event in happened
            if event.at >= _since(version) - A_DAY and (clauses := fits.clauses(event.data)) is not None
        ]
        many.write(Moment, COLUMNS, rows)


@listeners.register("plays that wait for signals")
def note_signals(source: Source, heard: Iterable[tuple[Signal, int]]) -> None:
    """Writes down tracked events for every play that waits for them: for each account the latest of those at hand.

    All of them are decided about together, and one run at a time is open: the others could start nothing.
    """
    found = waiting("signal")
    if not found:
        return
    wanted, asked = _by_name(found), {one.pk: Filter(one.trigger.get("where"), at=now()) for one in found}
    latest: dict[tuple[int, int], tuple[PlayVersion, Signal, Clauses]] = {}
    for signal, account_id in heard:
        for version in wanted.get(signal.name, ()) if signal.type == "track" else ():
            place = version.pk, account_id
            if signal.happened_at < _since(version) or _is_older(signal, latest.get(place)):
                continue
            if (clauses := _said(signal, asked[version.pk])) is not None:
                latest[place] = version, signal, clauses
    rows = [
        _row(version, account_id, f"signal:{source.pk}:{signal.message}", clauses, signal.happened_at)
        for (_, account_id), (version, signal, clauses) in latest.items()
    ]
    many.write(Moment, COLUMNS, rows)
    if rows:
        bell.ring()


def _since(version: PlayVersion) -> dt.datetime:
    """Since when the play is active: what happened before starts nothing, also when we learn of it later."""
    return version.play.activated_at or now()


def _by_name(found: Sequence[PlayVersion]) -> Mapping[str, list[PlayVersion]]:
    """Name of a tracked event → who waits for it, itself or as a use of a feature."""
    names: dict[str, list[PlayVersion]] = {}
    keys = {one.trigger["feature"] for one in found if one.trigger.get("feature")}
    features = dict(Feature.objects.filter(key__in=keys).values_list("key", "events"))
    for version in found:
        trigger = version.trigger
        for name in features.get(trigger["feature"], ()) if trigger.get("feature") else (trigger["event"],):
            names.setdefault(name, []).append(version)
    return names


def _is_older(signal: Signal, than: tuple[PlayVersion, Signal, Clauses] | None) -> bool:
    return than is not None and signal.happened_at < than[1].happened_at


def _said(signal: Signal, fits: Filter) -> Clauses | None:
    """What decided that it fits; None where it does not. Texts that the play does not name itself are left out."""
    clauses = fits.clauses(properties(signal) if fits.asks else {})
    if clauses is None:
        return None
    return [named("Signal", signal.name), *(_without_texts(clause) for clause in clauses)]


def _without_texts(clause: dict[str, Any]) -> dict[str, Any]:
    """Properties may be about people, and decisions are kept for long."""
    seen, value = clause["observed"], clause.get("value")
    is_plain = seen is None or isinstance(seen, (bool, int, float))
    is_named = seen == value or (isinstance(value, list) and seen in value)
    return clause if is_plain or is_named else clause | {"observed": "something else"}


def _row(version: PlayVersion, account_id: int, key: str, clauses: Clauses, at: dt.datetime) -> tuple[Any, ...]:
    return version.play_id, account_id, key, json.dumps(clauses), at, now()
