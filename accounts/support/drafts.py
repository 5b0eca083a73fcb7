"""A ticket as its help desk tells of it, and what can be wrong with it."""

import datetime as dt
from dataclasses import dataclass

from accounts.portfolio.drafts import Problems, day_problem, text_problem
from accounts.support.models import BEST, MILDEST, SEVEREST, WORST, Ticket

MOST_TAGS, LONGEST_TAG = 50, 80


@dataclass(frozen=True)
class TicketDraft:
    """One update of one ticket: what it says after it."""

    external_id: str
    account_id: int
    opened_at: dt.datetime
    updated_at: dt.datetime
    """By the clock of the source: an older update never overwrites a newer one."""
    severity: int = Ticket.Severity.THREE
    state: str = Ticket.State.OPEN
    subject: str = ""
    tags: tuple[str, ...] = ()
    solved_at: dt.datetime | None = None
    """When it was last solved, where the source says so; else the update that says *solved* counts."""
    satisfaction: int | None = None
    satisfaction_at: dt.datetime | None = None
    requester_id: int | None = None
    """A stakeholder of the account."""


def problems_of(draft: TicketDraft) -> Problems:
    """What is impossible in `draft`, by field; empty where it can be saved, if account and requester exist."""
    days = ("opened_at", "updated_at", "solved_at", "satisfaction_at")
    found = {name: day_problem(getattr(draft, name)) for name in days}
    found |= {
        "external_id": text_problem(draft.external_id, longest=200, required=True),
        "subject": text_problem(draft.subject, longest=500),
        "severity": "" if SEVEREST <= draft.severity <= MILDEST else "Expected 1 (nothing works) to 4 (a question).",
        "state": "" if draft.state in Ticket.State.values else "Expected open, pending, solved or closed.",
        "tags": _wrong_tags(draft.tags),
        "updated_at": found["updated_at"] or _before(draft.updated_at, draft, "updated"),
        "solved_at": found["solved_at"] or _wrong_solution(draft),
    }
    found |= _wrong_satisfaction(draft)
    return {name: message for name, message in found.items() if message}


def _before(moment: dt.datetime, draft: TicketDraft, what: str) -> str:
    return f"A ticket is not {what} before it is opened." if moment < draft.opened_at else ""


def _wrong_solution(draft: TicketDraft) -> str:
    if draft.solved_at is None:
        return ""
    if draft.solved_at > draft.updated_at:
        return "The update that tells of the solution is not older than the solution: see updated_at."
    return _before(draft.solved_at, draft, "solved")


def _wrong_tags(tags: tuple[str, ...]) -> str:
    if len(tags) > MOST_TAGS:
        return f"A ticket has at most {MOST_TAGS} tags."
    return next(filter(None, (text_problem(tag, longest=LONGEST_TAG, required=True) for tag in tags)), "")


def _wrong_satisfaction(draft: TicketDraft) -> Problems:
    if draft.satisfaction is None:
        return {"satisfaction": "Say the score too, 1 to 5."} if draft.satisfaction_at else {}
    if not WORST <= draft.satisfaction <= BEST:
        return {"satisfaction": "Expected 1 (worst) to 5 (best)."}
    if draft.satisfaction_at is None:
        return {"satisfaction_at": "Say when the customer gave the score."}
    return {"satisfaction_at": _before(draft.satisfaction_at, draft, "rated")}
