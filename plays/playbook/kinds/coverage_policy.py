"""`kind: coverage_policy`: whom we must know at a customer, by segment and stage."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from plays.playbook import shape
from plays.playbook.layout import OneLine, given
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.coverage import policy
from retention.coverage.policy import LineDraft, PolicyDraft, RoleDraft

LINE = ["segment", "stage", "engaged_people", "within_days", "roles"]
WITHIN = 60


def check(body: Body, known: Facts) -> list[Trouble]:
    found = shape.keys(body, required=["segments_by", "lines"])
    found = found or shape.key(body["segments_by"], ".segments_by") + shape.mappings(body["lines"], ".lines")
    if found:
        return found
    for index, line in enumerate(body["lines"]):
        found += _check_line(line, f".lines[{index}]")
    if found:
        return found
    return [Trouble(_path(path), message) for path, message in policy.wrong_with(_draft(body), known)]


def _check_line(line: Body, path: str) -> list[Trouble]:
    found = shape.keys(line, required=[], optional=LINE, path=path)
    if found:
        return found
    for name in ("segment", "stage"):
        found += shape.key(line[name], f"{path}.{name}") if line.get(name) is not None else []
    roles = line.get("roles")
    if roles is None or roles == []:
        return found
    found += shape.mappings(roles, f"{path}.roles")
    for index, role in enumerate([] if found else roles):
        found += _check_role(role, f"{path}.roles[{index}]")
    return found


def _check_role(role: Body, path: str) -> list[Trouble]:
    found = shape.keys(role, required=["role"], optional=["people", "engaged_days", "only"], path=path)
    found = found or shape.key(role["role"], f"{path}.role")
    only = role.get("only")
    if found or only is None:
        return found
    if not isinstance(only, dict):
        return [Trouble(f"{path}.only", "expected the fact and its value, such as {fact: company_size, value: smb}")]
    found = shape.keys(only, required=["fact", "value"], path=f"{path}.only")
    for name in () if found else ("fact", "value"):
        found += shape.key(only[name], f"{path}.only.{name}")
    return found


def _path(path: str) -> str:
    """A place in the draft as the file calls it."""
    place = path.replace("only_fact", "only")
    return f".{place}" if ".roles[" in place else f".{place.replace('.people', '.engaged_people')}"


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    policy.publish(_draft(body), by=by, at=at)
    return f"coverage policy: {len(body['lines'])} lines"


def _draft(body: Body) -> PolicyDraft:
    return PolicyDraft(body["segments_by"], [_line(one) for one in body["lines"]])


def _line(one: Body) -> LineDraft:
    within = one.get("within_days")
    return LineDraft(
        one.get("segment") or "",
        one.get("stage") or "",
        policy.in_order([_role(role) for role in one.get("roles") or ()]),
        one.get("engaged_people"),
        WITHIN if within is None else within,
    )


def _role(one: Body) -> RoleDraft:
    only, people = one.get("only") or {}, one.get("people")
    return RoleDraft(
        one["role"],
        1 if people is None else people,
        one.get("engaged_days"),
        only.get("fact", ""),
        only.get("value", ""),
    )


def export() -> Iterable[tuple[str, Body]]:
    if version := policy.in_force():
        yield "coverage_policy.yaml", _written(policy.draft_of(version))


def definitions(body: Body) -> list[Definition]:
    return [Definition("coverage", "policy", "", _written(_draft(body)))]


def _written(draft: PolicyDraft) -> Body:
    return {"segments_by": draft.segments_by, "lines": [_written_line(line) for line in draft.lines]}


def _written_line(line: LineDraft) -> Body:
    return given(
        segment=line.segment or None,
        stage=line.stage or None,
        engaged_people=line.people,
        within_days=None if line.within_days == WITHIN else line.within_days,
        roles=[_written_role(role) for role in line.roles],
    )


def _written_role(role: RoleDraft) -> Body:
    only = OneLine(fact=role.only_fact, value=role.only_value) if role.only_fact else None
    people = None if role.people == 1 else role.people
    return OneLine(given(role=role.role, people=people, engaged_days=role.engaged_days, only=only))


kinds.add(
    "coverage_policy",
    Kind(order=36, check=check, apply=apply, export=export, definitions=definitions, is_single=True),
)
