"""What the products of the book's accounts say between two instants: their users' days at work, and who is new.

Each visit has dice of its own, made from seed, user and day. However a stretch of time is cut into pieces, and however
often it is told, the same signals with the same message ids come out of it.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass, replace

from config.demo import browsing, usage
from config.demo.crowd import crowd
from config.demo.dice import dice
from config.demo.item import Item
from config.demo.people import STEADY, Seat, seat_of
from config.demo.stories import Story, Use
from config.demo.usage import Habits

DAY = dt.timedelta(days=1)
WEEK, FORTNIGHT, SLUMP = 7, 14, 60
STAY = 26
"""Weeks that somebody who joins stays: an account grows, but not for ever."""
JOINING = {Use.GROWING: 0.5, Use.NEW: 0.6}
"""Chance that somebody joins in a week; elsewhere it is `JOINS`."""
JOINS = 0.06
SLUMPS, LOST = 0.09, 0.5
"""In two months so many accounts lose, for the second of them, so many of their users: drops never run out."""
HEALTHY = (Use.STABLE, Use.GROWING, Use.SLIPPING, Use.SEASONAL)


@dataclass(frozen=True)
class Site:
    """One account as its product knows it. `began` is the day up to which the book itself tells."""

    story: Story
    number: int
    groups: list[str]
    habits: Habits
    seed: int
    began: dt.date


def told(site: Site, *, since: dt.datetime, until: dt.datetime) -> list[Item]:
    """Everything that the account's product says after `since` and up to `until`, oldest first."""
    zone = zoneinfo.ZoneInfo(site.story.company.place.zone)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    found: list[tuple[dt.datetime, Item]] = []
    there = _residents(site)
    for day in (first + n * DAY for n in range((last - first).days + 1)):
        midnight = dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)
        for place, seat in enumerate([*there, *_newcomers(site, day)]):
            found += _day(site, seat, site.groups[place % len(site.groups)], day, midnight)
    found.sort(key=lambda pair: pair[0])
    return [one for at, one in found if since < at <= until]


def _residents(site: Site) -> list[Seat]:
    """Who was still there when the book ended."""
    seats = crowd(site.story, site.number, seed=site.seed).seats
    return [seat for seat in seats if seat.until == 0 < seat.since]


def _newcomers(site: Site, day: dt.date) -> Iterator[Seat]:
    """Who has joined in the last weeks; `since` says how many days before `day`."""
    if site.story.use in (Use.DARK, Use.ENDED, Use.NOT_STARTED, Use.UNSEEN):
        return
    monday = day - day.weekday() * DAY
    for week in range(STAY):
        joined = monday - week * WEEK * DAY
        rng = dice(site.seed, "joins", site.number, joined)
        if joined > site.began and rng.random() < JOINING.get(site.story.use, JOINS):
            roster = crowd(site.story, site.number, seed=site.seed).roster
            seat = seat_of(*replace(roster, rng=rng).somebody(), story=site.story, rng=rng)
            yield replace(seat, rate=max(seat.rate, STEADY), since=(day - joined).days + 1, is_newcomer=True)


def _day(site: Site, seat: Seat, group: str, day: dt.date, midnight: dt.datetime) -> Iterator[tuple[dt.datetime, Item]]:
    """What one user does on one day of theirs."""
    rng = dice(site.seed, "visit", seat.external_id, day)
    is_first_day = seat.is_newcomer and seat.since == 1
    if is_first_day:
        yield from browsing.looked_around(seat, midnight - 2 * DAY + dt.timedelta(hours=10), rng)
    if is_first_day or rng.random() < 1 / FORTNIGHT:
        at = midnight + dt.timedelta(hours=7, minutes=rng.randint(0, 59))
        anonymous = browsing.visitor(seat) if is_first_day else ""
        yield from usage.introduced(seat, group, site.story.company.name, at, rng, anonymous=anonymous)
    if is_first_day or _is_there(site, seat, day):
        yield from usage.worked(seat, midnight, site.habits, rng)


def _is_there(site: Site, seat: Seat, day: dt.date) -> bool:
    """By habit, and at least once a fortnight; unless the account has a slump and this user stays away."""
    if _slumps(site, seat, day):
        return False
    rng = dice(site.seed, "there", seat.external_id, day)
    return rng.random() < usage.chance(seat, site.story, day) or day == _surely(site, seat, day)


def _surely(site: Site, seat: Seat, day: dt.date) -> dt.date:
    """The day of the fortnight around `day` on which the user comes in any case."""
    first = dt.date.fromordinal(day.toordinal() // FORTNIGHT * FORTNIGHT)
    working = [one for one in (first + n * DAY for n in range(FORTNIGHT)) if not usage.is_off(site.story, one)]
    return dice(site.seed, "surely", seat.external_id, first).choice(working)


def _slumps(site: Site, seat: Seat, day: dt.date) -> bool:
    turn, place = divmod((day - site.began).days, SLUMP)
    if site.story.use not in HEALTHY or place < SLUMP // 2:
        return False
    if dice(site.seed, "slump", site.number, turn).random() >= SLUMPS:
        return False
    return dice(site.seed, "stays away", seat.external_id, turn).random() < LOST
