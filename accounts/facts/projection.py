"""The projection: facts of accounts made from what the rooms below hold. Run for dirty accounts, or for all."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import custom, history
from accounts.facts.catalogue import CUSTOM, Fact, facts
from accounts.facts.fields import Unreadable
from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.facts.registry import Part, Values, columns, derivations, projected, providers
from accounts.foundation import many
from accounts.foundation.clock import now, utc_day
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.portfolio.queries import listed

BATCH = 500
DERIVED = "derived"
"""The source of facts that follow from other facts."""
Provenance = dict[str, list[str]]
"""Part, or key of a fact that stands for itself → its source, and when that told us last."""


def project_dirty(*, at: dt.datetime | None = None) -> int:
    """Projects the accounts that were marked; returns how many marks it used up."""
    with lane("facts"):
        marks = events.take(DirtyAccount.Pass.FACTS, limit=BATCH)
        if not marks:
            return 0
        changed = project(sorted({mark.account_id for mark in marks}), at=at or now())
        events.mark(changed, DirtyAccount.Pass.VERDICTS, at=at or now())
    return len(marks)


def rebuild(*, at: dt.datetime | None = None) -> int:
    """Projects every account; returns how many rows were different."""
    at = at or now()
    return sum(_rebuild(ids, at=at) for ids in _chunks())


def _rebuild(ids: list[int], *, at: dt.datetime) -> int:
    with lane("facts"):
        changed = project(ids, at=at)
        events.mark(changed, DirtyAccount.Pass.VERDICTS, at=at, cause="correction")
    return len(changed)


def differences(*, at: dt.datetime | None = None) -> dict[int, list[str]]:
    """Account id → the facts that a rebuild would change. Writes nothing."""
    at = at or now()
    found: dict[int, list[str]] = {}
    for ids in _chunks():
        rows = AccountFacts.objects.in_bulk(ids)
        for account_id, profile in _profiles(ids, rows, at=at).items():
            row = rows.get(account_id)
            if changed := _changed(row or AccountFacts(account_id=account_id), profile.values):
                found[account_id] = sorted(changed)
    return found


def _chunks() -> Iterator[list[int]]:
    last = 0
    while ids := list(listed().filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:BATCH]):
        yield ids
        last = ids[-1]


@dataclass
class Profile:
    """What the projection makes of one account."""

    values: Values = field(default_factory=dict)
    provenance: Provenance = field(default_factory=dict)

    def take(self, name: str, part: Part) -> None:
        """Adds what one provider knows."""
        self.values |= part.values
        self.provenance[name] = [part.source, part.seen_at.isoformat() if part.seen_at else ""]


def _profiles(ids: Sequence[int], rows: Mapping[int, AccountFacts], *, at: dt.datetime) -> dict[int, Profile]:
    found: dict[int, Profile] = defaultdict(Profile)
    own = {key: fact for key, fact in catalogue().items() if fact.is_custom}
    for name, provider in providers.items():
        for account_id, part in provider.parts(ids, at).items():
            found[account_id].take(name, part)
    profiles = {account_id: found[account_id] for account_id in ids}
    known = {pk: _custom(rows.get(pk), own) | profile.values for pk, profile in profiles.items()}
    for name, derivation in derivations.items():
        for account_id, values in derivation.values(known, at).items():
            profiles[account_id].take(name, Part(values, DERIVED, None))
            known[account_id] |= values
    return profiles


def _custom(row: AccountFacts | None, own: Mapping[str, Fact]) -> Values:
    """The custom facts of a row, in Python's types."""
    if row is None or not isinstance(row.custom, dict):
        return {}
    return {key: custom.read(row.custom[key], fact.type) for key, fact in own.items() if key in row.custom}


def project(ids: Sequence[int], *, at: dt.datetime) -> list[int]:
    """Writes the facts of `ids`; returns the ids of those whose values changed. Call it inside the lane `facts`."""
    rows = {row.pk: row for row in AccountFacts.objects.filter(pk__in=among(ids))}
    written: dict[bool, list[AccountFacts]] = {True: [], False: []}
    changes = {}
    for account_id, profile in _profiles(ids, rows, at=at).items():
        row = rows.get(account_id)
        is_new, row = row is None, row or AccountFacts(account_id=account_id)
        changed = _changed(row, profile.values)
        if changed or is_new:
            changes[account_id] = changed
        if _fill(row, profile, changed) or is_new:
            written[any(facts[key].is_json for key in changed)].append(row)
        row.day, row.projected_at = utc_day(at), at
    many.upsert(AccountFacts, written[True])
    many.upsert(AccountFacts, written[False], kept=[CUSTOM])  # what cannot be read is not written over
    unchanged = set(ids) - {row.pk for rows in written.values() for row in rows}
    AccountFacts.objects.filter(pk__in=among(unchanged)).update(day=utc_day(at), projected_at=at)
    history.record(changes, at=at)
    return list(changes)


def _changed(row: AccountFacts, values: Values) -> dict[str, Any]:
    """The facts that are not as the row has them, with their new values; None is *unknown*."""
    is_readable = not isinstance(row.custom, Unreadable)
    found = {}
    for key, column in columns().items():
        value = values.get(key)
        if column:
            before = getattr(row, column)
        elif is_readable:
            before = row.custom.get(key)
        else:
            continue
        if before != value:
            found[key] = value
    return found


def _fill(row: AccountFacts, profile: Profile, changed: Values) -> bool:
    """Sets what changed, and where it all comes from; False when the row says so already."""
    for key, value in changed.items():
        fact = facts[key]
        if fact.is_json:
            row.custom = _with(row.custom, fact, value)
        else:
            setattr(row, fact.column, value)
    made = projected().keys() | set(providers) | set(derivations)
    others = {name: origin for name, origin in row.provenance.items() if name not in made}
    before, row.provenance = row.provenance, others | profile.provenance
    return bool(changed) or before != row.provenance


def _with(kept: dict[str, Any], fact: Fact, value: Any) -> dict[str, Any]:
    others = {name: found for name, found in kept.items() if name != fact.key}
    return others if value is None else others | {fact.key: custom.kept(value, fact.type)}
