"""Who acts when a clock tells of itself, and how the timeline speaks of clocks."""

import datetime as dt
from collections.abc import Callable, Mapping

from accounts.foundation.registry import Registry
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from retention.slas.models import Clock, Pause

Listener = Callable[[Clock, "Clock.Level | None", dt.datetime], None]

listeners: Registry[Listener] = Registry("listener to clocks")
"""Each is called in the transaction of the change: the clock has come this far or, with None, is due anew."""


def _paused(event: AccountEvent, people: Mapping[int, str]) -> str:
    return f"Clock stands still: {Pause.Reason(event.data['reason']).label.lower()}"


kinds.add("clock.paused", EventKind(_paused, "pause_circle", group=Group.PLAYS))
kinds.add("clock.resumed", EventKind(lambda event, people: "Clock goes on", "play_circle", group=Group.PLAYS))
kinds.add("clock.breached", EventKind(lambda event, people: "Clock ran out", "timer_off", group=Group.PLAYS))
