"""Enters one account: its profile, our people on it, its people, its contracts and its use of the product."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any

from accounts.catalogue.models import Product
from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.facts.lookup import find
from accounts.facts.services import set_told
from accounts.foundation import money
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.team.models import User
from accounts.workspace.models import Source
from config.demo import browsing, deals, ids, profile, usage
from config.demo.contact import keep_in_touch
from config.demo.crowd import Crowd, crowd
from config.demo.deals import Term
from config.demo.dice import dice
from config.demo.item import Item
from config.demo.people import TOPICS, Contact
from config.demo.staff import CURRENCY, Office
from config.demo.stories import TOLD, UNHAPPY, Deal, Story

DAY = dt.timedelta(days=1)
PLANS = {"simple": "essentials", "standard": "professional", "complex": "enterprise"}
NEEDS = ("attribution", "integration", "security", "fewer spreadsheets", "faster reporting", "one list of customers")
EXPECTED = (0.6, 0.74, 0.86, 0.93, 0.97, 1.05)
"""What an account really uses of what its contract plans for."""
GONE_SINCE = 21
"""Days since an account without a CSM lost the one it had."""


@dataclass
class Entry:
    """One account on its way into the book."""

    story: Story
    number: int
    seed: int
    rng: Random
    office: Office
    moment: dt.datetime

    @cached_property
    def terms(self) -> list[Term]:
        return deals.terms(self.story.deal, self.story.company, today=self.moment.date(), rng=self.rng)

    @cached_property
    def crowd(self) -> Crowd:
        return crowd(self.story, self.number, seed=self.seed)

    @cached_property
    def product(self) -> Product | None:
        """The plan that suits the company; None where the playbook sells no such plan."""
        return Product.objects.filter(key=PLANS[self.story.company.complexity]).first()

    @cached_property
    def is_thin(self) -> bool:
        """Whether nobody has asked this customer much: what was not asked stays unknown."""
        return self.number >= len(TOLD) and self.number % 9 == 4

    @cached_property
    def executive(self) -> User:
        return self.office.executives[self.story.company.place.team]

    @cached_property
    def csm(self) -> User | None:
        """Who looks after the account now; a prospect has nobody yet."""
        if self.story.deal is Deal.NONE:
            return None
        return self.office.csm(self.story.csm, team_name=self.story.company.place.team)

    @cached_property
    def won_at(self) -> dt.datetime:
        """When the first contract was signed; for a prospect, when talks began."""
        day = self.terms[0].signed_on if self.terms else self.moment.date() - 25 * DAY
        return self.at(day)

    @cached_property
    def groups(self) -> list[str]:
        """What the product calls the account."""
        return groups(self.story, self.number)

    def at(self, day: dt.date, *, hour: int = 14) -> dt.datetime:
        """An instant on `day` at which people work."""
        return dt.datetime.combine(day, dt.time(hour, self.rng.randint(0, 59)), dt.UTC)

    def ago(self, days: int | None) -> dt.datetime | None:
        """The instant so many days before the book's own; None for None."""
        return None if days is None else self.at(self.moment.date() - days * DAY)


def groups(story: Story, number: int) -> list[str]:
    """What the product calls account `number`."""
    first = ids.in_product(number)
    return [first] if story.known_ids else [first, f"ws_{7000 + number}", f"ws_{8000 + number}"]


def enter(entry: Entry, *, parent: Account | None) -> Account:
    """The account of `entry`, with everything about it that people enter."""
    company = entry.story.company
    account = portfolio.create(
        name=company.name,
        parent=parent,
        by=entry.executive,
        at=entry.won_at - dt.timedelta(days=entry.rng.randint(20, 90)),
        **profile.fields(company, entry.rng) | ({"tech_stack": [], "goals": ""} if entry.is_thin else {}),
    )
    portfolio.assign(account, part="ae", user=entry.executive, by=entry.executive, at=account.created_at)
    _ask(entry, account)
    _sign_all(entry, account)
    _hand_over(entry, account)
    for contact in entry.crowd.contacts:
        _introduce(contact, entry, account)
    if entry.csm:
        since = entry.won_at + DAY
        unhappy = entry.story.use in UNHAPPY
        keep_in_touch(account, csm=entry.csm, since=since, moment=entry.moment, number=entry.number, is_unhappy=unhappy)
    return account


def _ask(entry: Entry, account: Account) -> None:
    """What Sales heard in the first talks."""
    if entry.is_thin or not (find("stated_needs") and find("price_sensitive")):
        return
    rng = dice(entry.seed, "needs", entry.number)
    values: dict[str, Any] = {"stated_needs": sorted(rng.sample(NEEDS, rng.randint(1, 3)))}
    if rng.random() < 0.5:
        values["price_sensitive"] = rng.random() < 0.3
    set_told(account, values, source="sales", by=entry.executive, at=account.created_at)


def _planned_use(entry: Entry) -> dict[str, Any]:
    """How many people the contract plans for: some accounts are above it, some far below."""
    seats = entry.crowd.seats
    staying = [seat for seat in seats if seat.until == 0 < seat.since]
    if not staying or entry.is_thin:
        return {}
    share = dice(entry.seed, "target", entry.number).choice(EXPECTED)
    return {"usage_fact": "active_users_30d", "usage_target": max(1, round(len(staying) / share))}


def _sign_all(entry: Entry, account: Account) -> None:
    signed: list[Contract] = []
    for term in entry.terms:
        signed.append(_sign(term, entry, account, signed))
        if term.cancelled_on:
            contracts.cancel(signed[-1], by=entry.executive, at=entry.at(term.cancelled_on))
    if entry.story.deal is Deal.ENDED:
        ended_at = entry.at(entry.terms[-1].ends_on + DAY)
        portfolio.change(account, by=entry.executive, at=ended_at, state=Account.State.CHURNED)


def _sign(term: Term, entry: Entry, account: Account, signed: list[Contract]) -> Contract:
    signed_at = entry.at(term.signed_on)
    return contracts.sign(
        account,
        arr_minor=money.to_minor(term.arr, CURRENCY),
        currency=CURRENCY,
        signed_at=signed_at,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        replaces=None if term.replaces is None else signed[term.replaces],
        seats=term.seats,
        auto_renews=term.auto_renews,
        notice_days=term.notice_days,
        product=entry.product,
        **(_planned_use(entry) if term is entry.terms[-1] else {}),
        by=entry.executive,
        at=signed_at,
    )


def _hand_over(entry: Entry, account: Account) -> None:
    """Gives a customer its CSM the day after the first contract was signed; one of them has left since."""
    if entry.story.deal is Deal.NONE:
        return
    holder = entry.csm or entry.office.csm(None, team_name=entry.story.company.place.team)
    portfolio.assign(account, part="csm", user=holder, by=entry.office.operator, at=entry.won_at + DAY)
    if entry.csm is None:
        left_at = entry.moment - GONE_SINCE * DAY
        portfolio.assign(account, part="csm", user=None, by=entry.office.operator, at=left_at)


def _introduce(contact: Contact, entry: Entry, account: Account) -> None:
    stakeholders.add(
        account,
        name=contact.name,
        email=contact.email,
        title=contact.title,
        roles=contact.roles,
        topics=TOPICS.get(contact.roles[0], ()),
        influence=contact.influence,
        sentiment=contact.sentiment,
        last_engaged_at=entry.ago(contact.engaged_days_ago),
        left_at=entry.ago(contact.left_days_ago),
        by=entry.csm or entry.executive,
        at=entry.won_at + dt.timedelta(days=entry.rng.randint(-9, 6)),
    )


def instrument(entry: Entry, account: Account, *, source: Source, plan: dict[str, list[str]]) -> list[Item]:
    """Links the account to what the product calls it, and returns what the product has to say about it."""
    story = entry.story
    if not story.instrumented:
        return []
    if story.known_ids:
        at = entry.won_at + 3 * DAY
        identity.link(account, source=source, value=entry.groups[0], by=entry.office.operator, at=at)
    seats, moment = entry.crowd.seats, entry.moment
    habits = usage.habits(story, plan)
    items = usage.items(story, seats, groups=entry.groups, habits=habits, moment=moment, rng=entry.rng)
    return items + browsing.interest(story, seats[0], moment=moment, rng=entry.rng)


def firsts(entry: Entry) -> list[Item]:
    """What the product told once, when it was set up and when it first paid."""
    if not entry.crowd.seats:
        return []
    seat, group = entry.crowd.seats[0], entry.groups[0]
    return browsing.firsts(entry.story, seat, group, won_at=entry.won_at, moment=entry.moment, rng=entry.rng)
