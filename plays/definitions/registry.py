"""Kinds of triggers: what a play can wait for. Adding one means adding one file and registering it here."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from accounts.foundation.registry import Registry
from plays.definitions.models import Play, PlayVersion
from retention.conditions.language import FactType


@dataclass(frozen=True)
class Trouble:
    """Something wrong in the trigger of a play, and where."""

    path: str
    message: str


@dataclass(frozen=True)
class TriggerKind:
    """One kind of trigger: how it is written, checked, waited for and told."""

    label: str
    check: Callable[[Any, Mapping[str, FactType]], list[Trouble]]
    """What is wrong with it, as a file has it under the name of its kind."""
    follow: Callable[[PlayVersion, Any, dt.datetime], None]
    """Waits for it from now on, as this version of the play says; what holds already starts nothing."""
    forget: Callable[[Play, Any, dt.datetime], None]
    """Waits no longer."""
    words: Callable[[PlayVersion], str]
    """When the play starts, as a sentence without its end."""
    meant: Callable[[Any], Any] = lambda written: written
    """What a file means by it: two that mean the same come out equal."""
    fields: Sequence[str] = ()
    """Its keys in the order in which a person writes them."""
    missing: Callable[[Any], str] = lambda trigger: ""
    """What it names that this installation does not have, in a sentence; asked when it is published."""


@dataclass(frozen=True)
class PlayPage:
    """One further page of a play, below its address: what its button says, and the view.

    The view is given the console's page of plays, the request, and the version in force.
    """

    label: str
    view: Callable[[Any, HttpRequest, PlayVersion], HttpResponse]
    suits: Callable[[PlayVersion], bool] = lambda version: True
    """Whether this play has it."""
    edits: bool = False
    """Whether one must be allowed to change plays."""


@dataclass(frozen=True)
class ListPage:
    """One page beside the list of plays: what its button says, and the view, which is given the console's page."""

    label: str
    view: Callable[[Any, HttpRequest], HttpResponse]
    edits: bool = False
    """Whether one must be allowed to change plays."""


list_pages: Registry[ListPage] = Registry("page beside the list of plays")
play_pages: Registry[PlayPage] = Registry("page of a play")
trigger_kinds: Registry[TriggerKind] = Registry("kind of trigger")
