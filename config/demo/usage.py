"""What an account's product says about it: one item of the Segment protocol for each thing somebody did."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random

from config.demo import browsing
from config.demo.item import Item, item
from config.demo.people import Seat
from config.demo.presence import DAYS, active_days, likely
from config.demo.stories import Story, Use

DAY = dt.timedelta(days=1)
FIRST = {
    "marketing_automation": ("campaigns", "audiences", "templates", "dashboards", "reports", "exports"),
    "sales_management": ("dashboards", "alerts", "reports", "sharing", "exports", "integrations"),
    "operations": ("workflows", "dashboards", "alerts", "integrations", "reports", "api"),
    "other": ("reports", "dashboards", "sharing", "templates", "exports", "alerts"),
}
"""Which features of the tracking plan somebody with this use case finds first."""
UNPLANNED = ("Comment Added", "Search Performed", "Invite Sent", "Notification Muted")
"""Events that the product sends and that nobody has put into the tracking plan yet."""
READS = 0.05
"""How often a visit ends with a page of the documentation."""


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
    events += UNPLANNED
    weights += [sum(weights) / 60] * len(UNPLANNED)
    return Habits(events, list(accumulate(weights)))


def items(
    story: Story, seats: Sequence[Seat], *, groups: Sequence[str], habits: Habits, moment: dt.datetime, rng: Random
) -> list[Item]:
    """Everything that the users did before `moment`, oldest first, as the product would have sent it.

    `groups` are the product's own ids of the account; its users are spread over them.
    """
    found: list[tuple[dt.datetime, Item]] = []
    days_off = {n for n in range(DAYS + 1) if is_off(story, moment.date() - n * DAY)}
    season = [_season(story.use, moment.date() - n * DAY) for n in range(DAYS + 1)]
    midnights = _midnights(story, moment)
    for place, seat in enumerate(seats):
        days = sorted(active_days(seat, days_off, season.__getitem__, rng), reverse=True)
        setting_up = midnights[days[0] if days else seat.since] + dt.timedelta(hours=7, minutes=rng.randint(0, 59))
        found += introduced(seat, groups[place % len(groups)], story.company.name, setting_up, rng)
        for day in days:
            found += worked(seat, midnights[day], habits, rng)
    found.sort(key=lambda pair: pair[0])
    return [one for at, one in found if at < moment]


def introduced(
    seat: Seat, group: str, company: str, at: dt.datetime, rng: Random, *, anonymous: str = ""
) -> Iterator[tuple[dt.datetime, Item]]:
    """What a product says when it sees a user for the first time; `anonymous` is what it called them until then."""
    traits = {"email": seat.email, "name": seat.name, "role": seat.role, "team": seat.team}
    before = {"anonymousId": anonymous} if anonymous else {}
    yield at, item("identify", at, rng, userId=seat.external_id, traits=traits, **before)
    yield at, item("group", at, rng, userId=seat.external_id, groupId=group, traits={"name": company})


def worked(seat: Seat, midnight: dt.datetime, habits: Habits, rng: Random) -> Iterator[tuple[dt.datetime, Item]]:
    """One visit on one day, within working hours."""
    at = midnight + dt.timedelta(seconds=8 * 3600 + int(rng.random() * 32_000))
    for _ in range(1 + (rng.random() < 0.5) + (rng.random() < seat.rate / 2)):
        [event] = rng.choices(habits.events, cum_weights=habits.weights)
        yield at, item("track", at, rng, userId=seat.external_id, event=event)
        at += dt.timedelta(seconds=20 + int(rng.random() * 900))
    if rng.random() < READS:
        yield at, item("page", at, rng, userId=seat.external_id, **browsing.page(rng.choice(browsing.HELP)))


def _midnights(story: Story, moment: dt.datetime) -> list[dt.datetime]:
    """Place n: the instant at which the day n days before began where the company is."""
    zone, today = zoneinfo.ZoneInfo(story.company.place.zone), moment.date()
    starts = [dt.datetime.combine(today - n * DAY, dt.time(), zone) for n in range(DAYS + 1)]
    return [start.astimezone(dt.UTC) for start in starts]


def is_off(story: Story, day: dt.date) -> bool:
    """Whether the company's offices are closed on that day."""
    return day.weekday() in story.company.place.weekend


def chance(seat: Seat, story: Story, day: dt.date) -> float:
    """How likely the user is to do something on that day."""
    return likely(seat, is_off(story, day), _season(story.use, day))


def _season(use: Use, day: dt.date) -> float:
    """How busy a day is against an ordinary one."""
    if use is not Use.SEASONAL:
        return 1.0
    return 2.2 if (day + 4 * DAY).day <= 8 else 0.3
