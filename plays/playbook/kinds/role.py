"""`kind: role`: what people of a role reach, and what they may change."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.foundation.scope import Access, Area, Reach
from accounts.team.models import Role
from accounts.team.services import define_role
from plays.playbook import shape
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["key", "name", "description", "home", "grants"])
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    found += shape.text(body["description"], ".description") + shape.choice(body["home"], ".home", Role.Home.values)
    if not isinstance(body["grants"], dict):
        return [*found, Trouble(".grants", "expected areas, each with its reach and access")]
    for area, grant in body["grants"].items():
        found += shape.choice(area, f".grants.{area}", Area.values) + _check_grant(grant, f".grants.{area}")
    return found


def _check_grant(grant: Any, path: str) -> list[Trouble]:
    words = grant.split() if isinstance(grant, str) else []
    if len(words) == 2 and words[0] in Access.values and words[1] in Reach.values:
        return []
    return [Trouble(path, "expected view or edit, then own, team or all; such as `edit own`")]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    grants = {area: (words.split()[1], words.split()[0]) for area, words in body["grants"].items()}
    role = define_role(
        key=body["key"],
        name=body["name"],
        description=body["description"],
        home=body["home"],
        grants=grants,
        by=by,
        at=at,
    )
    return f"role {role.name}"


def export() -> Iterable[tuple[str, Body]]:
    for role in Role.objects.order_by("key").prefetch_related("grants"):
        grants = {grant.area: f"{grant.access} {grant.reach}" for grant in role.grants.all()}
        yield f"roles/{role.key}.yaml", _written(role.key, role.name, role.description, role.home, grants)


def definitions(body: Body) -> list[Definition]:
    grants = {area: " ".join(words.split()) for area, words in body["grants"].items()}
    written = _written(body["key"], body["name"], body["description"], body["home"], grants)
    return [Definition("role", body["key"], "", written)]


def _written(key: str, name: str, description: str, home: str, grants: Mapping[str, str]) -> Body:
    ordered = {area: grants[area] for area in Area.values if area in grants}
    return {"key": key, "name": name, "description": description, "home": home, "grants": ordered}


kinds.add("role", Kind(order=10, check=check, apply=apply, export=export, definitions=definitions))
