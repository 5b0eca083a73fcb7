"""How customers are handed over: one deal in commit, one just won, one returned, one late, one waiting, one taken over.

Each verb is the service's own, by whoever would press the button, at the time of the story. What is not told here
follows by itself: the pump finds the CSM by tier, makes the plan, runs the clocks and escalates.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.catalogue.models import Product
from accounts.deals import services as deals
from accounts.deals.models import Deal
from accounts.deals.services import save as save_deal
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.workspace.models import Source
from config.demo import said
from config.demo.deals import later
from config.demo.staff import Office
from retention.handoffs import services as handoffs
from retention.handoffs.checklist import Line, checklist
from retention.handoffs.models import Handoff, HandoffItem
from retention.handoffs.services import save as answer
from retention.slas.models import Pause
from retention.work import thread

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
Evidence = HandoffItem.Evidence


@dataclass
class Desk:
    """Where customers are handed over: our people, the CRM, the day of the book and the instant at which it is made."""

    office: Office
    crm: Source
    moment: dt.datetime
    now: dt.datetime

    def __getitem__(self, username: str) -> User:
        return self.office.people[username]

    def ago(self, days: int, *, hour: int = 15) -> dt.datetime:
        """An instant on the last working day that is at least so many days ago."""
        day = self.moment.date() - days * DAY
        while day.weekday() > 4:
            day -= DAY
        return dt.datetime.combine(day, dt.time(hour), dt.UTC)

    def deal(self, account: Account, *, type_: str, at: dt.datetime, **values: Any) -> Deal:
        """What the CRM says of the account's deal from `at` on; a deal that it has not told of yet is new."""
        known = Deal.objects.filter(account=account, source=self.crm, type=type_).order_by("pk").first()
        title = {"name": f"{account.name}, first year", "opened_at": account.created_at} if known is None else {}
        id_ = known.external_id if known else f"006-{account.key[:40]}"
        values |= {"type": type_, "owner": self["liam"]} | title
        return save_deal(account, source=self.crm, external_id=id_, by=self.office.operator, at=at, **values)

    def win(self, account: Account, *, at: dt.datetime, type_: str = "new", **values: Any) -> Deal:
        """The deal is won."""
        won: dict[str, Any] = {"state": "won", "phase": "Closed won", "probability": 100, "closed_at": at}
        return self.deal(account, type_=type_, at=at, **won, **values)

    def sign(self, deal: Deal, *, seats: int, usage_target: int, at: dt.datetime) -> None:
        """The contract that the deal proposes, for a year."""
        starts_on = at.date() + 10 * DAY
        term: dict[str, Any] = {"starts_on": starts_on, "ends_on": later(starts_on, months=12) - DAY}
        use: dict[str, Any] = {"seats": seats, "usage_fact": "active_users_30d", "usage_target": usage_target}
        product = Product.objects.filter(key="professional").first()
        deals.accept(deal.proposal, product=product, by=self["liam"], at=at, **term, **use)


def tell(desk: Desk) -> None:
    """Every story about handing over, those that lie longest in the past first."""
    _late(desk)
    _waiting(desk)
    _expansion(desk)
    _returned(desk)
    _draft(desk)
    _just_won(desk)


def _draft(desk: Desk) -> None:
    """In commit since yesterday; two things that are due before the close are missing."""
    account = _called("Nimbus Paper Works")
    at = desk.ago(1)
    deal = desk.deal(account, type_="new", at=at, state="committed", phase="Negotiation", probability=90, seats=60)
    handoff = handoffs.follow(deal, at=at)
    if handoff:
        fill(handoff, said.DRAFT, by=desk["liam"], at=at + HOUR, won_at=desk.moment)


def _just_won(desk: Desk) -> None:
    """Won on the day of the book: what follows is made by the pump, and its clock runs from then on."""
    account = _called("Juniper Row Bakeries")
    desk.sign(desk.win(account, at=desk.moment, seats=40), seats=40, usage_target=30, at=desk.moment)
    portfolio.assign(account, part="csm", user=desk["ethan"], by=desk.office.operator, at=desk.moment)


def _handed(desk: Desk, name: str, *, csm: str, won_at: dt.datetime, seats: int) -> Handoff | None:
    """A customer who was won, with contract and CSM, and handed over by Sales an hour later."""
    account = _called(name)
    deal = desk.win(account, at=won_at, seats=seats)
    desk.sign(deal, seats=seats, usage_target=seats - 5, at=won_at)
    portfolio.assign(account, part="csm", user=desk[csm], by=desk.office.operator, at=won_at)
    return submitted(desk, deal, at=won_at + HOUR)


def submitted(desk: Desk, deal: Deal, *, at: dt.datetime) -> Handoff | None:
    """The handoff of a won deal, filled in and submitted by its AE; None where the playbook has none."""
    handoff = handoffs.follow(deal, at=at)
    if handoff is None:
        return None
    promised(handoff, by=desk["liam"], at=at)
    fill(handoff, said.WORDS, by=desk["liam"], at=at, won_at=at)
    return handoffs.submit(handoff, by=desk["liam"], at=at + HOUR)


def _late(desk: Desk) -> None:
    """Submitted more than a week ago, and the CSM has not answered: the pump tells her, her manager and a leader.

    A colleague stands in for her there: the manager can give it to him.
    """
    won_at = desk.ago(9)
    handoff = _handed(desk, "Halcyon Dental Group", csm="camila", won_at=won_at, seats=30)
    if handoff:
        portfolio.assign(handoff.account, part="backup", user=desk["ethan"], by=desk.office.operator, at=won_at)


def _waiting(desk: Desk) -> None:
    """The CSM waits for the customer's word: her clock stands still, what was promised does not move."""
    won_at = desk.ago(5)
    handoff = _handed(desk, "Ironwood Legal Partners", csm="maya", won_at=won_at, seats=25)
    if handoff:
        at = won_at + 4 * HOUR
        handoffs.wait(handoff, reason=Pause.Reason.CUSTOMER, by=desk["maya"], at=at)
        if handoff.work:
            thread.comment(handoff.work, text=said.WAITS_FOR, by=desk["maya"], at=at)


def _returned(desk: Desk) -> None:
    """Sent back an hour ago with a reason for each item."""
    handoff = _handed(desk, "Tidewater Freight Lines", csm="ethan", won_at=desk.ago(3), seats=50)
    if handoff:
        items = {item.key: item for item in handoff.version.items.all()}
        back = [(items[key], reason, note) for key, reason, note in said.RETURNED if key in items]
        handoffs.return_items(handoff, back, by=desk["ethan"], at=desk.now - HOUR)


def _expansion(desk: Desk) -> None:
    """A customer bought more: the short handoff waits for the CSM to accept it."""
    deal = desk.win(_called("Delmar Aerospace Components"), type_="expansion", at=desk.now - 5 * HOUR)
    submitted(desk, deal, at=desk.now - 4 * HOUR)


def promised(handoff: Handoff, *, by: User, at: dt.datetime) -> None:
    """What Sales promised before the deal was won."""
    for what, to_whom, days in said.PROMISES[: 3 if handoff.version.template.starts_with == "new" else 1]:
        due_on = (at + days * DAY).date()
        handoffs.promise(
            handoff, what=what, to_whom=to_whom, promised_by=by, due_on=due_on, evidence=said.IN_WRITING, by=by, at=at
        )


def fill(handoff: Handoff, words: dict[str, Any], *, by: User, at: dt.datetime, won_at: dt.datetime) -> None:
    """Saves what `words` has for each item that lacks its evidence, as the giver does, item by item."""
    roles = people(handoff.account)
    for line in checklist(handoff, at=at).lines:
        if line.is_done or not line.blocks or line.item.key not in words:
            continue
        if line.item.evidence == Evidence.PLAN:
            handoffs.draft_plan(handoff, line.item, revision=line.revision, by=by, at=at)
        elif (value := _value(line, words, roles, won_at)) is not None:
            answer(handoff, line.item, value, revision=line.revision, by=by, at=at)


def _value(line: Line, words: dict[str, Any], roles: dict[str, Stakeholder], won_at: dt.datetime) -> Any:
    item = line.item
    if item.evidence == Evidence.STAKEHOLDER:
        return roles.get(item.role)
    if item.evidence == Evidence.FILE:
        return said.order_form()
    value = words[item.key]
    return (won_at + value * DAY).date() if item.evidence == Evidence.DATE else value


def people(account: Account) -> dict[str, Stakeholder]:
    """Role → who has it, and is still there."""
    rows = account.stakeholders.filter(left_at=None).order_by("pk")
    return {role.role: person for person in rows.prefetch_related("roles") for role in person.roles.all()}


def _called(name: str) -> Account:
    return Account.objects.get(name=name)
