"""My work: everything somebody must do, whatever asked for it, in the views by which they go through it."""

import datetime as dt
import zoneinfo
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Q

from accounts.foundation.scope import among
from accounts.team.models import Team, User
from retention.slas.hours import zone_of
from retention.slas.models import Clock
from retention.work import queries
from retention.work.models import WorkItem, WorkTime
from retention.work.registry import WorkKind, work_kinds

WAITING = Q(clock__state=Clock.State.PAUSED)


@dataclass(frozen=True)
class Moment:
    """An instant as one reader sees it: where their day and their week end, and whose work is theirs."""

    user: User
    at: dt.datetime

    @property
    def today(self) -> dt.date:
        return self.at.astimezone(zoneinfo.ZoneInfo(zone_of(self.user))).date()

    def midnight(self, days: int = 1) -> dt.datetime:
        """The beginning of the day so many days from today, in UTC."""
        zone = zoneinfo.ZoneInfo(zone_of(self.user))
        return dt.datetime.combine(self.today + dt.timedelta(days=days), dt.time(), zone).astimezone(dt.UTC)

    @property
    def monday(self) -> dt.datetime:
        return self.midnight(7 - self.today.weekday())

    @property
    def mine(self) -> Q:
        return among("assignee", self.user)

    @property
    def awake(self) -> Q:
        return Q(snoozed_until=None) | Q(snoozed_until__lte=self.at)

    @property
    def running(self) -> Q:
        return self.mine & self.awake & (Q(clock=None) | ~WAITING)


@dataclass(frozen=True)
class View:
    """One way to look at open work: its words, which of it, and what an empty one says."""

    label: str
    rows: Callable[[Moment], Q]
    empty: str


VIEWS: dict[str, View] = {
    "open": View(
        "All of mine",
        lambda one: one.mine & one.awake,
        "Nothing waits for you. Work appears here when a play starts, a clock runs, or somebody gives you some.",
    ),
    "overdue": View(
        "Overdue", lambda one: one.running & Q(due_at__lt=one.at), "Nothing is overdue. Well done: keep it like that."
    ),
    "today": View(
        "Due today",
        lambda one: one.running & Q(due_at__gte=one.at, due_at__lt=one.midnight()),
        "Nothing more is due today. Look at this week.",
    ),
    "week": View(
        "This week",
        lambda one: one.running & Q(due_at__gte=one.at, due_at__lt=one.monday),
        "Nothing more is due this week.",
    ),
    "waiting": View(
        "Waiting",
        lambda one: one.mine & one.awake & WAITING,
        "You wait for nobody. Work whose clock you let stand still is here until it goes on.",
    ),
    "snoozed": View(
        "Snoozed",
        lambda one: one.mine & Q(snoozed_until__gt=one.at),
        "Nothing is put off. What you snooze is here until it comes back by itself.",
    ),
    "stand-in": View(
        "As stand-in",
        lambda one: Q(assignee__in=one.user.covered) & one.awake,
        "You stand in for nobody. When a colleague is away and names you, their work is here.",
    ),
    "team": View(
        "My team's",
        lambda one: Q(assignee__team__in=teams(one.user)) & ~one.mine,
        "Nobody of your team has open work that you see.",
    ),
    "nobody": View("For nobody yet", lambda one: Q(assignee=None), "All open work has somebody who does it."),
}
"""The views of My work, by what the address calls them; the first is shown unless another is asked for."""


def teams(user: User) -> models.QuerySet[Team]:
    """The teams whose work is a manager's business: those they lead."""
    return Team.objects.filter(manager=user.pk)


def rows(user: User, view: str, *, at: dt.datetime) -> models.QuerySet[Any]:
    """The open work of a view that `user` may see, by due time."""
    found = WorkItem.objects.for_user(user).filter(VIEWS[view].rows(Moment(user, at)), state=WorkItem.State.OPEN)
    return found.select_related("account", "assignee", "clock__calendar").order_by("due_at", "pk")


def counts(user: User, *, at: dt.datetime) -> dict[str, int]:
    """How much is in each view, in one query."""
    moment = Moment(user, at)
    mine = WorkItem.objects.for_user(user).filter(state=WorkItem.State.OPEN)
    names = {name: name.replace("-", "_") for name in VIEWS}
    sums = mine.aggregate(**{names[name]: Count("pk", filter=view.rows(moment)) for name, view in VIEWS.items()})
    return {name: sums[names[name]] for name in VIEWS}


@dataclass(frozen=True)
class Line:
    """A piece of work as a list tells it."""

    item: WorkItem
    why: str
    clock: str
    kind: WorkKind
    is_overdue: bool
    is_snoozed: bool
    is_raised: bool
    """Whether a signal raised it, so that it can be a false alarm."""
    for_whom: str
    comments: int

    @property
    def page(self) -> str:
        """Where it is done, where that is not on its own page."""
        return self.kind.page(self.item) if self.kind.page else ""


def lines(items: Sequence[WorkItem], user: User, *, at: dt.datetime) -> list[Line]:
    """Each of these with why it exists and how its clock stands; in a constant number of queries."""
    models.prefetch_related_objects(list(items), *queries.WITH_CLOCK)
    reasons = queries.reasons_of(items)
    said = _comments(items)
    found = []
    for item in items:
        kind, reason = work_kinds[item.kind], reasons.get(item.pk)
        found.append(
            Line(
                item=item,
                why=f"{reason.title}: {reason.sentence}" if reason else _of_kind(kind),
                clock=queries.time_left(item.clock, at=at) if item.clock else "",
                kind=kind,
                is_overdue=queries.is_overdue(item, at=at),
                is_snoozed=item.is_snoozed(at),
                is_raised=reason is not None and "false_alarm" in kind.dismissed,
                for_whom="" if item.assignee_id == user.pk else str(item.assignee or "nobody yet"),
                comments=said.get(item.pk, 0),
            )
        )
    return found


def _comments(items: Sequence[WorkItem]) -> dict[int, int]:
    found = WorkItem.objects.filter(pk__in=[item.pk for item in items]).annotate(said=Count("comments"))
    return dict(found.order_by().values_list("pk", "said"))


def _of_kind(kind: WorkKind) -> str:
    return "Added by a person" if kind is work_kinds["task"] else kind.label


def groups(found: Sequence[Line], user: User, *, at: dt.datetime) -> list[tuple[str, list[Line]]]:
    """The lines under headings by due time: overdue, today, tomorrow, this week, later, waiting."""
    moment = Moment(user, at)
    ends = [("Today", moment.midnight()), ("Tomorrow", moment.midnight(2)), ("This week", moment.monday)]
    sorted_out: dict[str, list[Line]] = {}
    for line in found:
        name = _heading(line, ends)
        sorted_out.setdefault(name, []).append(line)
    order = ["Overdue", "Today", "Tomorrow", "This week", "Later", "Waiting for others", "Snoozed"]
    return [(name, sorted_out[name]) for name in order if name in sorted_out]


def _heading(line: Line, ends: list[tuple[str, dt.datetime]]) -> str:
    if line.is_snoozed:
        return "Snoozed"
    if line.item.is_waiting:
        return "Waiting for others"
    if line.is_overdue:
        return "Overdue"
    return next((name for name, end in ends if line.item.due_at < end), "Later")


@dataclass(frozen=True)
class Load:
    """What one person of a team has on their table."""

    user: User
    open: int
    overdue: int
    waiting: int
    snoozed: int
    minutes: int
    """Spent in the last seven days."""


def load(user: User, *, at: dt.datetime) -> list[Load]:
    """The people of the teams that `user` leads with their open work, the most burdened first; in two queries."""
    team = User.objects.filter(team__in=teams(user), is_active=True, is_staff=True)
    is_open = Q(work__state=WorkItem.State.OPEN)
    stands = Q(work__clock__state=Clock.State.PAUSED)
    counted = team.annotate(
        n_open=Count("work", filter=is_open),
        n_overdue=Count("work", filter=is_open & Q(work__due_at__lt=at) & (Q(work__clock=None) | ~stands)),
        n_waiting=Count("work", filter=is_open & stands),
        n_snoozed=Count("work", filter=is_open & Q(work__snoozed_until__gt=at)),
    )
    spent = _minutes(team, since=at - dt.timedelta(days=7))
    found = [
        Load(one, one.n_open, one.n_overdue, one.n_waiting, one.n_snoozed, spent.get(one.pk, 0)) for one in counted
    ]
    return sorted(found, key=lambda one: (-one.overdue, -one.open, str(one.user)))


def _minutes(team: models.QuerySet[User], *, since: dt.datetime) -> dict[int, int]:
    sums = WorkTime.objects.filter(user__in=team, at__gte=since).order_by().values_list("user")
    return dict(sums.annotate(models.Sum("minutes")))


def breaches(user: User, *, limit: int = 12) -> list[WorkItem]:
    """Open work of the teams that `user` leads whose clock has run out, the longest ago first."""
    found = WorkItem.objects.for_user(user).filter(
        assignee__team__in=teams(user), state=WorkItem.State.OPEN, clock__breached_at__isnull=False
    )
    return list(found.select_related("account", "assignee", "clock").order_by("clock__breached_at", "pk")[:limit])


def clocks_running(user: User, *, limit: int = 12) -> list[WorkItem]:
    """My work by the clock, the one that runs out first at the top; what stands still is left out."""
    found = queries.open_for(user).filter(clock__state=Clock.State.RUNNING).select_related("clock__calendar")
    return list(found.prefetch_related(*queries.WITH_CLOCK).order_by("clock__due_at", "pk")[:limit])
