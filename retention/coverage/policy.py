"""The coverage policy: what an author writes, what is wrong with it, and how a version comes into force."""

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.facts.queries import after_latest_projection
from accounts.facts.registry import derivations, readers
from accounts.foundation import audit, bell
from accounts.foundation.keys import KEY
from accounts.foundation.lanes import lane
from accounts.stakeholders.models import StakeholderRole
from retention.conditions.language import FactType
from retention.coverage.models import MOST_DAYS, MOST_PEOPLE, CoverageLine, CoveragePolicyVersion, CoverageRole
from retention.evaluation import services as evaluation
from retention.evaluation.rules import catalogue
from retention.lifecycle.placing import REGISTER
from retention.lifecycle.queries import primary_version
from retention.segments.queries import current_segments

DERIVATION = "committee"
MOST_LINES = 200
Role = StakeholderRole.Role


@dataclass(frozen=True)
class RoleDraft:
    """One role that a line asks for, as an author writes it. `only_fact` and `only_value` narrow it, or are empty."""

    role: str
    people: int = 1
    engaged_days: int | None = None
    only_fact: str = ""
    only_value: str = ""


@dataclass(frozen=True)
class LineDraft:
    """What is asked of the accounts of a segment in a stage; an empty one of the two means any."""

    segment: str = ""
    stage: str = ""
    roles: Sequence[RoleDraft] = ()
    people: int | None = None
    within_days: int = 60

    @property
    def asks(self) -> bool:
        """Whether it asks for anything."""
        return bool(self.roles) or self.people is not None


@dataclass(frozen=True)
class PolicyDraft:
    """A coverage policy, whole: lines that are left out are gone."""

    segments_by: str
    lines: Sequence[LineDraft] = field(default_factory=list)


def in_force() -> CoveragePolicyVersion | None:
    """The version published last, with its lines; None where nobody has published one."""
    return CoveragePolicyVersion.objects.prefetch_related("lines__roles").first()


def changed_at() -> dt.datetime | None:
    """When a version was published last."""
    return CoveragePolicyVersion.objects.values_list("published_at", flat=True).first()


def reads() -> set[str]:
    """The keys of the facts by which the version in force chooses what it asks."""
    version = in_force()
    return reads_of(draft_of(version)) if version else set()


def reads_of(draft: PolicyDraft) -> set[str]:
    """The same of a draft."""
    narrowed = {role.only_fact for line in draft.lines for role in line.roles if role.only_fact}
    return {REGISTER, draft.segments_by} | narrowed


def draft_of(version: CoveragePolicyVersion) -> PolicyDraft:
    """A version as its author would write it."""
    names = list(RoleDraft.__dataclass_fields__)
    lines = [
        LineDraft(
            row.segment,
            row.stage,
            in_order([RoleDraft(**{name: getattr(role, name) for name in names}) for role in row.roles.all()]),
            row.people,
            row.within_days,
        )
        for row in version.lines.all()
    ]
    return PolicyDraft(version.segments_by, lines)


def in_order(roles: Sequence[RoleDraft]) -> list[RoleDraft]:
    """Roles as people list them: the champion first; what is no role comes last."""
    known = list(Role.values)
    return sorted(roles, key=lambda one: known.index(one.role) if one.role in known else len(known))


def publish(draft: PolicyDraft, *, by: Any, at: dt.datetime) -> CoveragePolicyVersion:
    """Puts `draft` into force as a new version where it differs; what only that changes is told to nobody.

    Raises ValidationError naming each field that is wrong, or the ring where facts would wait for each other.
    """
    if wrong := wrong_with(draft, catalogue()) or wrong_places(draft):
        found: dict[str, list[str]] = defaultdict(list)
        for path, message in wrong:
            found[path].append(message)
        raise ValidationError(dict(found))
    draft = PolicyDraft(draft.segments_by, [_ordered(line) for line in draft.lines])
    with lane("facts"):  # a profile that is made meanwhile is made with what was in force before
        latest = in_force()
        if latest and draft_of(latest) == draft:
            return latest
        version = _store(draft, number=latest.number + 1 if latest else 1, by=by, at=after_latest_projection(at))
        evaluation.refuse_cycles()
    bell.ring()
    return version


def _ordered(line: LineDraft) -> LineDraft:
    return LineDraft(line.segment, line.stage, in_order(line.roles), line.people, line.within_days)


def _store(draft: PolicyDraft, *, number: int, by: Any, at: dt.datetime) -> CoveragePolicyVersion:
    version = CoveragePolicyVersion(number=number, published_at=at, published_by=by, segments_by=draft.segments_by)
    version.full_clean()
    audit.create(version, verb="coverage.publish", by=by, at=at)
    for position, one in enumerate(draft.lines):
        line = CoverageLine(
            version=version,
            position=position,
            segment=one.segment,
            stage=one.stage,
            people=one.people,
            within_days=one.within_days,
        )
        line.full_clean()
        audit.create(line, verb="coverage.define_line", by=by, at=at)
        for role in one.roles:
            row = CoverageRole(line=line, **vars(role))
            row.full_clean()
            audit.create(row, verb="coverage.define_role", by=by, at=at)
    return version


def wrong_with(draft: PolicyDraft, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    """Everything wrong with a draft in itself: the place in it, and what to do."""
    found = _wrong_fact(draft.segments_by, "segments_by", facts)
    if not draft.lines or len(draft.lines) > MOST_LINES:
        found.append(("lines", f"Give 1 to {MOST_LINES} lines."))
    seen: set[tuple[str, str]] = set()
    for place, line in enumerate(draft.lines):
        path = f"lines[{place}]"
        if (line.segment, line.stage) in seen:
            found.append((path, "Another line is for the same segment and stage; put both into one."))
        seen.add((line.segment, line.stage))
        for name, key in (("segment", line.segment), ("stage", line.stage)):
            if key and not KEY.fullmatch(key):
                found.append((f"{path}.{name}", "Give the key of one, or leave it out for any."))
        found += _within(line.within_days, f"{path}.within_days", MOST_DAYS)
        found += _within(line.people, f"{path}.people", MOST_PEOPLE) if line.people is not None else []
        found += _wrong_roles(line.roles, path, facts)
    return found


def _wrong_roles(roles: Sequence[RoleDraft], path: str, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    found = []
    seen: set[str] = set()
    for place, one in enumerate(roles):
        here = f"{path}.roles[{place}]"
        if one.role not in Role.values:
            found.append((f"{here}.role", f"Choose one of {', '.join(Role.values)}."))
        elif one.role in seen:
            found.append((f"{here}.role", "This line asks for the role already."))
        seen.add(one.role)
        found += _within(one.people, f"{here}.people", MOST_PEOPLE)
        found += _within(one.engaged_days, f"{here}.engaged_days", MOST_DAYS) if one.engaged_days is not None else []
        if bool(one.only_fact) != bool(one.only_value):
            found.append((f"{here}.only_fact", "Give the fact and its value, or neither."))
        elif one.only_fact:
            found += _wrong_fact(one.only_fact, f"{here}.only_fact", facts)
    return found


def _within(value: Any, path: str, most: int) -> list[tuple[str, str]]:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= most:
        return []
    return [(path, f"Give a whole number from 1 to {most}.")]


def _wrong_fact(key: str, path: str, facts: Mapping[str, FactType]) -> list[tuple[str, str]]:
    if facts.get(key) is not FactType.TEXT:
        return [(path, f"“{key}” is no text among the facts; choose a dimension, such as service_tier.")]
    if key in _later_facts():
        return [(path, f"{key} is made of the coverage, or after it; choose a fact that does not depend on it.")]
    return []


def _later_facts() -> set[str]:
    """Facts that are made with the coverage or after it: a policy that asked for these would never learn them."""
    names = list(derivations)
    return {key for name in names[names.index(DERIVATION) :] for key in derivations[name].keys}


def wrong_places(draft: PolicyDraft) -> list[tuple[str, str]]:
    """Segments and stages that nobody has defined, as far as their dimension and the primary lifecycle are there."""
    segments, stages = segment_names(draft.segments_by), stage_names()
    found = []
    for place, line in enumerate(draft.lines):
        for name, key, known in (("segment", line.segment, segments), ("stage", line.stage, stages)):
            if key and known and key not in known:
                found.append((f"lines[{place}].{name}", f"There is no {name} {key}; known are {', '.join(known)}."))
    return found


def segment_names(key: str) -> dict[str, str]:
    """The segments of a dimension in order, by key; empty where it is a fact of another kind."""
    rows = current_segments().filter(version__dimension__key=key)
    return dict(rows.values_list("key", "name"))


def stage_names() -> dict[str, str]:
    """The stages of the primary lifecycle in order, by key; empty where there is none."""
    version = primary_version()
    return {stage.key: stage.name for stage in version.stages.all()} if version else {}


@readers.register("coverage policy")
def lines_that_read(key: str) -> list[str]:
    """That the coverage policy reads a fact, if it does."""
    return ["the coverage policy"] if key in reads() - {REGISTER} else []
