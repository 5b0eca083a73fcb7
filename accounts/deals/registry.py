from collections.abc import Mapping

from accounts.deals.models import Deal
from accounts.foundation import money
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent

TYPES = dict(Deal.Type.choices)


def _deal(event: AccountEvent) -> str:
    """“Seats for Berlin” (expansion, $12,000)."""
    amount = event.data["amount"]
    worth = "" if amount is None else f", {money.shown(amount, event.data['currency'])}"
    return f"“{event.data['name']}” ({TYPES[event.data['type']].lower()}{worth})"


def _lost(event: AccountEvent, people: Mapping[int, str]) -> str:
    reason = event.data["reason"]
    return f"Deal {_deal(event)} lost" + (f": {reason}" if reason else "")


def _kind(words: str, icon: str) -> EventKind:
    return EventKind(
        lambda event, people: f"Deal {_deal(event)} {words}", icon, changes_facts=True, group=Group.COMMERCIAL
    )


kinds.add("deal.opened", _kind("opened", "sell"))
kinds.add("deal.committed", _kind("committed", "handshake"))
kinds.add("deal.won", _kind("won", "emoji_events"))
kinds.add("deal.won_again", _kind("won again", "emoji_events"))
kinds.add("deal.lost", EventKind(_lost, "money_off", changes_facts=True, group=Group.COMMERCIAL))
kinds.add("deal.reopened", _kind("reopened", "restart_alt"))
kinds.add(
    "deal.proposal_declined",
    EventKind(
        lambda event, people: f"No contract follows from the deal “{event.data['name']}”",
        "contract_delete",
        group=Group.COMMERCIAL,
    ),
)
