"""A handoff template as an author writes it, and what is wrong with one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.facts.lookup import catalogue as known_facts
from accounts.portfolio.models import AccountMember
from retention.conditions.check import problems as condition_problems
from retention.evaluation.rules import catalogue
from retention.handoffs.models import HandoffItem, HandoffSection, HandoffVersion
from retention.raci.parts import Raci
from retention.raci.parts import problems as raci_problems
from retention.slas.business_time import NotADuration, parse


@dataclass(frozen=True)
class ItemDraft:
    """One item as an author writes it."""

    key: str
    name: str
    evidence: str
    help: str = ""
    role: str = ""
    facts: list[str] = field(default_factory=list)
    due: str = ""
    due_at_commit: bool = False
    is_blocking: bool = False
    blocks_when: Mapping[str, Any] | None = None
    raci: Raci = field(default_factory=dict)
    """Empty: that of its section."""


@dataclass(frozen=True)
class SectionDraft:
    """One section with its items, in their order."""

    key: str
    name: str
    meaning: str = ""
    raci: Raci = field(default_factory=dict)
    items: list[ItemDraft] = field(default_factory=list)


@dataclass(frozen=True)
class TemplateDraft:
    """One kind of handoff with its whole checklist. `promised`: key, label, within, and the fact that keeps it."""

    key: str
    name: str
    giver: str
    receiver: str
    complete_within: str
    accept_within: str
    sections: list[SectionDraft]
    meaning: str = ""
    starts_with: str = ""
    starts_on_change_of: str = ""
    promised: list[dict[str, str]] = field(default_factory=list)


def draft_of(version: HandoffVersion) -> TemplateDraft:
    """`version` as an author would write it again."""
    template = version.template
    items: dict[int, list[ItemDraft]] = {}
    for row in version.items.all():
        items.setdefault(row.section_id, []).append(_item(row))
    return TemplateDraft(
        key=template.key,
        name=template.name,
        meaning=template.meaning,
        starts_with=template.starts_with,
        starts_on_change_of=template.starts_on_change_of,
        giver=version.giver,
        receiver=version.receiver,
        complete_within=version.complete_within,
        accept_within=version.accept_within,
        promised=[dict(one) for one in version.promised],
        sections=[_section(row, items.get(row.pk, [])) for row in version.sections.all()],
    )


def _section(row: HandoffSection, items: list[ItemDraft]) -> SectionDraft:
    return SectionDraft(key=row.key, name=row.name, meaning=row.meaning, raci=row.raci, items=items)


def _item(row: HandoffItem) -> ItemDraft:
    return ItemDraft(**{name: getattr(row, name) for name in ItemDraft.__dataclass_fields__})


def wrong_with(draft: TemplateDraft) -> dict[str, str]:
    """What is wrong with `draft`: where it stands in a file → what to do. Empty: nothing."""
    found: dict[str, str] = {}
    for name in ("complete_within", "accept_within"):
        found |= _duration(getattr(draft, name), name)
    for place, date in enumerate(draft.promised):
        found |= _duration(date["within"], f"promised[{place}].within")
        found |= _known([date["fact"]] if date.get("fact") else [], f"promised[{place}].fact")
    if draft.giver == draft.receiver:
        found["receiver"] = f"Choose another part: {_part(draft.giver)} cannot hand over to themselves."
    if not any(section.items for section in draft.sections):
        found["sections"] = "A checklist has at least one item."
    keys: set[str] = set()
    for place, section in enumerate(draft.sections):
        found |= _raci(section.raci, f"sections[{place}].raci")
        for number, item in enumerate(section.items):
            path = f"sections[{place}].items[{number}]"
            if item.key in keys:
                found[f"{path}.key"] = "Another item has this key already."
            keys.add(item.key)
            found |= _wrong_item(item, path)
    return found


def _wrong_item(item: ItemDraft, path: str) -> dict[str, str]:
    found = _raci(item.raci, f"{path}.raci") | _known(item.facts, f"{path}.facts")
    if item.due:
        found |= _duration(item.due, f"{path}.due")
    if item.evidence == HandoffItem.Evidence.FACT and not item.facts:
        found[f"{path}.facts"] = "Say which facts are shown."
    if item.role and item.evidence != HandoffItem.Evidence.STAKEHOLDER:
        found[f"{path}.role"] = "Only an item about a person at the customer has a role."
    if item.blocks_when is not None:
        if not item.is_blocking:
            found[f"{path}.blocks_when"] = "It blocks under a condition, so it must block."
        for problem in condition_problems(item.blocks_when, catalogue(), allow_held_for=False):
            found[f"{path}.blocks_when{problem.path.removeprefix('$')}"] = problem.message
    return found


def _duration(text: str, path: str) -> dict[str, str]:
    try:
        parse(text)
    except NotADuration as error:
        return {path: str(error)}
    return {}


def _known(keys: Sequence[str], path: str) -> dict[str, str]:
    unknown = [key for key in keys if key not in known_facts()]
    return {path: f"There is no fact {', '.join(unknown)}."} if unknown else {}


def _raci(raci: Raci, path: str) -> dict[str, str]:
    return {f"{path}.{name}" if name else path: said for name, said in raci_problems(raci).items()}


def _part(part: str) -> str:
    return str(dict(AccountMember.Part.choices).get(part, part))
