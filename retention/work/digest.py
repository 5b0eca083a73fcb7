"""The daily digest by e-mail: what is due, and what somebody wanted to hear of once a day. And what is due soon."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from django.urls import reverse
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.outbox import choices
from accounts.outbox import services as outbox
from accounts.outbox.models import Delivery, Digest, Way
from accounts.outbox.registry import Purpose, purposes
from accounts.team import absences
from accounts.team.models import User
from retention.slas.hours import followed_by, hours, zone_of
from retention.work import mine
from retention.work.models import WorkItem

SOON = dt.timedelta(days=1)
LOOKED_BACK = dt.timedelta(hours=3)
"""How late the job may be: what became due soon longer ago than this is left to the digest."""
HOURS_LATE = 4
"""How much later than its hour a digest may be booked."""
SHOWN = 20
BACK = dt.timedelta(days=4)
"""How far back a first digest looks: over a long weekend."""

purposes.add("digest", Purpose("Daily digest", lifetime=dt.timedelta(hours=12)))
purposes.add("due", Purpose("My work is due within a day", way=Way.DIGEST))


def send() -> int:
    """Books the digests whose hour has come, and tells of what is due within a day; returns how many messages."""
    at = now()
    return tell_due(at=at) + send_digests(at=at)


def tell_due(*, at: dt.datetime) -> int:
    """Tells owners of work without a clock that it is due within a day; a clock warns by itself. Each time once."""
    rows = WorkItem.objects.filter(
        state=WorkItem.State.OPEN,
        clock=None,
        assignee__is_active=True,
        due_at__gt=at + SOON - LOOKED_BACK,
        due_at__lte=at + SOON,
    )
    items = [item for item in rows.select_related("account", "assignee") if item.due_at - item.created_at > SOON]
    return len(outbox.book([_due(item) for item in items], at=at)) if items else 0


def _due(item: WorkItem) -> outbox.Message:
    return outbox.Message(
        purpose="due",
        key=f"due:{item.pk}:{int(item.due_at.timestamp())}",
        channel="in_app",
        subject=f"Due within a day: {item.title}, {item.account.name}",
        link=reverse("admin:retention_workitem_change", args=[item.pk]),
        account=item.account,
        user=item.assignee,
    )


def send_digests(*, at: dt.datetime) -> int:
    """Books the digest of everybody whose hour has come on a working day of theirs; at most one a day each."""
    sent = 0
    for user in _recipients(at):
        day = at.astimezone(zoneinfo.ZoneInfo(zone_of(user))).date()
        if message := _digest(user, day, at):
            sent += len(outbox.book([message], at=at))
    return sent


def _recipients(at: dt.datetime) -> list[User]:
    """Who chose the digest for anything and can be mailed, is at work today, and whose hour it is."""
    people = list(User.objects.filter(is_active=True, is_staff=True).exclude(email="").select_related("role", "team"))
    ways = choices.ways_of(people)
    wanting = [user for user in people if Way.DIGEST in ways[user.pk].values()]
    chosen = dict(Digest.objects.filter(user__in=wanting).values_list("user", "hour"))
    away = absences.stand_ins([user.pk for user in wanting], at=at)
    had = _had_today(wanting, at)
    return [
        user
        for user in wanting
        if user.pk not in away
        and _is_time(user, chosen.get(user.pk, choices.DIGEST_HOUR), at)
        and user.pk not in had
        and _works(user, at)
    ]


def _is_time(user: User, hour: int, at: dt.datetime) -> bool:
    """Whether their hour has come, and not long ago: who had nothing to hear of then is not asked about all day."""
    return 0 <= at.astimezone(zoneinfo.ZoneInfo(zone_of(user))).hour - hour < HOURS_LATE


def _works(user: User, at: dt.datetime) -> bool:
    """Whether this is a working day of `user`."""
    its = hours(followed_by(user), zone=zone_of(user))
    day = at.astimezone(zoneinfo.ZoneInfo(its.zone)).date()
    return day.weekday() in its.weekdays and day not in its.closed


def _had_today(people: Iterable[User], at: dt.datetime) -> set[int]:
    """Those who got today's digest already, by the day where they live."""
    rows = Delivery.objects.filter(user__in=people, purpose="digest", created_at__gt=at - dt.timedelta(days=2))
    keys = set(rows.values_list("user", "key"))
    return {
        user.pk for user in people if (user.pk, f"digest:{at.astimezone(zoneinfo.ZoneInfo(zone_of(user))):%F}") in keys
    }


def _digest(user: User, day: dt.date, at: dt.datetime) -> outbox.Message | None:
    """What there is to tell `user` today; None where there is nothing."""
    with timezone.override(zoneinfo.ZoneInfo(zone_of(user))):
        parts = [
            _part("Overdue", [_line(item) for item in mine.rows(user, "overdue", at=at)[:SHOWN]]),
            _part("Due today", [_line(item) for item in mine.rows(user, "today", at=at)[:SHOWN]]),
            _part("News", _news(user, at)),
        ]
    told = [part for part in parts if part]
    if not told:
        return None
    links = [choices.address(reverse("admin:retention_workitem_mine")), choices.address(reverse("notices"))]
    closing = f"Your work: {links[0]}\nChoose how you hear of things: {links[1]}"
    return outbox.Message(
        purpose="digest",
        key=f"digest:{day:%F}",
        channel="email",
        subject=f"Your work on {day:%A} {day.day} {day:%B}",
        text="\n\n".join([*told, closing]),
        user=user,
    )


def _part(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(f"- {line}" for line in lines)]) if lines else ""


def _line(item: WorkItem) -> str:
    return f"{item.title}, {item.account.name}: {timezone.localtime(item.due_at):%a %d %b %H:%M}"


def _news(user: User, at: dt.datetime) -> list[str]:
    """What came since the last digest of what the user wants to hear of once a day, as far as they have not read it."""
    ways = choices.ways_of([user])[user.pk]
    wanted = [name for name, way in ways.items() if way == Way.DIGEST]
    last = Delivery.objects.filter(user=user, purpose="digest").order_by("-created_at").first()
    since = last.created_at if last else at - BACK
    rows = Delivery.objects.filter(
        user=user, channel="in_app", purpose__in=wanted, read_at=None, created_at__gt=since, body__isnull=False
    )
    return list(rows.order_by("created_at", "pk").values_list("body__subject", flat=True)[:SHOWN])
