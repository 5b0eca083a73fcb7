import datetime as dt
import math
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from accounts.events.models import DirtyAccount, Reaction
from accounts.events.subscriptions import subscribed, subscribers
from accounts.foundation import bell, claims, many
from accounts.foundation.many import among
from accounts.foundation.remembering import remembering
from accounts.foundation.waiting import in_order, waiting
from accounts.portfolio import events as portfolio_events
from accounts.portfolio.models import AccountEvent

waiting.add("facts to project", lambda at: in_order(DirtyAccount.objects.filter(what=DirtyAccount.Pass.FACTS), "at"))
waiting.add("verdicts to find", lambda at: in_order(DirtyAccount.objects.filter(what=DirtyAccount.Pass.VERDICTS), "at"))


@portfolio_events.sinks.register("reactions and dirty marks")
def book(kind: str, happened: Sequence[AccountEvent], at: dt.datetime) -> None:
    """Books what follows from events of one kind: a reaction per subscriber, dirty marks where a fact may change."""
    Reaction.objects.bulk_create(
        Reaction(event=event, subscriber=name, next_attempt_at=event.recorded_at)
        for name in subscribed(kind)
        for event in happened
    )
    if portfolio_events.kinds[kind].changes_facts:
        mark([event.account_id for event in happened], DirtyAccount.Pass.FACTS, at=at)
    bell.ring()


def mark(account_ids: Iterable[int], what: str, *, at: dt.datetime, cause: str = "data", round_: int = 1) -> None:
    """Notes that these accounts must be looked at by the pass `what`, and rings; does nothing for none."""
    marks = [DirtyAccount(account_id=one, what=what, at=at, cause=cause, round=round_) for one in account_ids]
    if marks:  # or a pump that found nothing would call the next one
        many.insert(DirtyAccount, marks)
        bell.ring()


class Mark(NamedTuple):
    """One note that an account must be looked at again: why, and after how many verdicts in a row."""

    id: int
    account_id: int
    cause: str
    round: int


def marks(what: str, *, limit: int, account_ids: Collection[int] | None = None) -> list[Mark]:
    """The oldest marks of pass `what`, or those of some accounts.

    Call it inside the lane that handles them, and `forget` those handled.
    """
    found = DirtyAccount.objects.filter(what=what).order_by("id")
    if account_ids is not None:
        found = found.filter(account__in=among(account_ids))
    return [Mark(*row) for row in found.values_list("id", "account_id", "cause", "round")[:limit]]


def is_marked(what: str) -> bool:
    """Whether any account waits for the pass `what`."""
    return DirtyAccount.objects.filter(what=what).exists()


def forget(handled: Sequence[Mark]) -> None:
    """Deletes marks that a pass has looked at."""
    DirtyAccount.objects.filter(pk__in=among(mark.id for mark in handled)).delete()


def take(what: str, *, limit: int) -> list[Mark]:
    """The oldest marks of pass `what`, deleted. Call it inside the lane that handles them."""
    found = marks(what, limit=limit)
    forget(found)
    return found


def react(*, at: dt.datetime | None = None, seconds: float = math.inf) -> int:
    """Carries out due reactions, for about so many seconds; returns how many were claimed."""
    return claims.carry_out("reactions", at=at, seconds=seconds)


def _react(reaction: Reaction, at: dt.datetime) -> None:
    with claims.concluding(reaction), remembering():
        subscribers[reaction.subscriber](reaction.event)


def _told(reaction: Reaction) -> str:
    return f"{reaction.subscriber}, after “{portfolio_events.words(reaction.event.kind)}” of {reaction.event.account}"


claims.work.add("reactions", claims.Work(Reaction, "reaction", _react, related=("event__account",), describe=_told))
