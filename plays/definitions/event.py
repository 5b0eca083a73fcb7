"""The trigger *event*: something happened to an account, of a kind that the timeline knows."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.events.timeline import PERSON_FIELDS
from accounts.portfolio.events import kinds as event_kinds
from accounts.portfolio.events import words as kind_in_words
from plays.definitions import fields
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import TriggerKind, Trouble, trigger_kinds
from retention.conditions.catalogue import UNDECLARED
from retention.conditions.check import parse
from retention.conditions.language import FactType, facts_read

FIELDS = ("kind", "where")
OWN = frozenset({"run.started", "run.ended", "step.given_up"})
"""What plays themselves bring about: a play that waited for it could start itself for ever."""


def check(event: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with it."""
    if not isinstance(event, dict):
        return [Trouble("", "expected `kind`, and `where` if not every event of it counts")]
    found = fields.unknown_keys(event, FIELDS, "an event")
    kind = event.get("kind")
    if not isinstance(kind, str) or kind not in event_kinds:
        found.append(Trouble(".kind", f"expected one of {', '.join(sorted(set(event_kinds) - OWN))}"))
    elif kind in OWN:
        found.append(Trouble(".kind", "plays bring this about themselves; choose what happened before it"))
    wrong = fields.check(event.get("where"))
    return found + (wrong or _check_people(event.get("where")))


def _check_people(where: Any) -> list[Trouble]:
    """Events hold people by ids, which mean nothing to whoever writes a play."""
    asked = sorted(facts_read(parse(where, UNDECLARED)) & set(PERSON_FIELDS)) if where else []
    return [Trouble(".where", f"{name} names one of our people; leave it out") for name in asked]


def follow(version: PlayVersion, by: Any, at: dt.datetime) -> None:
    """Nothing is kept: whether the play is active is asked when something happens."""


def forget(play: Play, by: Any, at: dt.datetime) -> None:
    """Nothing was kept."""


def words(version: PlayVersion) -> str:
    """`when this happens to an account: Deal won, and type is “new”`."""
    trigger = version.trigger
    return f"when this happens to an account: {kind_in_words(trigger['kind'])}{fields.words(trigger.get('where'))}"


trigger_kinds.add("event", TriggerKind("Something happens to an account", check, follow, forget, words, fields=FIELDS))
