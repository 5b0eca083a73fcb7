"""What people outside see of us: dates of office hours to which they come, and pages that prospects were sent."""

import datetime as dt
from itertools import count

from accounts.foundation import audit
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from config.demo import handing, said
from config.demo.handing import DAY, HOUR, Desk
from config.demo.reaching import CSM, NAME
from retention.success_plans import prospects
from retention.success_plans.choosing import Choice, people_by_role
from retention.success_plans.office_hours import attending
from retention.success_plans.office_hours import services as hours
from retention.success_plans.office_hours.models import OfficeHours, OfficeHoursSession, Weekday
from retention.success_plans.starting import CHAMPION

PROSPECT = "Nimbus Paper Works"
TOGETHER = ("Cascadia Trail Outfitters", "Delmar Aerospace Components", NAME)
"""Customers who come to the same office hours."""
JOIN = "https://meet.larkspur.example/"


def tell(desk: Desk) -> None:
    """Every story about dates and pages that people outside know of."""
    _of_a_plan(desk)
    _together(desk)
    _for_prospects(desk)


def _of_a_plan(desk: Desk) -> None:
    """Weekly since three weeks: people came to some dates, one was a holiday, and the next one is to come."""
    account = Account.objects.get(name=NAME)
    plan = account.success_plans.filter(state="open").order_by("-started_at").first()
    if plan is None:
        return
    at = max(desk.ago(23), plan.started_at + DAY)
    series = hours.plan_for(
        plan,
        title="Office hours: ask us anything",
        host=desk[CSM],
        weekday=Weekday.TUESDAY,
        time=dt.time(10),
        time_zone=account.time_zone,
        join_url=f"{JOIN}kestrel-hill",
        starts_on=at.date() + DAY,
        by=desk[CSM],
        at=at,
    )
    for number in count():
        session = _next(series)
        if session.starts_at + 2 * HOUR >= desk.moment:
            return
        if number == 1:
            attending.left_out(session, because=said.NO_HOURS, by=desk[CSM], at=session.starts_at - DAY)
        else:
            _held(desk, session, came=_some(account, CHAMPION, "end_user_lead"), asked=said.ASKED[number > 1])


def _together(desk: Desk) -> None:
    """For three customers, every other week: one date lies behind her, and she has not said yet who came."""
    accounts = [Account.objects.get(name=name) for name in TOGETHER]
    last = desk.ago(1).date()
    first = last - 14 * DAY
    series = hours.plan_together(
        accounts,
        title="Reports clinic",
        host=desk[CSM],
        weekday=list(Weekday)[last.weekday()],
        time=dt.time(14),
        time_zone="America/New_York",
        every_weeks=2,
        join_url=f"{JOIN}reports-clinic",
        starts_on=first,
        by=desk[CSM],
        at=desk.ago(21),
    )
    _held(desk, _next(series), came=[one for each in accounts for one in _some(each, CHAMPION)], asked=said.ASKED[0])


def _for_prospects(desk: Desk) -> None:
    """The AE sent a page to whom he is about to win, who looked at it; another one was taken back."""
    deal = Account.objects.get(name=PROSPECT).deals.order_by("pk").first()
    fits = Choice().plan(deal.account, people_by_role(deal.account).get(CHAMPION)) if deal else None
    if fits is None:
        return
    liam, at = desk["liam"], desk.ago(1, hour=10)
    page = prospects.show(fits.template, deal=deal, company=PROSPECT, by=liam, at=at)
    with audit.through("shared"):
        prospects.seen(page, at=at + 3 * HOUR)
    german = prospects.show(fits.template, company=said.LOST_PROSPECT, language="de", by=liam, at=desk.ago(20))
    prospects.revoke(german, by=liam, at=desk.ago(8))


def _held(desk: Desk, session: OfficeHoursSession, *, came: list[Stakeholder], asked: str) -> None:
    attending.held(session, came=came, text=asked, by=desk[CSM], at=session.starts_at + HOUR)


def _next(series: OfficeHours) -> OfficeHoursSession:
    rows = series.sessions.select_related("work_item__account", "work_item__clock")
    return rows.get(state=OfficeHoursSession.State.PLANNED)


def _some(account: Account, *roles: str) -> list[Stakeholder]:
    """Who has one of `roles` at the customer."""
    people = handing.people(account)
    return list({one.pk: one for role in roles if (one := people.get(role))}.values())
