"""Pages that people of the book look at, and the two moments that its product tells only once."""

import datetime as dt
from collections.abc import Iterator
from random import Random

from config.demo.item import Item, item
from config.demo.people import Seat
from config.demo.presence import NEWCOMERS
from config.demo.stories import Deal, Story, Use

DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
SITE = "https://www.larkspur.example"
HELP = (
    "/docs/integrations/hubspot",
    "/docs/integrations/warehouse",
    "/docs/start",
    "/docs/alerts",
    "/features/advanced",
)
TRIALS = ("trial-brookfield-dental", "trial-hanseatic-tools", "trial-oleander-spa", "ws_4711")
PRICING, SECURITY, COMPARISON = "/pricing", "/security", "/compare/larkspur-and-spreadsheets"
FIRST_VALUE = {
    "marketing_automation": "Campaign Launched",
    "sales_management": "Alert Acknowledged",
    "operations": "Workflow Run",
}
"""The event by which a use case shows its worth; the other use cases have none that a product could see."""


def page(path: str) -> dict[str, object]:
    """Fields of a page call."""
    words = path.strip("/").replace("/", " ").replace("-", " ")
    return {"name": words.capitalize(), "properties": {"path": path, "url": SITE + path}}


def visitor(seat: Seat) -> str:
    """What the site called somebody before they had an account."""
    return f"visitor-{seat.external_id}"


def looked_around(seat: Seat, at: dt.datetime, rng: Random) -> Iterator[tuple[dt.datetime, Item]]:
    """What somebody read before anybody knew who they were."""
    for path in (PRICING, rng.choice((COMPARISON, "/features/advanced", "/docs/start"))):
        yield at, _page(path, at, rng, anonymousId=visitor(seat))
        at += rng.randint(1, 6) * MINUTE


def firsts(
    story: Story, seat: Seat, group: str, *, won_at: dt.datetime, moment: dt.datetime, rng: Random
) -> list[Item]:
    """When the product was set up, and when it first paid: in the weeks after the first contract was signed."""
    if story.use is Use.NOT_STARTED:
        return []
    activated = won_at + dt.timedelta(days=rng.randint(4, 12), minutes=rng.randint(0, 300))
    if story.use is Use.NEW:
        activated = max(activated, moment - (NEWCOMERS - 2) * DAY)
    valued = activated + dt.timedelta(days=rng.randint(2, 20), minutes=rng.randint(0, 300))
    moments = [(activated, "Workspace Activated"), (valued, FIRST_VALUE.get(story.company.use_case, ""))]
    return [
        item("track", at, rng, event=event, userId=seat.external_id, context={"groupId": group})
        for at, event in moments
        if event and at < moment
    ]


def strangers(moment: dt.datetime, *, rng: Random) -> list[Item]:
    """Signals of trials that nobody has made an account for: they wait in quarantine for somebody to decide."""
    found: list[Item] = []
    for group in TRIALS:
        user, at = (
            f"u_{rng.getrandbits(48):012x}",
            moment - dt.timedelta(days=rng.randint(2, 12), hours=rng.randint(5, 9)),
        )
        for event in ("Dashboard Viewed", "Report Created", "Search Performed")[: rng.randint(1, 3)]:
            found.append(item("track", at, rng, event=event, userId=user, context={"groupId": group}))
            at += rng.randint(1, 30) * MINUTE
    return sorted(found, key=lambda one: str(one["timestamp"]))


def interest(story: Story, seat: Seat, *, moment: dt.datetime, rng: Random) -> list[Item]:
    """Pages that say something about what somebody has in mind."""
    found: list[Item] = []
    if story.use is Use.NEW:
        first = moment - (NEWCOMERS + 16) * DAY + dt.timedelta(hours=15)
        found += [_page(PRICING, first, rng, anonymousId=visitor(seat))]
        found += [_page(COMPARISON, first + 13 * DAY, rng, anonymousId=visitor(seat))]
        known_at = moment - (NEWCOMERS - 1) * DAY + dt.timedelta(hours=15)
        found += [item("identify", known_at, rng, userId=seat.external_id, anonymousId=visitor(seat))]
    if story.deal in (Deal.TWO, Deal.GREW):
        at = moment - rng.randint(3, 12) * DAY - dt.timedelta(hours=rng.randint(5, 9))
        paths = (PRICING, SECURITY, "/enterprise")
        found += [_page(path, at + 4 * n * MINUTE, rng, userId=seat.external_id) for n, path in enumerate(paths)]
    if story.use in (Use.COLLAPSED, Use.DROPPED):
        at = moment - rng.randint(4, 20) * DAY - dt.timedelta(hours=rng.randint(5, 9))
        found += [_page(COMPARISON, at, rng, userId=seat.external_id)]
    return found


def _page(path: str, at: dt.datetime, rng: Random, **who: str) -> Item:
    return item("page", at, rng, **page(path), **who)
