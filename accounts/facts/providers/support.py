"""What the customer asks the help desk for, and how that went."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence

from accounts.facts.catalogue import Fact, Group, Pace, Type
from accounts.facts.registry import Part, Values, provides
from accounts.foundation.many import among
from accounts.identity.models import ExternalId
from accounts.support.queries import Support, support_of
from accounts.workspace.models import Source
from accounts.workspace.queries import is_stale

SUPPORT, NUMBER, MOVING = Group.SUPPORT, Type.NUMBER, Pace.MOVING
TICKETS = "tickets"
MIN_BEFORE = 3
"""With fewer tickets in the earlier window a change in per cent says nothing."""
FACTS = [
    Fact(
        "tickets_open",
        "Open tickets",
        NUMBER,
        "Tickets that are neither solved nor closed; those waiting for the customer count.",
        SUPPORT,
        unit=TICKETS,
        pace=MOVING,
        is_required=True,
    ),
    Fact("tickets_open_sev1", "Open, severity 1", NUMBER, "Of these, severity 1.", SUPPORT, unit=TICKETS, pace=MOVING),
    Fact("tickets_open_sev2", "Open, severity 2", NUMBER, "Of these, severity 2.", SUPPORT, unit=TICKETS, pace=MOVING),
    Fact(
        "oldest_open_ticket_at",
        "Oldest open ticket",
        Type.INSTANT,
        "When the oldest ticket that is still open was opened.",
        SUPPORT,
        pace=MOVING,
    ),
    Fact(
        "oldest_open_ticket_sev1_at",
        "Oldest open, severity 1",
        Type.INSTANT,
        "When the oldest ticket of severity 1 that is still open was opened.",
        SUPPORT,
        pace=MOVING,
        stands_beside=True,
    ),
    Fact(
        "tickets_opened_14d",
        "Tickets in 14 days",
        NUMBER,
        "Tickets opened today or in the 14 whole days before it (UTC).",
        SUPPORT,
        unit=TICKETS,
        pace=MOVING,
    ),
    Fact(
        "tickets_opened_30d",
        "Tickets in 30 days",
        NUMBER,
        "The same over 30 days.",
        SUPPORT,
        unit=TICKETS,
        pace=MOVING,
    ),
    Fact(
        "tickets_opened_change_30d",
        "Change in tickets",
        Type.RATIO,
        "Tickets opened in the last 30 days against the 30 before; unknown while those had fewer than 3.",
        SUPPORT,
        unit="30 days against 30 before",
        pace=MOVING,
    ),
    Fact(
        "tickets_reopened_30d",
        "Reopened in 30 days",
        NUMBER,
        "How often a ticket was opened again in 30 days.",
        SUPPORT,
        unit="times",
        pace=MOVING,
    ),
    Fact(
        "ticket_tags_30d",
        "Ticket tags",
        Type.TEXT_LIST,
        "The tags of the tickets opened in 30 days.",
        SUPPORT,
        pace=MOVING,
    ),
    Fact(
        "csat_90d",
        "Satisfaction with support",
        NUMBER,
        "The mean score, 1 to 5, that tickets got in 90 days; unknown where none was rated.",
        SUPPORT,
        unit="of 5",
        pace=MOVING,
    ),
]
NOTHING = {"tickets_open", "tickets_open_sev1", "tickets_open_sev2", "tickets_opened_14d", "tickets_opened_30d"}
NOTHING |= {"tickets_reopened_30d"}
"""What is really zero where a help desk knows the account and has no ticket."""


@provides("support", FACTS)
def supported(account_ids: Sequence[int], at: dt.datetime) -> Mapping[int, Part]:
    """What tickets come to. Zero from the day on which a help desk knows the account; unknown while it is silent."""
    desks = {source.pk: source for source in Source.objects.all()}
    known = _known_to(account_ids)
    found = {}
    for account_id, one in support_of(account_ids, at=at).items():
        known.setdefault(account_id, set()).update(one.source_ids)
        found[account_id] = _part(one, [desks[pk] for pk in known[account_id]], at)
    for account_id in known.keys() - found.keys():
        found[account_id] = _part(None, [desks[pk] for pk in known[account_id]], at)
    return found


def _known_to(account_ids: Sequence[int]) -> dict[int, set[int]]:
    """Account id → the help desks that have an id for it."""
    rows = ExternalId.objects.filter(account__in=among(account_ids), source__kind=Source.Kind.SUPPORT)
    found: dict[int, set[int]] = {}
    for account_id, source_id in rows.values_list("account", "source"):
        found.setdefault(account_id, set()).add(source_id)
    return found


def _part(one: Support | None, desks: Collection[Source], at: dt.datetime) -> Part:
    newest = max(desks, key=lambda desk: desk.last_delivery_at or at.min.replace(tzinfo=dt.UTC))
    if any(is_stale(desk, at=at) for desk in desks):
        return Part({}, newest.key, newest.last_delivery_at)
    values = _values(one) if one else dict.fromkeys(NOTHING, 0)
    return Part(values, newest.key, newest.last_delivery_at)


def _values(one: Support) -> Values:
    before = one.opened_30d_before
    return {
        "tickets_open": one.open,
        "tickets_open_sev1": one.open_sev1,
        "tickets_open_sev2": one.open_sev2,
        "oldest_open_ticket_at": one.oldest_open_at,
        "oldest_open_ticket_sev1_at": one.oldest_open_sev1_at,
        "tickets_opened_14d": one.opened_14d,
        "tickets_opened_30d": one.opened_30d,
        "tickets_opened_change_30d": one.opened_30d / before - 1 if before >= MIN_BEFORE else None,
        "tickets_reopened_30d": one.reopened_30d,
        "ticket_tags_30d": list(one.tags_30d) or None,
        "csat_90d": one.csat_90d,
    }
