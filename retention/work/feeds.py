"""My due times in a calendar of one's own: a signed address that can be revoked, and the calendar behind it.

The calendar names the work and its account, and nothing else: it leaves the installation for a provider of calendars.
"""

import datetime as dt
import secrets
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse

from accounts.foundation import audit
from accounts.foundation.scope import Area
from accounts.team.models import User
from accounts.throttling import services as throttling
from retention.slas.hours import zone_of
from retention.work import queries
from retention.work.models import CalendarFeed, WorkItem
from retention.work.registry import Appointment, appointments, work_kinds

SALT = "work.calendar"
RATE = throttling.Limit("calendar feed", times=60, seconds=3600)
AT_MOST = 500
"""Events in one feed, the first due ones: a calendar with more of them helps nobody."""
SHOWN = dt.timedelta(minutes=30)
"""How much of the day an event takes: it ends when the work is due."""
OCTETS = 75
"""Of one line, without its end (RFC 5545, 3.1)."""
SEEN_EVERY = dt.timedelta(minutes=10)


@transaction.atomic
def renew(user: User, *, by: Any, at: dt.datetime) -> CalendarFeed:
    """A new address for the calendar of `user`; every earlier one is of no use from now on."""
    User.objects.select_for_update(of=("self",)).get(pk=user.pk)  # two must not cross
    stamp = secrets.token_hex(16)
    if feed := CalendarFeed.objects.filter(user=user).first():
        audit.update(feed, verb="calendar_feed.renew", by=by, at=at, stamp=stamp, created_at=at, read_at=None)
        return feed
    return audit.create(CalendarFeed(user=user, stamp=stamp, created_at=at), verb="calendar_feed.open", by=by, at=at)


@transaction.atomic
def revoke(user: User, *, by: Any, at: dt.datetime) -> bool:
    """Makes the address useless; whether there was one."""
    feed = CalendarFeed.objects.select_for_update(of=("self",)).filter(user=user).first()
    if feed:
        audit.delete(feed, verb="calendar_feed.revoke", by=by, at=at)
    return feed is not None


def address(feed: CalendarFeed) -> str:
    """The address under which a calendar reads `feed`, the same one each time it is shown.

    Whoever has it reads it, so it goes to nobody else.
    """
    token = signing.Signer(salt=SALT).sign_object([feed.user_id, feed.stamp])
    return f"{settings.PUBLIC_URL.rstrip('/')}{reverse('calendar', args=[token])}"


def of_token(token: str, *, at: dt.datetime) -> CalendarFeed | None:
    """The feed behind an address; None where it was revoked, its owner left or may see no work, or it is not ours."""
    try:
        pk, stamp = _signed(token)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    feed = CalendarFeed.objects.select_related("user__role").filter(user=pk, stamp=stamp).first()
    if feed is None or not feed.user.is_active or feed.user.reach(Area.WORK) is None:
        return None
    if feed.read_at is None or at - feed.read_at > SEEN_EVERY:
        CalendarFeed.objects.filter(pk=feed.pk).update(read_at=at)
    return feed


def _signed(token: str) -> Any:
    """What an address says; those of earlier versions, with the time at which they were shown, hold too."""
    if token.count(":") == 2:
        return signing.loads(token, salt=SALT)
    return signing.Signer(salt=SALT).unsign_object(token)


def calendar(user: User, *, at: dt.datetime) -> bytes:
    """The open work of `user` as an iCalendar object (RFC 5545), each ending when it is due, and their appointments."""
    head = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Holdfast//My work//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{text(f'Work of {user}')}",
        f"X-WR-TIMEZONE:{text(zone_of(user))}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
    ]
    shown = [name for name, kind in work_kinds.items() if not kind.is_appointment]
    items = queries.open_for(user).filter(kind__in=shown)[:AT_MOST]
    met = sorted((one for each in appointments.values() for one in each(user, at)), key=lambda one: one.starts_at)
    events = [*(_event(item, user, at) for item in items), *(_met(one, user, at) for one in met[:AT_MOST])]
    lines = [*head, *(line for event in events for line in event), "END:VCALENDAR"]
    return b"".join(fold(line) for line in lines)


def _event(item: WorkItem, user: User, at: dt.datetime) -> Iterator[str]:
    """The lines of one piece of work. It takes none of their time: its owner can be invited to something else."""
    whose = "" if item.assignee_id == user.pk else f" (for {item.assignee})"
    page = f"{settings.PUBLIC_URL.rstrip('/')}{reverse('admin:retention_workitem_change', args=[item.pk])}"
    host = settings.PUBLIC_URL.partition("//")[2].partition("/")[0]
    yield "BEGIN:VEVENT"
    yield f"UID:work-{item.pk}@{host}"
    yield f"DTSTAMP:{instant(at)}"
    yield f"DTSTART:{instant(item.due_at - SHOWN)}"
    yield f"DTEND:{instant(item.due_at)}"
    yield f"SUMMARY:{text(f'{item.title}, {item.account.name}{whose}')}"
    yield f"URL:{page}"
    yield "TRANSP:TRANSPARENT"
    yield "CLASS:PRIVATE"
    if item.is_waiting:
        yield "STATUS:TENTATIVE"
    yield "END:VEVENT"


def _met(one: Appointment, user: User, at: dt.datetime) -> Iterator[str]:
    """The lines of one appointment, which takes their time."""
    whose = "" if one.host.pk == user.pk else f" (for {one.host})"
    yield "BEGIN:VEVENT"
    yield f"UID:{one.key}@{settings.PUBLIC_URL.partition('//')[2].partition('/')[0]}"
    yield f"DTSTAMP:{instant(at)}"
    yield f"DTSTART:{instant(one.starts_at)}"
    yield f"DTEND:{instant(one.ends_at)}"
    yield f"SUMMARY:{text(f'{one.title}{whose}')}"
    if one.place:
        yield f"LOCATION:{text(one.place)}"
    if one.page:
        yield f"URL:{settings.PUBLIC_URL.rstrip('/')}{one.page}"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def instant(value: dt.datetime) -> str:
    """A DATE-TIME in UTC, which every calendar shows in its reader's own zone."""
    return f"{value.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"


def text(value: str) -> str:
    """A TEXT value: backslashes, semicolons, commas and line ends escaped, other control characters left out."""
    escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    escaped = escaped.replace("\r\n", "\\n").replace("\n", "\\n").replace("\r", "\\n")
    return "".join(char for char in escaped if char == "\t" or not (ord(char) < 32 or ord(char) == 127))


def fold(line: str) -> bytes:
    """A content line in pieces of at most 75 octets, never cut within a character, each ended by CRLF."""
    found, piece = [], b""
    for char in line:
        coded = char.encode()
        if len(piece) + len(coded) > OCTETS:
            found.append(piece)
            piece = b" "
        piece += coded
    return b"".join(one + b"\r\n" for one in [*found, piece])
