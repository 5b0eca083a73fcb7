"""How a handoff begins: from a deal, once, however often the CRM repeats itself; or by hand."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.deals.models import Deal
from accounts.foundation import audit
from accounts.foundation.lanes import lane
from accounts.portfolio import services as portfolio
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.portfolio.queries import holder
from accounts.stakeholders.models import Stakeholder, StakeholderRole
from accounts.team.models import User
from accounts.team.services import must_be_here
from retention.handoffs.checklist import Evidence, Line, checklist
from retention.handoffs.models import Handoff, HandoffTemplate, HandoffVersion
from retention.handoffs.services.answering import fill
from retention.handoffs.services.handing import about, cancel
from retention.handoffs.services.holding import recount, take
from retention.handoffs.services.turns import give_turn, tell, work_ended
from retention.slas.hours import followed_by, hours, zone_of

State = Handoff.State
LATEST = dt.timedelta(days=60)
"""A win that is reported later than this starts nothing by itself: its customer has been handed over long ago."""
FILLED = {Evidence.TEXT, Evidence.NUMBER, Evidence.DATE}
"""Kinds of evidence that a fact fills in."""
STAKEHOLDERS = "Stakeholders"
"""From where somebody known at the customer comes into an item that wants their role."""


def follow(deal: Deal, *, at: dt.datetime) -> Handoff | None:
    """Brings the handoff of `deal` to where its deal is: draft, begun, held or called off; None where there is none.

    It asks how the deal stands now, so that it does not matter how often or in which order it is called.
    """
    key = f"won:{deal.known_as}"
    with lane(f"handoff {key}"):
        deal = Deal.objects.select_related("account", "source", "owner").get(pk=deal.pk)
        found = Handoff.objects.filter(key=key).first()
        if found is None:
            return _born(deal, key, at=at)
        _follow(take(found), deal, at=at)
        return found


def _born(deal: Deal, key: str, *, at: dt.datetime) -> Handoff | None:
    template = HandoffTemplate.objects.filter(starts_with=deal.type).first()
    version = template.latest if template else None
    if version is None or deal.state not in (Deal.State.COMMITTED, Deal.State.WON):
        return None
    if deal.state == Deal.State.COMMITTED and not version.items.filter(due_at_commit=True).exists():
        return None
    if deal.closed_at and deal.closed_at < at - LATEST:
        return None
    giver, receiver = _sides(deal.account, version, seller=deal.owner)
    row = Handoff(account=deal.account, version=version, deal=deal, key=key, giver=giver, receiver=receiver)
    handoff = _create(row, by=None, at=at)
    if giver is not None and holder(deal.account, version.giver) is None:
        portfolio.assign(deal.account, part=version.giver, user=giver, by=None, at=at)  # the CRM knew whose it is
    if deal.state == Deal.State.WON:
        _begin(handoff, deal.closed_at or at, by=None, at=at)
    return handoff


def _sides(account: Account, version: HandoffVersion, *, seller: User | None) -> tuple[User | None, User | None]:
    """Who hands over to whom. Where that would be one person, somebody else has to accept."""
    sold = seller if version.giver == "ae" and seller and seller.is_active else None
    giver, receiver = sold or holder(account, version.giver), holder(account, version.receiver)
    return giver, None if giver == receiver else receiver


def _create(row: Handoff, *, by: Any, at: dt.datetime) -> Handoff:
    row.created_at = at
    row.full_clean()
    audit.create(row, verb="handoff.draft", by=by, at=at)
    happened("handoff.drafted", row.account, by=by, at=at, subject=row, **about(row))
    prefill(row, by=by, at=at)
    recount(row, by=by, at=at)
    return row


def prefill(handoff: Handoff, *, by: Any, at: dt.datetime) -> None:
    """Fills in what is known and nobody has said, each with its source and age."""
    people = _only_ones(handoff.account)
    for line in checklist(handoff, at=at).lines:
        known = None if line.answer else _known(line, people)
        if known is None:
            continue
        value, source, observed_at = known
        try:
            with transaction.atomic():
                fill(handoff, line.item, value, source=source, observed_at=observed_at, by=by, at=at)
        except ValidationError:
            continue  # a fact of another kind than the item: it stays to be said by a person


def _known(line: Line, people: Mapping[str, Stakeholder]) -> tuple[Any, str, dt.datetime | None] | None:
    """What is known for an item, from where and since when; None where nothing fills it in."""
    if line.item.evidence == Evidence.STAKEHOLDER:
        person = people.get(line.item.role)
        return (person, STAKEHOLDERS, None) if person else None
    told = [one for one in line.known if one.value is not None]
    if line.item.evidence not in FILLED or not told:
        return None
    value = told[0].value
    if line.item.evidence == Evidence.TEXT:
        value = "; ".join(f"{one.fact.label}: {one.text} {one.unit}".strip() for one in told)
    return value, told[0].source, told[0].observed_at


def _only_ones(account: Account) -> dict[str, Stakeholder]:
    """Role → who has it, where one person alone does; among several somebody has to choose."""
    rows = StakeholderRole.objects.filter(stakeholder__account=account, stakeholder__left_at=None)
    found: dict[str, list[Stakeholder]] = {}
    for row in rows.select_related("stakeholder"):
        found.setdefault(row.role, []).append(row.stakeholder)
    return {role: people[0] for role, people in found.items() if len(people) == 1}


def _begin(handoff: Handoff, won_at: dt.datetime, *, by: Any, at: dt.datetime) -> None:
    """The clock begins: for the giver when we hear of it, for what the customer is promised on the day of the win."""
    promised = handoff.promised or _promised(handoff, won_at)
    audit.update(
        handoff,
        verb="handoff.start",
        by=by,
        at=at,
        state=State.OPEN,
        started_at=at,
        promised=promised,
        cancelled_at=None,
    )
    happened("handoff.started", handoff.account, by=by, at=at, subject=handoff, **about(handoff))
    if late := len(checklist(handoff, at=at).overdue_at_commit):
        happened("handoff.gate_missed", handoff.account, by=by, at=at, subject=handoff, items=late, **about(handoff))
    give_turn(handoff, handoff.giver, "Complete", handoff.version.complete_within, by=by, at=at)


def _promised(handoff: Handoff, won_at: dt.datetime) -> dict[str, str]:
    its = hours(followed_by(handoff.receiver), zone=zone_of(handoff.receiver))
    return {one["key"]: its.due(one["within"], start=won_at).isoformat() for one in handoff.version.promised}


def _follow(handoff: Handoff, deal: Deal, *, at: dt.datetime) -> None:
    """What becomes of a handoff that exists already."""
    if handoff.state == State.ACCEPTED:
        if deal.state == Deal.State.LOST:
            tell(handoff, [handoff.receiver, handoff.giver], "The deal is lost after all", besides=None, at=at)
        return
    if deal.state == Deal.State.WON:
        if handoff.state in (State.DRAFT, State.CANCELLED):
            prefill(handoff, by=None, at=at)
            recount(handoff, by=None, at=at)
            _begin(handoff, deal.closed_at or at, by=None, at=at)
    elif deal.state == Deal.State.LOST:
        if handoff.state != State.CANCELLED:
            cancel(handoff, reason="the deal is lost", by=None, at=at)
    elif handoff.state in (State.OPEN, State.SUBMITTED, State.RETURNED):
        _hold(handoff, at=at)
    elif handoff.state == State.CANCELLED and deal.state == Deal.State.COMMITTED:
        audit.update(handoff, verb="handoff.revive", by=None, at=at, state=State.DRAFT, cancelled_at=None)
        happened("handoff.drafted", handoff.account, by=None, at=at, subject=handoff, **about(handoff))


def _hold(handoff: Handoff, *, at: dt.datetime) -> None:
    """The deal is open again: what was filled in stays, and no clock runs until it is won."""
    work_ended(handoff, "held", by=None, at=at)
    audit.update(handoff, verb="handoff.hold", by=None, at=at, state=State.DRAFT, started_at=None)
    happened("handoff.held", handoff.account, by=None, at=at, subject=handoff, **about(handoff))
    tell(handoff, [handoff.giver, handoff.receiver], "The deal is open again", besides=None, at=at)


@transaction.atomic
def start(
    account: Account,
    *,
    template: HandoffTemplate,
    by: Any,
    at: dt.datetime,
    giver: User | None = None,
    receiver: User | None = None,
) -> Handoff:
    """A handoff begun by hand: its clock runs at once. Who is left out comes from the account's team."""
    version = template.latest
    if version is None:
        raise ValidationError({"template": ["Nothing is published of this template yet."]})
    running = Handoff.objects.filter(account=account, version__template=template)
    if running.exclude(state__in=[State.ACCEPTED, State.CANCELLED]).exists():
        raise ValidationError({"template": [f"Such a handoff of {account} runs already. Finish that one first."]})
    for side, user in (("giver", giver), ("receiver", receiver)):
        must_be_here(user, field=side)
    known = _sides(account, version, seller=None)
    giver, receiver = giver or known[0], receiver or known[1]
    if giver is not None and giver == receiver:
        raise ValidationError({"receiver": ["Both sides would be the same person. Choose somebody else."]})
    row = Handoff(account=account, version=version, key=f"hand:{uuid4()}", giver=giver, receiver=receiver)
    return begin_row(row, by=by, at=at)


def begin_row(row: Handoff, *, by: Any, at: dt.datetime) -> Handoff:
    """Saves a new handoff that belongs to no deal: its clock runs at once."""
    handoff = _create(row, by=by, at=at)
    _begin(handoff, at, by=by, at=at)
    return handoff
