"""Every route of the installation, as the URL resolver knows them, with the rule that each one declares."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from plays.definitions.models import Play
from retention.audiences.models import Audience
from tests.access.rules import ANYBODY, CONSOLE, DERIVED, Rule

PARAMETER = re.compile(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)|<(?:\w+:)?(\w+)>")
SHORT = re.compile(r"admin/\w+/\w+/<path:object_id>/")
"""The admin's short address of a row leads to its page, whoever asks."""


@dataclass(frozen=True)
class Route:
    """One route: its address with named parameters, its name, what answers, and its rule (None: it declares none)."""

    address: str
    name: str
    view: Any = field(compare=False)
    rule: Rule | None = field(compare=False)

    @property
    def parameters(self) -> list[str]:
        return [name or other for name, other in PARAMETER.findall(self.address)]

    def at(self, values: dict[str, Any]) -> str:
        """The address with these values in place of its parameters."""
        plain = PARAMETER.sub(lambda found: str(values[found[1] or found[2]]), self.address)
        return "/" + re.sub(r"[\^$?]|\\Z|\(|\)", "", plain)

    @property
    def verbs(self) -> list[str]:
        actions = getattr(self.view, "actions", None)
        return [verb.upper() for verb in actions if verb != "head"] if actions else ["GET", "POST"]


@cache
def routes() -> tuple[Route, ...]:
    """All of them, in the order in which they are tried; one that an earlier one hides is left out."""
    found: dict[str, Route] = {}
    for address, pattern in _walk(get_resolver().url_patterns, ""):
        name = pattern.name or ""
        route = Route(address, name, pattern.callback, _rule(address, name, pattern.callback))
        found.setdefault(address, route)
    return tuple(found.values())


def _walk(patterns: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for one in patterns:
        address = prefix + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, address)
        else:
            yield address, one


def _rule(address: str, name: str, view: Any) -> Rule | None:
    if address.startswith("api/v1/"):
        return _of_api(address, name, view)
    if name in CONSOLE:
        return CONSOLE[name]
    if (name or address) in ANYBODY or SHORT.fullmatch(address):
        return Rule(None)
    return _of_admin(name) if address.startswith("admin/") else None


def _of_api(address: str, name: str, view: Any) -> Rule | None:
    """A view of the API declares its area; its rows are its queryset's; `account`, `play` and `audience` are keys."""
    if name in ("schema", "unknown"):
        return Rule(None)
    cls = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if getattr(cls, "area", None) not in Area.values:
        return None
    names: dict[str, tuple[type[models.Model] | None, str]] = {"account": (Account, "key"), "play": (Play, "key")}
    names["audience"] = (Audience, "key")
    lookup = getattr(cls, "lookup_url_kwarg", None) or getattr(cls, "lookup_field", "")
    if cls is not None and lookup not in names and getattr(cls, "queryset", None) is not None:
        names[lookup] = (cls.queryset.model, cls.lookup_field)
        if not hasattr(cls.queryset.model, cls.lookup_field) and cls.lookup_field != "pk":
            names[lookup] = (None, "no-such-thing")  # written in code, not in rows
    names.setdefault("kind", (None, "reactions"))
    if "dead-letters" in address:
        names["id"] = (None, "0")
    of_action = getattr(view, "initkwargs", {})
    is_self_service = of_action.get("self_service", getattr(cls, "self_service", False))
    return Rule(cls.area, names=names, is_self_service=is_self_service)


def _of_admin(name: str) -> Rule | None:
    """A page that the admin generates: its area is the model's."""
    for model in admin.site._registry:
        stem = f"{model._meta.app_label}_{model._meta.model_name}_"
        if name.startswith(stem) and name.removeprefix(stem) in DERIVED:
            changes = name.removeprefix(stem) in ("add", "delete")
            return Rule(model.AREA, changes=changes, names={"object_id": (model, "pk")})
    return None


@cache
def scoped_models() -> list[type[models.Model]]:
    """Every model whose rows are somebody's own."""
    from accounts.foundation.records import Record

    ours = [model for model in apps.get_models() if issubclass(model, Record)]
    return [model for model in ours if model.ACCOUNT_PATH is not None or model.ASSIGNED_PATH]
