"""One line of the book: an account with all that its CSM wants to see at a glance."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet, Sum, prefetch_related_objects

from accounts.facts.models import AccountFacts
from accounts.facts.wording import shown
from accounts.ingestion.queries import busiest_days
from accounts.portfolio.models import Account, AccountMember
from accounts.touches.models import Pulse
from accounts.touches.queries import NOBODY, Touched, touches_of
from accounts.workspace.queries import base_currency, today
from retention.health.queries import Glance, at_a_glance

PULSES = dict(Pulse.Value.choices)


@dataclass(frozen=True)
class Line:
    """One account in the book."""

    account: Account
    facts: AccountFacts | None
    touched: Touched
    csm: str
    trend: str
    direction: str
    """up, down, even; empty where the trend is unknown."""
    weeks: list[int]
    """The most people who used the product on a day of each of the last 13 weeks, oldest first; empty: unknown."""
    renews_over: bool
    renews_soon: bool
    step_overdue: bool
    health: Glance | None
    """None where no health model applies."""

    @property
    def stage(self) -> str:
        key = self.facts.stage if self.facts else None
        return (key or "").replace("_", " ").capitalize()

    @property
    def pulse(self) -> str:
        """The word of the pulse; empty where nobody set one."""
        return PULSES.get(self.touched.pulse or "", "")

    @property
    def ends_on(self) -> dt.date | None:
        return self.facts.contract_end_date if self.facts else None

    @property
    def decides_on(self) -> dt.date | None:
        return self.facts.decision_date if self.facts else None

    @property
    def arr_minor(self) -> int | None:
        return self.facts.arr_minor if self.facts else None


@dataclass(frozen=True)
class Total:
    """What accounts are worth together: ARR in minor units of the base currency, as far as it is known."""

    arr_minor: int | None
    known: int
    """Of so many accounts."""


def total(accounts: QuerySet[Account]) -> Total:
    """The ARR of all of `accounts`, on whatever page they are."""
    rows = AccountFacts.objects.filter(account__in=accounts.order_by().values("pk"))
    found = rows.aggregate(total=Sum("arr_minor"), known=Count("arr_minor"))
    return Total(found["total"], found["known"])


SOON = dt.timedelta(days=90)
WEEKS = 13


def lines(accounts: Sequence[Account], *, at: dt.datetime) -> list[Line]:
    """The lines of these accounts, in the same number of queries for ten and for a hundred."""
    found = list(accounts)
    prefetch_related_objects(found, "facts", "members__user")
    touched = touches_of([account.pk for account in found], at=at)
    used = busiest_days([account.pk for account in found], weeks=WEEKS, at=at)
    healthy = at_a_glance([account.pk for account in found], at=at)
    day, currency = today(at), base_currency()
    return [
        _line(
            account, touched.get(account.pk, NOBODY), used.get(account.pk, []), healthy.get(account.pk), day, currency
        )
        for account in found
    ]


def _line(
    account: Account, touched: Touched, weeks: list[int], health: Glance | None, day: dt.date, currency: str
) -> Line:
    facts: AccountFacts | None = getattr(account, "facts", None)
    change = facts.active_users_change_30d if facts else None
    ends = facts.contract_end_date if facts else None
    due = touched.next_step_due_on
    return Line(
        account=account,
        facts=facts,
        touched=touched,
        csm=_csm(account.members.all()),
        trend=shown("active_users_change_30d", change, currency=currency),
        direction=_direction(change),
        weeks=weeks if facts and facts.active_users_30d is not None else [],
        renews_over=bool(ends and ends < day),
        renews_soon=bool(ends and day <= ends <= day + SOON),
        step_overdue=bool(due and due < day),
        health=health,
    )


def _direction(change: float | None) -> str:
    if change is None:
        return ""
    return "up" if change >= 0.005 else "down" if change <= -0.005 else "even"


def _csm(members: Iterable[AccountMember]) -> str:
    return next((str(one.user) for one in members if one.part == AccountMember.Part.CSM), "")
