"""The policy and its holes as pages show them: rows of a matrix, lines in words, accounts with what they lack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from accounts.facts.wording import shown
from accounts.foundation import money
from accounts.portfolio.models import Account, AccountMember
from accounts.workspace.queries import base_currency
from retention.coverage.assessing import Policy
from retention.coverage.facts import MISSING
from retention.coverage.policy import LineDraft, RoleDraft, segment_names, stage_names
from retention.coverage.queries import ANY, HOLES, NOBODY, ROLES, SHORT, SINGLE_HOLE, Cell
from retention.lifecycle.placing import REGISTER


@dataclass(frozen=True)
class Square:
    """One segment in one stage: what is asked there, and the holes with their addresses."""

    segment: str
    line: LineDraft | None
    accounts: int
    short: int
    address: str
    holes: Sequence[tuple[str, int, str]]


def cells(
    policy: Policy, found: Mapping[tuple[str, str], Cell], segments: Mapping[str, str], stages: Mapping[str, str]
) -> list[tuple[str, list[Square]]]:
    """Stage → its squares in the order of the segments. Accounts without a stage come last, where there are any."""
    names = dict(stages) | ({"": "No stage yet"} if any(not stage for _, stage in found) else {})
    return [
        (name, [_square(policy, found.get((key, stage), Cell()), key, stage, label) for key, label in segments.items()])
        for stage, name in names.items()
    ]


def _square(policy: Policy, cell: Cell, segment: str, stage: str, label: str) -> Square:
    counted = [*((role, cell.missing[role]) for role in ROLES), (SINGLE_HOLE, cell.single), (NOBODY, cell.nobody)]
    holes = [(HOLES[hole], count, _address(segment, stage, hole)) for hole, count in counted if count]
    line = policy.line(segment, stage)
    return Square(label, line, cell.accounts, cell.short, _address(segment, stage, SHORT), holes)


def _address(segment: str, stage: str, hole: str) -> str:
    asked = urlencode({"segment": segment, "stage": stage, "hole": hole})
    return f"{reverse('admin:retention_coveragepolicyversion_holes')}?{asked}"


def lines(policy: Policy, segments: Mapping[str, str], stages: Mapping[str, str]) -> list[dict[str, Any]]:
    """Each line in words, with the address at which it is changed."""
    return [
        {
            "segment": segments.get(line.segment, "Any segment"),
            "stage": stages.get(line.stage, "Any stage"),
            "roles": [role_words(one) for one in line.roles],
            "people": people_words(line),
            "address": reverse("admin:retention_coveragepolicyversion_line")
            + f"?{urlencode({'segment': line.segment, 'stage': line.stage})}",
        }
        for line in policy.draft.lines
    ]


def role_words(one: RoleDraft) -> str:
    """One role that is asked for: `2 × Security, engaged in 60 days, if company size is enterprise`."""
    told = ROLES[one.role] if one.people == 1 else f"{one.people} × {ROLES[one.role]}"
    if one.engaged_days is not None:
        told += f", engaged in {one.engaged_days} days"
    if one.only_fact:
        told += f", if {one.only_fact.replace('_', ' ')} is {one.only_value.replace('_', ' ')}"
    return str(told)


def people_words(line: LineDraft) -> str:
    """How many people must be engaged, in words; empty where that is not asked."""
    return "" if line.people is None else f"{line.people} in {line.within_days} days"


def title_of(policy: Policy, segment: str, stage: str, hole: str = "") -> str:
    """`High touch, Renewal: finance`, with the names of segment and stage."""
    empty = {ANY: "", "": "any"} if not hole else {ANY: "", "": "no"}
    places = []
    for what, key, names in (
        ("segment", segment, segment_names(policy.draft.segments_by)),
        ("stage", stage, stage_names()),
    ):
        words = f"{empty[key]} {what}" if empty.get(key) else names.get(key, key.replace("_", " "))
        places += [words] if key != ANY else []
    place = ", ".join(places) or "All accounts"
    what_is = f"{HOLES[hole]} missing" if hole in ROLES else HOLES.get(hole, "")
    return f"{place[:1].upper()}{place[1:]}{f': {what_is.lower()}' if hole else ''}"


def members(accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """Accounts as a list shows them: who looks after each, what is missing there, what it pays."""
    currency = base_currency()
    return [
        {
            "account": account,
            "csm": next((str(one.user) for one in account.members.all() if one.part == AccountMember.Part.CSM), ""),
            "stage": shown(REGISTER, account.facts.stage, currency=currency) if account.facts.stage else "",
            "missing": [ROLES[role] for role in account.facts.custom.get(MISSING) or () if role in ROLES],
            "single": account.facts.single_threaded,
            "arr": "" if account.facts.arr_minor is None else money.shown(account.facts.arr_minor, currency),
        }
        for account in accounts
    ]
