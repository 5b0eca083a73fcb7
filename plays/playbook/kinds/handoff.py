"""`kind: handoff`: what one side tells the other when a customer is handed over, section by section."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from accounts.deals.models import Deal
from accounts.portfolio.models import AccountMember
from accounts.stakeholders.models import StakeholderRole
from plays.playbook import shape
from plays.playbook.layout import given, tidy
from plays.playbook.registry import Body, Definition, Facts, Kind, Trouble, kinds
from retention.handoffs.drafts import ItemDraft, SectionDraft, TemplateDraft, draft_of
from retention.handoffs.models import HandoffItem, HandoffTemplate
from retention.handoffs.services import publish
from retention.raci.parts import Function, ordered, problems
from retention.slas.business_time import NotADuration, parse

REQUIRED = ("key", "name", "giver", "receiver", "complete_within", "accept_within", "sections")
OPTIONAL = ("meaning", "starts_with", "starts_on_change_of", "promised")
CHOICES = {
    "giver": AccountMember.Part.values,
    "receiver": AccountMember.Part.values,
    "starts_with": Deal.Type.values,
    "starts_on_change_of": AccountMember.Part.values,
}
ITEM = ("help", "role", "facts", "due", "due_at_commit", "blocks", "blocks_when", "raci")
FIELDS = {"blocks": "is_blocking"}
"""Key of a file → field of a draft, where they differ."""


def check(body: Body, facts: Facts) -> list[Trouble]:
    found = shape.keys(body, required=REQUIRED, optional=OPTIONAL)
    found = found or shape.mappings(body["sections"], ".sections")
    if found:
        return found
    found = shape.key(body["key"], ".key") + shape.text(body["name"], ".name", longest=120)
    if body.get("meaning") is not None:
        found += shape.text(body["meaning"], ".meaning")
    for name, choices in CHOICES.items():
        if body.get(name) is not None:
            found += shape.choice(body[name], f".{name}", choices)
    if body["giver"] == body["receiver"]:
        found.append(Trouble(".receiver", "expected another part than the giver's"))
    found += _duration(body["complete_within"], ".complete_within")
    found += _duration(body["accept_within"], ".accept_within")
    found += _check_promised(body.get("promised"), facts)
    sections: set[str] = set()
    items: set[str] = set()
    for index, section in enumerate(body["sections"]):
        found += _check_section(section, f".sections[{index}]", sections, items, facts)
    return found


def _duration(value: Any, path: str) -> list[Trouble]:
    try:
        parse(value)
    except (NotADuration, AttributeError):
        return [Trouble(path, "expected time such as 4 bh, 1 bd or 14 d")]
    return []


def _check_promised(dates: Any, facts: Facts) -> list[Trouble]:
    if dates is None:
        return []
    if found := shape.mappings(dates, ".promised"):
        return found
    seen: set[str] = set()
    for index, date in enumerate(dates):
        path = f".promised[{index}]"
        wrong = shape.keys(date, required=["key", "label", "within"], optional=["fact"], path=path)
        found += wrong
        if not wrong:
            found += shape.once(date["key"], f"{path}.key", seen, what="date")
            found += shape.text(date["label"], f"{path}.label", longest=120)
            found += _duration(date["within"], f"{path}.within")
            found += _known([date["fact"]] if date.get("fact") is not None else [], f"{path}.fact", facts)
    return found


def _check_section(section: Body, path: str, sections: set[str], items: set[str], facts: Facts) -> list[Trouble]:
    found = shape.keys(section, required=["key", "name", "items"], optional=["meaning", "raci"], path=path)
    found = found or shape.mappings(section["items"], f"{path}.items")
    if found:
        return found
    found = shape.once(section["key"], f"{path}.key", sections, what="section")
    found += shape.text(section["name"], f"{path}.name", longest=120)
    if section.get("meaning") is not None:
        found += shape.text(section["meaning"], f"{path}.meaning")
    found += _check_raci(section.get("raci"), f"{path}.raci")
    for index, item in enumerate(section["items"]):
        found += _check_item(item, f"{path}.items[{index}]", items, facts)
    return found


def _check_item(item: Body, path: str, items: set[str], facts: Facts) -> list[Trouble]:
    found = shape.keys(item, required=["key", "name", "evidence"], optional=ITEM, path=path)
    if found:
        return found
    found = shape.once(item["key"], f"{path}.key", items, what="item")
    found += shape.text(item["name"], f"{path}.name", longest=200)
    found += shape.choice(item["evidence"], f"{path}.evidence", HandoffItem.Evidence.values)
    said = {name: value for name, value in item.items() if value is not None}
    if "help" in said:
        found += shape.text(said["help"], f"{path}.help", longest=500)
    if "role" in said:
        found += shape.choice(said["role"], f"{path}.role", StakeholderRole.Role.values)
        if item["evidence"] != "stakeholder":
            found.append(Trouble(f"{path}.role", "only an item whose evidence is a stakeholder has a role"))
    if "due" in said:
        found += _duration(said["due"], f"{path}.due")
    if "facts" in said or item["evidence"] == "fact":
        found += _known(said.get("facts"), f"{path}.facts", facts)
    for name in ("due_at_commit", "blocks"):
        found += shape.flag(said.get(name, False), f"{path}.{name}")
    if "blocks_when" in said:
        found += shape.condition(said["blocks_when"], f"{path}.blocks_when", facts)
    return found + _check_raci(said.get("raci"), f"{path}.raci")


def _known(keys: Any, path: str, facts: Facts) -> list[Trouble]:
    if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
        return [Trouble(path, "expected a list of the keys of facts")]
    return [Trouble(path, f"there is no fact {key}") for key in keys if key not in facts]


def _check_raci(raci: Any, path: str) -> list[Trouble]:
    if raci is None:
        return []
    if not isinstance(raci, dict) or not raci or not all(isinstance(part, str) for part in raci.values()):
        functions = ", ".join(Function.values)
        return [Trouble(path, f"expected a function and its part each, such as {{sales: AR}}; {functions}")]
    return [Trouble(f"{path}.{name}" if name else path, said) for name, said in problems(raci).items()]


def apply(body: Body, by: Any, at: dt.datetime) -> str:
    return f"handoff {publish(_draft(body), by=by, at=at)}"


def _draft(body: Body) -> TemplateDraft:
    plain = {name: body.get(name) or "" for name in (*REQUIRED[:-1], *OPTIONAL[:-1])}
    dates = [{name: str(value) for name, value in one.items() if value} for one in body.get("promised") or []]
    return TemplateDraft(**plain, promised=dates, sections=[_section_draft(one) for one in body["sections"]])


def _section_draft(section: Mapping[str, Any]) -> SectionDraft:
    return SectionDraft(
        key=section["key"],
        name=section["name"],
        meaning=section.get("meaning") or "",
        raci=ordered(section.get("raci") or {}),
        items=[_item_draft(one) for one in section["items"]],
    )


def _item_draft(item: Mapping[str, Any]) -> ItemDraft:
    said = {FIELDS.get(name, name): value for name, value in item.items() if value is not None}
    if said.get("blocks_when") is not None:
        said["is_blocking"] = True
    return ItemDraft(**said | {"raci": ordered(said.get("raci") or {})})


def export() -> Iterable[tuple[str, Body]]:
    for template in HandoffTemplate.objects.order_by("key"):
        if version := template.latest:
            yield f"handoffs/{template.key}.yaml", _written(draft_of(version))


def definitions(body: Body) -> list[Definition]:
    return [Definition("handoff", body["key"], "", _written(_draft(body)))]


def _written(draft: TemplateDraft) -> Body:
    return given(
        key=draft.key,
        name=draft.name,
        meaning=draft.meaning or None,
        starts_with=draft.starts_with or None,
        starts_on_change_of=draft.starts_on_change_of or None,
        giver=draft.giver,
        receiver=draft.receiver,
        complete_within=draft.complete_within,
        accept_within=draft.accept_within,
        promised=[tidy(one, ("key", "label", "within", "fact")) for one in draft.promised] or None,
        sections=[_section(one) for one in draft.sections],
    )


def _section(section: SectionDraft) -> Body:
    return given(
        key=section.key,
        name=section.name,
        meaning=section.meaning or None,
        raci=ordered(section.raci) or None,
        items=[_item(one) for one in section.items],
    )


def _item(item: ItemDraft) -> Body:
    return given(
        key=item.key,
        name=item.name,
        evidence=item.evidence,
        help=item.help or None,
        role=item.role or None,
        facts=list(item.facts) or None,
        due=item.due or None,
        due_at_commit=item.due_at_commit or None,
        blocks=(item.is_blocking and item.blocks_when is None) or None,
        blocks_when=None if item.blocks_when is None else tidy(dict(item.blocks_when)),
        raci=ordered(item.raci) or None,
    )


kinds.add("handoff", Kind(order=39, check=check, apply=apply, export=export, definitions=definitions))
