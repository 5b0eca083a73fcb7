"""Enters one account: its profile, our people on it, its people, its contracts and its use of the product."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from random import Random

from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.foundation import money
from accounts.identity import services as identity
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.team.models import User
from accounts.workspace.models import Source
from config.demo import deals, people, presence, profile, usage
from config.demo.deals import Term
from config.demo.people import Contact, Roster
from config.demo.staff import CURRENCY, Office
from config.demo.stories import Deal, Story

DAY = dt.timedelta(days=1)
GONE_SINCE = 21
"""Days since an account without a CSM lost the one it had."""


@dataclass
class Entry:
    """One account on its way into the book."""

    story: Story
    number: int
    rng: Random
    office: Office
    moment: dt.datetime

    @cached_property
    def terms(self) -> list[Term]:
        return deals.terms(self.story.deal, self.story.company, today=self.moment.date(), rng=self.rng)

    @cached_property
    def roster(self) -> Roster:
        return Roster(self.story.company, self.rng)

    @cached_property
    def contacts(self) -> list[Contact]:
        return people.committee(self.story, self.roster)

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
        first = f"ws_{1000 + self.number}"
        return [first] if self.story.known_ids else [first, f"ws_{7000 + self.number}", f"ws_{8000 + self.number}"]

    def at(self, day: dt.date, *, hour: int = 14) -> dt.datetime:
        """An instant on `day` at which people work."""
        return dt.datetime.combine(day, dt.time(hour, self.rng.randint(0, 59)), dt.UTC)

    def ago(self, days: int | None) -> dt.datetime | None:
        """The instant so many days before the book's own; None for None."""
        return None if days is None else self.at(self.moment.date() - days * DAY)


def enter(entry: Entry, *, parent: Account | None) -> Account:
    """The account of `entry`, with everything about it that people enter."""
    company = entry.story.company
    account = portfolio.create(
        name=company.name,
        parent=parent,
        by=entry.executive,
        at=entry.won_at - dt.timedelta(days=entry.rng.randint(20, 90)),
        **profile.fields(company, entry.rng),
    )
    portfolio.assign(account, part="ae", user=entry.executive, by=entry.executive, at=account.created_at)
    _sign_all(entry, account)
    _hand_over(entry, account)
    for contact in entry.contacts:
        _introduce(contact, entry, account)
    return account


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
        influence=contact.influence,
        sentiment=contact.sentiment,
        last_engaged_at=entry.ago(contact.engaged_days_ago),
        left_at=entry.ago(contact.left_days_ago),
        by=entry.csm or entry.executive,
        at=entry.won_at + dt.timedelta(days=entry.rng.randint(-9, 6)),
    )


def instrument(entry: Entry, account: Account, *, source: Source, plan: dict[str, list[str]]) -> list[usage.Item]:
    """Links the account to what the product calls it, and returns what the product has to say about it."""
    story = entry.story
    if not story.instrumented:
        return []
    if story.known_ids:
        began = entry.moment - dt.timedelta(days=presence.DAYS, hours=10)
        at = max(entry.won_at + 3 * DAY, began)
        identity.link(account, source=source, value=entry.groups[0], by=entry.office.operator, at=at)
    count = presence.head_count(story, entry.rng)
    seats = presence.shaped(people.seats(story, entry.contacts, entry.roster, count=count), story.use, entry.rng)
    habits = usage.habits(story, plan)
    return usage.items(story, seats, groups=entry.groups, habits=habits, moment=entry.moment, rng=entry.rng)
