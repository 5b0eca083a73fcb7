"""The projection: facts of accounts made from what the rooms below hold. Run for dirty accounts, or for all."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts import custom, history, silence
from accounts.facts.catalogue import CUSTOM, Fact, facts
from accounts.facts.fields import Unreadable
from accounts.facts.lookup import catalogue
from accounts.facts.models import AccountFacts
from accounts.facts.registry import Part, Values, columns, derivations, projected, providers
from accounts.foundation import many
from accounts.foundation.clock import now, utc_day
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.foundation.remembering import remembering
from accounts.portfolio.queries import listed

BATCH = 500
DERIVED = "derived"
"""The source of facts that follow from other facts."""
BY_RULE = "definition"
"""The cause of what changed only because a rule did: nobody acts on it."""
Provenance = dict[str, list[str]]
"""Part, or key of a fact that stands for itself → its source, and when that told us last."""


def project_dirty(*, at: dt.datetime | None = None) -> int:
    """Projects the accounts that were marked; returns how many marks it used up."""
    with lane("facts"):
        marks = events.take(DirtyAccount.Pass.FACTS, limit=BATCH)
        if not marks:
            return 0
        at = at or now()
        found = project(sorted({mark.account_id for mark in marks}), at=at)
        for (cause, round_), account_ids in _why(marks).items():
            found.among(account_ids).mark(at=at, cause=cause, round_=round_)
    return len(marks)


def _why(marks: Sequence[events.Mark]) -> dict[tuple[str, int], set[int]]:
    """Cause and round → the accounts that were marked so. What happened counts more than a rule that was changed."""
    causes: dict[int, str] = {}
    rounds: dict[int, int] = {}
    for mark in marks:
        is_told = causes.get(mark.account_id, BY_RULE) != BY_RULE
        causes[mark.account_id] = causes[mark.account_id] if is_told else mark.cause
        rounds[mark.account_id] = max(mark.round, rounds.get(mark.account_id, 1))
    found: dict[tuple[str, int], set[int]] = defaultdict(set)
    for account_id, cause in causes.items():
        found[cause, rounds[account_id]].add(account_id)
    return found


def rebuild(*, at: dt.datetime | None = None) -> int:
    """Projects every account; returns how many rows were different."""
    at = at or now()
    return sum(_rebuild(ids, at=at) for ids in _chunks())


def _rebuild(ids: list[int], *, at: dt.datetime) -> int:
    with lane("facts"):
        found = project(ids, at=at)
        found.mark(at=at, cause="correction")
    return len(found.changed)


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
    """What the projection makes of one account. `known` is that and what others wrote: registers, custom facts."""

    values: Values = field(default_factory=dict)
    known: Values = field(default_factory=dict)
    provenance: Provenance = field(default_factory=dict)

    def take(self, name: str, part: Part) -> None:
        """Adds what one provider knows."""
        self.values |= part.values
        self.provenance[name] = [part.source, part.seen_at.isoformat() if part.seen_at else ""]


def _profiles(ids: Sequence[int], rows: Mapping[int, AccountFacts], *, at: dt.datetime) -> dict[int, Profile]:
    found: dict[int, Profile] = defaultdict(Profile)
    own = {key: fact for key, fact in catalogue().items() if key not in projected()}
    for name, provider in providers.items():
        for account_id, part in provider.parts(ids, at).items():
            found[account_id].take(name, part)
    profiles = {account_id: found[account_id] for account_id in ids}
    known = {pk: _of_others(rows.get(pk), own) | profile.values for pk, profile in profiles.items()}
    for name, derivation in derivations.items():
        for account_id, values in derivation.values(known, at).items():
            profiles[account_id].take(name, Part(values, DERIVED, None))
            known[account_id] |= values
    for account_id, profile in profiles.items():
        profile.known = known[account_id]
    return profiles


def _of_others(row: AccountFacts | None, own: Mapping[str, Fact]) -> Values:
    """The facts of a row that the projection does not make, in Python's types."""
    if row is None:
        return {}
    kept = row.custom if isinstance(row.custom, dict) else {}
    found = {key: custom.read(kept[key], fact.type) for key, fact in own.items() if fact.is_json and key in kept}
    return found | {key: getattr(row, fact.column) for key, fact in own.items() if not fact.is_json}


@dataclass(frozen=True)
class Projected:
    """What projecting some accounts changed: account id → the facts with their new values.

    `by_rule` holds accounts for which some facts changed only because the rule did from which they follow.
    """

    changed: Mapping[int, Values]
    by_rule: Mapping[int, Collection[str]]

    def among(self, account_ids: Collection[int]) -> "Projected":
        """The same of these accounts alone."""
        return Projected({pk: values for pk, values in self.changed.items() if pk in account_ids}, self.by_rule)

    def mark(self, *, at: dt.datetime, cause: str = "data", round_: int = 1) -> None:
        """Sees to it that rules are asked about these accounts again, silently about what a changed rule did."""
        silent = [pk for pk, values in self.changed.items() if values.keys() & self.by_rule.get(pk, ())]
        loud = [pk for pk, values in self.changed.items() if not values or values.keys() - self.by_rule.get(pk, ())]
        events.mark(silent, DirtyAccount.Pass.VERDICTS, at=at, cause=BY_RULE)
        events.mark(loud, DirtyAccount.Pass.VERDICTS, at=at, cause=cause, round_=round_)


def project(ids: Sequence[int], *, at: dt.datetime) -> Projected:
    """Writes the facts of `ids`; returns what changed. Call it inside the lane `facts`."""
    silence.noted(at=at)
    with remembering():
        return _project(ids, at=at)


def _project(ids: Sequence[int], *, at: dt.datetime) -> Projected:
    rows = {row.pk: row for row in AccountFacts.objects.filter(pk__in=among(ids))}
    written: dict[bool, list[AccountFacts]] = {True: [], False: []}
    changes = {}
    profiles = _profiles(ids, rows, at=at)
    for account_id, profile in profiles.items():
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
    return Projected(changes, _follow({account_id: one.known for account_id, one in profiles.items()}, at))


def _follow(known: Mapping[int, Values], at: dt.datetime) -> dict[int, set[str]]:
    """Lets the derivations write what else follows; account id → the facts that changed only because a rule did."""
    by_rule: dict[int, set[str]] = defaultdict(set)
    for one in derivations.values():
        for account_id in one.follow(known, at) if one.follow else ():
            by_rule[account_id].update(one.keys)
    return by_rule


def _changed(row: AccountFacts, values: Values) -> dict[str, Any]:
    """The facts that are not as the row has them, with their new values; None is *unknown*."""
    is_readable = not isinstance(row.custom, Unreadable)
    found = {}
    for key, column in columns().items():
        value = values.get(key)
        if column:
            is_same = getattr(row, column) == value
        elif is_readable:
            is_same = row.custom.get(key) == (None if value is None else custom.kept(value, facts[key].type))
        else:
            continue
        if not is_same:
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
