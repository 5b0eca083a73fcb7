import datetime as dt
from collections.abc import Mapping

from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent


def _changed(event: AccountEvent, people: Mapping[int, str]) -> str:
    before, after = event.data["from"], event.data["to"]
    if not after:
        return f"No health model applies; health was {before.lower()}"
    told = f"Health went from {before.lower()} to {after.lower()}" if before else f"Health is {after.lower()}"
    score = event.data["score"]
    return told if score is None else f"{told}, at {score:g} of 100"


def _overridden(event: AccountEvent, people: Mapping[int, str]) -> str:
    until = dt.date.fromisoformat(event.data["until"])
    return f"Health set to {event.data['band'].lower()} by hand until {until:%d %b %Y}"


kinds.add("health.changed", EventKind(_changed, "favorite", group=Group.LIFECYCLE))
kinds.add("health.overridden", EventKind(_overridden, "back_hand", changes_facts=True, group=Group.LIFECYCLE))
kinds.add(
    "health.override_ended",
    EventKind(lambda event, people: "Health is computed again", "back_hand", changes_facts=True, group=Group.LIFECYCLE),
)
