"""Which signals came before: exact, because nobody else is in the lane of the fold."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models

from accounts.ingestion.models import SignalEvent, Visit
from accounts.ingestion.signals import Signal
from accounts.workspace.models import Source


def without_repeats(signals: Sequence[Signal], *, source: Source) -> list[Signal]:
    """Those of `signals` that were not folded before, each message of a day once."""
    first: dict[tuple[dt.date, str], Signal] = {}
    for signal in signals:
        first.setdefault((signal.day, signal.message), signal)
    return _unknown(SignalEvent, list(first.values()), source)


def without_held(signals: Sequence[Signal], *, source: Source) -> list[Signal]:
    """Those of `signals` that are not held as visits already."""
    return _unknown(Visit, signals, source)


def _unknown(model: type[models.Model], signals: Sequence[Signal], source: Source) -> list[Signal]:
    if not signals:
        return []
    known = _known(model, signals, source)
    return [signal for place, signal in enumerate(signals) if place not in known] if known else list(signals)


def _known(model: type[models.Model], signals: Sequence[Signal], source: Source) -> set[int]:
    """The places of those of which `model` has a row with the same day, source and message.

    One look into the index for each: a planner that sees two sets to join may read the whole table instead.
    """
    is_there = f'"{model._meta.db_table}" s WHERE s.day = k.day AND s.source_id = %s AND s.message = k.message'
    day_of = {day: day.isoformat() for day in {signal.day for signal in signals}}
    days, messages = [day_of[signal.day] for signal in signals], [signal.message for signal in signals]
    if connection.vendor == "postgresql":
        asked = "unnest(%s::date[], %s::uuid[]) WITH ORDINALITY k(day, message, place)"
        text = f"SELECT k.place - 1 FROM {asked}, LATERAL (SELECT 1 FROM {is_there} LIMIT 1) found"  # noqa: S608
        parameters: list[Any] = [f"{{{','.join(texts)}}}" for texts in (days, messages)]  # nothing to escape
    else:
        keys = "SELECT key AS place, json_extract(value, '$[0]') AS day, json_extract(value, '$[1]') AS message"
        text = f"SELECT k.place FROM ({keys} FROM json_each(%s)) k WHERE EXISTS (SELECT 1 FROM {is_there})"  # noqa: S608
        parameters = [json.dumps([*zip(days, messages, strict=True)])]
    with connection.cursor() as cursor:
        cursor.execute(text, [*parameters, source.pk])
        return {place for (place,) in cursor.fetchall()}
