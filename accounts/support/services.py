import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from django.db.models import prefetch_related_objects

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import many
from accounts.foundation.lanes import lane
from accounts.portfolio.drafts import Problems, refuse_wrong
from accounts.portfolio.events import Happening, happened_to_many
from accounts.stakeholders.models import Stakeholder
from accounts.support.drafts import TicketDraft, problems_of
from accounts.support.models import Ticket, TicketReopening
from accounts.support.states import joined, story
from accounts.workspace.models import Source
from accounts.workspace.services import note_delivery

SAID = [
    "account_id",
    "requester_id",
    "subject",
    "severity",
    "state",
    "tags",
    "opened_at",
    "satisfaction",
    "satisfaction_at",
    "updated_at",
]
"""What the newest update decides."""
DERIVED = ["first_solved_at", "solved_at", "states"]
"""What follows from all updates together."""


@dataclass
class _Change:
    """One ticket on its way through a batch, with what the ledger will tell of it."""

    ticket: Ticket
    is_new: bool
    before: dict[str, Any]
    account_ids: set[int] = field(default_factory=set)
    raised: list[tuple[dt.datetime, int]] = field(default_factory=list)
    reopened: set[dt.datetime] = field(default_factory=set)
    no_longer: set[int] = field(default_factory=set)
    """Ids of reopenings that a late update explains otherwise."""

    @property
    def is_changed(self) -> bool:
        return self.is_new or self.before != _values(self.ticket)


def save_tickets(drafts: Sequence[TicketDraft], *, source: Source, by: Any, at: dt.datetime) -> list[Ticket]:
    """The tickets of `drafts`, created or changed, one for each; repeats and late updates are harmless.

    Raises ValidationError with every problem, by place and field (`[3].severity`); then nothing is written.
    """
    refuse_wrong(drafts, problems_of)
    _refuse_strangers(drafts)
    with in_turn(source):  # what an update changes is only known beside the ticket that it changes
        changes = _gathered(drafts, source)
        changed = [change for change in changes.values() if change.is_changed]
        _write(changed, at=at)
        _tell(changed, by=by, at=at)
        note_delivery(source, at=at)
    return [changes[draft.external_id].ticket for draft in drafts]


def in_turn(source: Source) -> AbstractContextManager[None]:
    """Lets one at a time tell of tickets of `source`: who comes second finds what the first made."""
    return lane(f"tickets of {source.key}")


def _refuse_strangers(drafts: Sequence[TicketDraft]) -> None:
    named = {draft.requester_id for draft in drafts if draft.requester_id}
    accounts = dict(Stakeholder.objects.filter(pk__in=many.among(named)).values_list("pk", "account")) if named else {}

    def problems(draft: TicketDraft) -> Problems:
        if draft.requester_id is None or accounts.get(draft.requester_id) == draft.account_id:
            return {}
        return {"requester": "This is no stakeholder of the account."}

    if named:
        refuse_wrong(drafts, problems)


def _gathered(drafts: Sequence[TicketDraft], source: Source) -> dict[str, _Change]:
    """External id → its ticket after all of its drafts, with what that changes."""
    names = {draft.external_id for draft in drafts}
    rows = Ticket.objects.filter(source=source, external_id__in=names)
    found = {row.external_id: _Change(row, False, _values(row), {row.account_id}) for row in rows}
    for draft in drafts:
        change = found.get(draft.external_id)
        if change is None:
            change = found[draft.external_id] = _Change(Ticket(source=source, external_id=draft.external_id), True, {})
        _take(draft, change)
    _compare_reopenings(found.values())
    return found


def _values(ticket: Ticket) -> dict[str, Any]:
    return {name: getattr(ticket, name) for name in (*SAID, *DERIVED)}


def _take(draft: TicketDraft, change: _Change) -> None:
    """Takes over what one update says: all of it if it is the newest, its state in any case."""
    ticket = change.ticket
    if ticket.updated_at is None or draft.updated_at >= ticket.updated_at:
        if ticket.severity is not None and draft.severity < ticket.severity:
            change.raised.append((draft.updated_at, draft.severity))
        for name in SAID:
            setattr(ticket, name, getattr(draft, name))
        ticket.tags = sorted(set(draft.tags))
        change.account_ids.add(draft.account_id)
    said = [(draft.updated_at, draft.state)]
    if draft.solved_at:
        said.insert(0, (draft.solved_at, Ticket.State.SOLVED))
    ticket.states = joined(ticket.states, said)
    told = story(ticket.states)
    ticket.first_solved_at = told.first_solved_at
    ticket.solved_at = None if ticket.is_open else told.solved_at


def _compare_reopenings(changes: Iterable[_Change]) -> None:
    """Which reopenings follow from the states of each ticket, and are not known, or no longer follow."""
    known: dict[int, dict[dt.datetime, int]] = defaultdict(dict)
    ids = [change.ticket.pk for change in changes if change.ticket.pk]
    for pk, ticket_id, moment in TicketReopening.objects.filter(ticket__in=many.among(ids)).values_list(
        "pk", "ticket", "at"
    ):
        known[ticket_id][moment] = pk
    for change in changes:
        before, now = known.get(change.ticket.pk, {}), set(story(change.ticket.states).reopened_at)
        change.reopened = now - before.keys()
        change.no_longer = {pk for moment, pk in before.items() if moment not in now}


def _write(changes: Sequence[_Change], *, at: dt.datetime) -> None:
    for change in changes:
        change.ticket.recorded_at = at
    many.insert(Ticket, [change.ticket for change in changes if change.is_new])
    Ticket.objects.bulk_create(  # all of these exist: an upsert on their ids is one statement for many of them
        [change.ticket for change in changes if not change.is_new],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=[*SAID, *DERIVED, "recorded_at"],
        batch_size=many.BATCH,
    )
    if gone := [pk for change in changes for pk in change.no_longer]:
        TicketReopening.objects.filter(pk__in=many.among(gone)).delete()
    reopenings = [TicketReopening(ticket=one.ticket, at=moment) for one in changes for moment in sorted(one.reopened)]
    many.insert(TicketReopening, reopenings)


def _tell(changes: Sequence[_Change], *, by: Any, at: dt.datetime) -> None:
    """What matters to people goes to the ledger; facts are made again for every account that changed."""
    prefetch_related_objects([change.ticket for change in changes], "account")
    for kind, moments in MOMENTS.items():
        told = [
            Happening(one.ticket.account, one.ticket, _data(one.ticket, severity), at=moment)
            for one in changes
            for moment, severity in moments(one)
        ]
        happened_to_many(kind, told, by=by, at=at)
    if touched := sorted({account_id for one in changes for account_id in one.account_ids}):
        events.mark(touched, DirtyAccount.Pass.FACTS, at=at)


def _data(ticket: Ticket, severity: int) -> dict[str, Any]:
    return {"ticket": ticket.external_id, "severity": severity}


Moments = list[tuple[dt.datetime, int]]
"""When it happened, and the severity then."""


def _opened(one: _Change) -> Moments:
    return [(one.ticket.opened_at, one.ticket.severity)] if one.is_new else []


def _reopened(one: _Change) -> Moments:
    return [(moment, one.ticket.severity) for moment in sorted(one.reopened)]


def _solved(one: _Change) -> Moments:
    solved_at, before = one.ticket.solved_at, one.before.get("solved_at")
    return [(solved_at, one.ticket.severity)] if solved_at and (before is None or solved_at > before) else []


def _raised(one: _Change) -> Moments:
    return one.raised


MOMENTS: dict[str, Callable[[_Change], Moments]] = {
    "ticket.opened": _opened,
    "ticket.severity_raised": _raised,
    "ticket.reopened": _reopened,
    "ticket.solved": _solved,
}
