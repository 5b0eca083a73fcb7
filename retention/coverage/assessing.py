"""What the policy asks of an account, and what of it we have: which line counts, which roles are filled, by whom."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Max

from accounts.foundation.clock import utc_day
from accounts.foundation.many import among
from accounts.stakeholders.models import Stakeholder
from accounts.touches.models import TouchAttendee
from retention.coverage.policy import LineDraft, PolicyDraft, RoleDraft
from retention.lifecycle.placing import REGISTER


@dataclass(frozen=True)
class Person:
    """A stakeholder who is still there, as far as the policy asks."""

    roles: frozenset[str]
    engaged_at: dt.datetime | None


@dataclass
class People:
    """Who is known at one account, and when each was last in two-way contact. Who left counts as known, not as there.

    As everywhere, `contacts` has one entry for each person whom a touch named, also where they left since.
    """

    are_known: bool = False
    here: list[Person] = field(default_factory=list)
    contacts: list[dt.datetime] = field(default_factory=list)


@dataclass(frozen=True)
class Filled:
    """One role that is asked for: how many play it, and how many of them are engaged."""

    asked: RoleDraft
    known: int
    engaged: int

    @property
    def is_met(self) -> bool:
        """Whether enough people play it, and were engaged where that is asked."""
        counted = self.known if self.asked.engaged_days is None else self.engaged
        return counted >= self.asked.people


@dataclass(frozen=True)
class Committee:
    """What the policy makes of one account. Without people whom we know, nothing follows from it."""

    line: LineDraft
    roles: Sequence[Filled]
    engaged: int
    """People in two-way contact within the days of the line."""
    are_known: bool

    @property
    def missing(self) -> list[str]:
        """The roles that are not filled as asked."""
        return [one.asked.role for one in self.roles if not one.is_met]

    @property
    def share(self) -> float | None:
        """The share of the roles that are filled; None where none is asked for."""
        return round(1 - len(self.missing) / len(self.roles), 4) if self.are_known and self.roles else None

    @property
    def is_single_threaded(self) -> bool | None:
        """Whether fewer people are engaged than the line asks for; None where it does not ask."""
        return self.engaged < self.line.people if self.are_known and self.line.people is not None else None

    @property
    def is_short(self) -> bool:
        """Whether something that is asked is not there; also where nobody is known at all."""
        if not self.are_known:
            return self.line.asks
        return bool(self.missing) or bool(self.is_single_threaded)


class Policy:
    """A policy ready to be asked about many accounts."""

    def __init__(self, draft: PolicyDraft) -> None:
        self.draft = draft
        self.lines = {(line.segment, line.stage): line for line in draft.lines}

    def line(self, segment: str, stage: str) -> LineDraft | None:
        """The line that counts: segment and stage, segment, stage, any; None where none fits."""
        places = ((segment, stage), (segment, ""), ("", stage), ("", ""))
        return next((self.lines[place] for place in places if place in self.lines), None)

    @property
    def longest(self) -> int:
        """The days of the longest window in which people are counted."""
        return max((line.within_days for line in self.draft.lines), default=0)

    def assess(self, known: Mapping[str, Any], people: People, at: dt.datetime) -> Committee | None:
        """What is asked and what is there; None where no line fits the account."""
        line = self.line(known.get(self.draft.segments_by) or "", known.get(REGISTER) or "")
        if line is None:
            return None
        asked = [one for one in line.roles if not one.only_fact or known.get(one.only_fact) == one.only_value]
        since = window(line.within_days, at)
        engaged = sum(one >= since for one in people.contacts)
        return Committee(line, [_filled(one, people.here, at) for one in asked], engaged, people.are_known)


def _filled(asked: RoleDraft, here: Iterable[Person], at: dt.datetime) -> Filled:
    playing = [one for one in here if asked.role in one.roles]
    since = window(asked.engaged_days or 0, at)
    return Filled(asked, len(playing), sum(one.engaged_at is not None and since <= one.engaged_at for one in playing))


def window(days: int, at: dt.datetime) -> dt.datetime:
    """From when on contact counts: today as far as it has come, and the whole UTC days before it."""
    return dt.datetime.combine(utc_day(at) - dt.timedelta(days=days), dt.time(), dt.UTC)


def people_of(account_ids: Iterable[int], policy: Policy, *, at: dt.datetime) -> dict[int, People]:
    """Whom we know at each of these accounts, in the same number of queries for one or many."""
    ids = list(account_ids)
    found: dict[int, People] = defaultdict(People)
    rows = Stakeholder.objects.filter(account__in=among(ids)).prefetch_related("roles").order_by("pk")
    for row in rows:
        people = found[row.account_id]
        people.are_known = True
        if row.left_at is None or row.left_at > at:
            engaged = row.last_engaged_at if row.last_engaged_at and row.last_engaged_at <= at else None
            people.here.append(Person(frozenset(one.role for one in row.roles.all()), engaged))
    touched = TouchAttendee.objects.filter(
        touch__account__in=among(ids),
        touch__is_two_way=True,
        touch__happened_at__range=(window(policy.longest, at), at),
    )
    latest = touched.order_by().values_list("touch__account", "stakeholder").annotate(latest=Max("touch__happened_at"))
    for account_id, _, moment in latest:
        found[account_id].contacts.append(moment)
    return {account_id: found[account_id] for account_id in ids}
