"""The trigger *signal*: the product tells that somebody of an account did something."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.ingestion.models import Feature
from plays.definitions import fields
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import TriggerKind, Trouble, trigger_kinds
from retention.conditions.language import FactType

FIELDS = ("event", "feature", "where")
LONGEST = 200


def check(signal: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with it."""
    if not isinstance(signal, dict):
        return [Trouble("", "expected `event` with the name of a tracked event, or `feature`")]
    found = fields.unknown_keys(signal, FIELDS, "a signal")
    named = [name for name in ("event", "feature") if signal.get(name) is not None]
    if len(named) != 1:
        found.append(Trouble("", "expected either `event` (the name of a tracked event) or `feature`"))
    elif not _is_name(signal[named[0]]):
        found.append(Trouble(f".{named[0]}", f"expected a name of 1 to {LONGEST} characters"))
    return found + fields.check(signal.get("where"))


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST


def missing(signal: Mapping[str, Any]) -> str:
    """A feature that the tracking plan does not have."""
    key = signal.get("feature")
    if not key or Feature.objects.filter(key=key).exists():
        return ""
    return f"The tracking plan has no feature {key}; add it there, or name the event itself."


def follow(version: PlayVersion, by: Any, at: dt.datetime) -> None:
    """Nothing is kept: whether the play is active is asked when signals come."""


def forget(play: Play, by: Any, at: dt.datetime) -> None:
    """Nothing was kept."""


def words(version: PlayVersion) -> str:
    """`when somebody of an account does this: Report Exported, and format is “pdf”`."""
    trigger = version.trigger
    where = fields.words(trigger.get("where"))
    if event := trigger.get("event"):
        return f"when somebody of an account does this: {event}{where}"
    feature = Feature.objects.filter(key=trigger["feature"]).first()
    return f"when somebody of an account uses {feature or trigger['feature']}{where}"


trigger_kinds.add(
    "signal",
    TriggerKind("Somebody of an account does something", check, follow, forget, words, fields=FIELDS, missing=missing),
)
