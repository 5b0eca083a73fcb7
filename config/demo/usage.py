"""What an account's product says about it: one item of the Segment protocol for each thing somebody did."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from config.demo.people import Seat
from config.demo.presence import DAYS, active_days
from config.demo.stories import Story, Use

Item = dict[str, object]
DAY = dt.timedelta(days=1)
FIRST = {
    "marketing_automation": ("campaigns", "audiences", "templates", "dashboards", "reports", "exports"),
    "sales_management": ("dashboards", "alerts", "reports", "sharing", "exports", "integrations"),
    "operations": ("workflows", "dashboards", "alerts", "integrations", "reports", "api"),
    "other": ("reports", "dashboards", "sharing", "templates", "exports", "alerts"),
}
"""Which features of the tracking plan somebody with this use case finds first."""


@dataclass(frozen=True)
class Habits:
    """The events that an account's people send, and how often each of them in proportion."""

    events: list[str]
    weights: list[float]


def habits(story: Story, plan: dict[str, list[str]]) -> Habits:
    """The first `breadth` features of a tracking plan (feature → its events) that suit the account's use case."""
    wanted = FIRST[story.company.use_case]
    order = [key for key in wanted if key in plan] + [key for key in plan if key not in wanted]
    events: list[str] = []
    weights: list[float] = []
    for place, feature in enumerate(order[: story.breadth]):
        for turn, event in enumerate(plan[feature]):
            events.append(event)
            weights.append(1 / (place + 1.5) / (1 + 3 * turn))
    return Habits(events, list(accumulate(weights)))


def items(
    story: Story, seats: Sequence[Seat], *, groups: Sequence[str], habits: Habits, moment: dt.datetime, rng: Random
) -> list[Item]:
    """Everything that the users did before `moment`, oldest first, as the product would have sent it.

    `groups` are the product's own ids of the account; its users are spread over them.
    """
    found: list[tuple[dt.datetime, Item]] = []
    days_off = _days_off(story, moment)
    season = _season(story.use, moment)
    midnights = _midnights(story, moment)
    for place, seat in enumerate(seats):
        days = sorted(active_days(seat, days_off, season, rng), reverse=True)
        setting_up = midnights[days[0] if days else seat.since] + dt.timedelta(hours=7, minutes=rng.randint(0, 59))
        found += _introduced(seat, groups[place % len(groups)], story.company.name, setting_up, rng)
        for day in days:
            found += _worked(seat, midnights[day], habits, rng)
    found.sort(key=lambda pair: pair[0])
    return [item for at, item in found if at < moment]


def _introduced(
    seat: Seat, group: str, company: str, at: dt.datetime, rng: Random
) -> Iterator[tuple[dt.datetime, Item]]:
    """What a product says when it sees a user for the first time."""
    traits = {"email": seat.email, "name": seat.name, "role": seat.role, "team": seat.team}
    yield at, _item("identify", seat, at, rng, traits=traits)
    yield at, _item("group", seat, at, rng, groupId=group, traits={"name": company})


def _worked(seat: Seat, midnight: dt.datetime, habits: Habits, rng: Random) -> Iterator[tuple[dt.datetime, Item]]:
    """One visit on one day, within working hours."""
    at = midnight + dt.timedelta(seconds=8 * 3600 + int(rng.random() * 32_000))
    for _ in range(1 + (rng.random() < 0.5) + (rng.random() < seat.rate / 2)):
        [event] = rng.choices(habits.events, cum_weights=habits.weights)
        yield at, _item("track", seat, at, rng, event=event)
        at += dt.timedelta(seconds=20 + int(rng.random() * 900))


def _item(kind: str, seat: Seat, at: dt.datetime, rng: Random, **fields: object) -> Item:
    message = str(uuid.UUID(int=rng.getrandbits(128), version=4))
    return {
        "type": kind,
        "userId": seat.external_id,
        "messageId": message,
        "timestamp": at.isoformat(timespec="seconds"),
        **fields,
    }


def _midnights(story: Story, moment: dt.datetime) -> list[dt.datetime]:
    """Place n: the instant at which the day n days before began where the company is."""
    zone, today = zoneinfo.ZoneInfo(story.company.place.zone), moment.date()
    starts = [dt.datetime.combine(today - n * DAY, dt.time(), zone) for n in range(DAYS + 1)]
    return [start.astimezone(dt.UTC) for start in starts]


def _days_off(story: Story, moment: dt.datetime) -> set[int]:
    weekend = story.company.place.weekend
    return {n for n in range(DAYS + 1) if (moment.date() - n * DAY).weekday() in weekend}


def _season(use: Use, moment: dt.datetime) -> Callable[[int], float]:
    """How busy each day is against an ordinary one."""
    if use is not Use.SEASONAL:
        return lambda day: 1.0
    return lambda day: 2.2 if (moment.date() - day * DAY + 4 * DAY).day <= 8 else 0.3
