"""Kinds of work with their outcomes, why a piece of work came, and which accounts need attention."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accounts.foundation.registry import Registry
from accounts.portfolio.events import EventKind, Group
from accounts.portfolio.events import kinds as event_kinds
from accounts.portfolio.models import Account, AccountEvent
from accounts.team.models import User
from retention.work.models import WorkItem


@dataclass(frozen=True)
class WorkKind:
    """One kind of work: its name and the outcomes it can end with. Dismissing it needs a note."""

    label: str
    done: Mapping[str, str]
    dismissed: Mapping[str, str]
    action: str = "Complete"
    """What its button says in a list: a verb."""
    page: Callable[[WorkItem], str] | None = None
    """Where it is done, where that is not on its own page: nobody closes it past the rules of that page."""
    is_appointment: bool = False
    """Whether its time stands in calendars by itself, so that nobody reads there twice of it."""
    together: str = ""
    """The first words of one notice for all that are opened at one moment for one account; empty: each has its own."""

    def label_of(self, outcome: str) -> str:
        return {**self.done, **self.dismissed}.get(outcome, outcome)


@dataclass(frozen=True)
class Reason:
    """Why a piece of work exists: a sentence, and the clauses with what was observed."""

    title: str
    sentence: str
    clauses: Sequence[dict[str, Any]]
    at: dt.datetime
    version: str


@dataclass(frozen=True)
class Attention:
    """Why an account deserves a look now."""

    account_id: int
    sentence: str
    since: dt.datetime | None
    weight: int
    """Larger is more urgent."""
    due_at: dt.datetime | None = None
    """When the work about it is due; of two equally urgent, what is due first stands first."""


@dataclass(frozen=True)
class Appointment:
    """A time at which somebody meets customers, as their calendar shows it."""

    key: str
    """What no other appointment is called, such as hours-7-20260301T1400."""
    title: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    host: User
    place: str = ""
    """Where one joins it: an address; empty where nobody said."""
    page: str = ""
    """The path of its page here."""


appointments: Registry[Callable[[User, dt.datetime], Iterable[Appointment]]] = Registry("appointments")
"""Each is given whose calendar it is, and the instant from which on."""
work_kinds: Registry[WorkKind] = Registry("kind of work")
reasons: Registry[Callable[[WorkItem], Reason | None]] = Registry("reason of work")
reasons_of_many: Registry[Callable[[Sequence[WorkItem]], Mapping[int, Reason]]] = Registry("reason of many works")
"""Id of a work item → why it exists, for a list: in as many queries as for one."""
attention: Registry[Callable[[User, Account | None], list[Attention]]] = Registry("attention")
"""Each is given the reader and one account, or None for all that the reader may see."""

work_kinds.add(
    "task",
    WorkKind(
        label="Task",
        done={
            "next_step_agreed": "Spoke, next step agreed",
            "resolved": "Spoke, cause resolved",
            "no_answer": "Tried, could not reach anyone",
            "done": "Done",
        },
        dismissed={"false_alarm": "False alarm", "not_needed": "No longer needed"},
    ),
)


def _closed(event: AccountEvent, people: Mapping[int, str]) -> str:
    label = work_kinds[event.data["kind"]].label_of(event.data["outcome"])
    return f"{event.data['title']}: {label}"


def _opened(event: AccountEvent, people: Mapping[int, str]) -> str:
    name = people.get(event.data.get("user") or 0)
    return f"{event.data['title']} (for {name})" if name else f"{event.data['title']} (for nobody yet)"


def _reassigned(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"{event.data['title']} handed to {people.get(event.data.get('user') or 0, 'nobody')}"


event_kinds.add("work.opened", EventKind(_opened, "assignment", group=Group.PLAYS))
event_kinds.add("work.closed", EventKind(_closed, "task_alt", group=Group.PLAYS))
event_kinds.add("work.reassigned", EventKind(_reassigned, "swap_horiz", group=Group.PLAYS))
