"""`kind: audience`: whom something concerns, by role and topic, at which accounts."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.audiences import services
from retention.audiences.drafts import ROLES, TOPICS, AudienceDraft, draft_of, in_order, wrong_with
from retention.audiences.models import Audience

WHO = ["roles", "topics", "condition"]


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["key", "name"], optional=["meaning", *WHO, "needs_email"])
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.text(body["meaning"], ".meaning") if body.get("meaning") is not None else []
    found += shape.flag(body["needs_email"], ".needs_email") if body.get("needs_email") is not None else []
    for name in ("roles", "topics"):
        found += _texts(body.get(name), f".{name}")
    return found or [Trouble(f".{path}", message) for path, message in wrong_with(_draft(body), known)]


def _texts(value: Any, path: str) -> list[Trouble]:
    if value is None or (isinstance(value, list) and all(isinstance(one, str) for one in value)):
        return []
    return [Trouble(path, "expected a list of names")]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    return f"audience {services.define(_draft(body), by=by, at=at)}"


def _draft(body: Body) -> AudienceDraft:
    needs_email = body.get("needs_email")
    return AudienceDraft(
        body["key"],
        body["name"],
        body.get("meaning") or "",
        body.get("roles") or [],
        body.get("topics") or [],
        body.get("condition"),
        True if needs_email is None else needs_email,
    )


def export() -> Iterable[tuple[str, Body]]:
    for audience in Audience.objects.order_by("key"):
        yield f"audiences/{audience.key}.yaml", _written(draft_of(audience))


def definitions(body: Body) -> list[Definition]:
    return [Definition("audience", body["key"], "", _written(_draft(body)))]


def _written(draft: AudienceDraft) -> Body:
    return given(
        key=draft.key,
        name=draft.name,
        meaning=draft.meaning or None,
        roles=in_order(draft.roles, ROLES) or None,
        topics=in_order(draft.topics, TOPICS) or None,
        condition=None if draft.condition is None else tidy(draft.condition),
        needs_email=None if draft.needs_email else False,
    )


kinds.add("audience", Kind(order=37, check=check, apply=apply, export=export, definitions=definitions))
