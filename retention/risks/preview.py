"""What publishing a draft of the rating would do: asked of the book before anything is done."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from accounts.facts.queries import values_of
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.conditions.stored import facts_named
from retention.evaluation.sampling import Sampled, sampled
from retention.risks.keeping import standings
from retention.risks.models import AccountRisk, RiskModelVersion, RiskSignal, Tier
from retention.risks.rating import Rated, Rater, RiskDraft

MUCH = 0.2
"""From this share of the accounts on, bringing them into another tier is asked about first."""
EXAMPLES = 10


@dataclass(frozen=True)
class Example:
    """One account that would come into another tier."""

    account: Account
    before: str
    after: str
    points_before: int | None
    points_after: int


@dataclass
class Preview(Sampled):
    """The accounts that a person may see, before and after."""

    examples: Sequence[Example] = ()

    @property
    def rows(self) -> list[tuple[Tier, int, int]]:
        """Each tier with how many accounts are in it now, and would be."""
        return [(tier, self.before[tier.value], self.after[tier.value]) for tier in Tier]

    @property
    def ways(self) -> list[tuple[str, str, int]]:
        """From a tier to another, and how many accounts; the largest first."""
        return [(_word(one), _word(other), count) for (one, other), count in self.moves.most_common()]

    @property
    def questions(self) -> list[str]:
        """What must be confirmed first, with numbers: much of the book in another tier, or a tier emptied."""
        asked, rated = [], self.looked_at - self.before[""]
        moved = sum(count for (before, _), count in self.moves.items() if before)
        if rated and moved >= MUCH * rated:
            share = f"{moved / rated:.0%}".replace("%", " %")
            asked.append(f"{moved} of {rated} accounts ({share}) come into another tier.")
        emptied = [tier.label for tier, was, then in self.rows if was and not then and tier is not Tier.UNKNOWN]
        return asked + [f"No account would be {label.lower()} any more." for label in emptied]

    @property
    def first(self) -> list[str]:
        """What is to be known of the first rating: how many accounts come into which tier."""
        told = ", ".join(f"{tier.label.lower()} {then}" for tier, _, then in self.rows if then)
        return [f"{self.looked_at} account{'s get' if self.looked_at > 1 else ' gets'} a tier: {told}."] if told else []


def preview(draft: RiskDraft, *, user: User | None, at: dt.datetime) -> Preview:
    """What `draft`, which was checked, would make of the accounts that `user` sees, compared with how they stand."""
    plain = {name: value for name, value in vars(draft).items() if name != "signals"}
    rater = Rater(RiskModelVersion(**plain), [RiskSignal(**vars(one)) for one in draft.signals])
    keys = set[str]().union(*(facts_named(one.when) for one in draft.signals))
    moment, currency = Moment(as_of=at, today=today(at)), base_currency()
    count, chunks = sampled(user)
    found, moved = Preview(count), list[tuple[int, AccountRisk | None, Rated]]()
    for ids in chunks:
        stands, known = standings(ids), values_of(ids, keys, currency=currency)
        for pk, values in known.items():
            was, then = stands.get(pk), rater.rate(values, moment)
            found.take(was.tier if was else "", then.tier.value)
            moved += [(pk, was, then)] if then.tier != (was.tier if was else "") else []
    found.examples = _examples(moved)
    return found


def _examples(moved: Sequence[tuple[int, AccountRisk | None, Rated]]) -> list[Example]:
    """Some of those that would move, those whose points change most first."""
    ordered = sorted(moved, key=lambda one: (-abs(one[2].points - (one[1].points if one[1] else 0)), one[0]))[:EXAMPLES]
    accounts = Account.objects.in_bulk([pk for pk, *_ in ordered])
    return [
        Example(accounts[pk], _word(was.tier if was else ""), then.tier.label, was.points if was else None, then.points)
        for pk, was, then in ordered
    ]


def _word(tier: str) -> str:
    return Tier(tier).label if tier else "Not rated"
