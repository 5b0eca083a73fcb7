"""What a ticket's states say: when it was solved and reopened, whatever the order in which updates arrived."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.support.models import Ticket

SOLVED = (Ticket.State.SOLVED, Ticket.State.CLOSED)
ORDER = Ticket.State.values
KEPT = 200
"""Updates with a state of their own that one ticket keeps, the newest."""

States = list[list[str]]
"""Instant and state, as JSON keeps them, in order of time."""


@dataclass(frozen=True)
class Story:
    """What follows from the states of one ticket."""

    first_solved_at: dt.datetime | None
    solved_at: dt.datetime | None
    """Since when it is solved; None while it is not."""
    reopened_at: tuple[dt.datetime, ...]


def joined(states: States, said: Sequence[tuple[dt.datetime, str]]) -> States:
    """`states` with what another update said. Of two states of one instant the one further on counts."""
    by_instant: dict[dt.datetime, str] = {}
    before = [(dt.datetime.fromisoformat(moment), state) for moment, state in states]
    for moment, state in [*before, *said]:
        by_instant[moment] = max(by_instant.get(moment, state), state, key=ORDER.index)
    kept = sorted(by_instant.items())[-KEPT:]
    return [[moment.astimezone(dt.UTC).isoformat(), str(state)] for moment, state in kept]


def story(states: States) -> Story:
    """What `states` tell, from the first to the last."""
    first_solved_at = solved_at = None
    reopened = []
    for text, state in states:
        moment = dt.datetime.fromisoformat(text)
        if state in SOLVED:
            solved_at = solved_at or moment
            first_solved_at = first_solved_at or moment
        elif solved_at:
            reopened.append(moment)
            solved_at = None
    return Story(first_solved_at, solved_at, tuple(reopened))
