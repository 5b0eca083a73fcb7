"""What publishing a draft would do: asked of the book before anything is done."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from accounts.facts.queries import values_of
from accounts.portfolio.models import Account
from accounts.portfolio.queries import LISTED, listed
from accounts.team.models import User
from accounts.workspace.queries import base_currency, workspace
from retention.evaluation.sampling import sampled
from retention.health.banding import by_range
from retention.health.breakdown import Breakdown, breakdown
from retention.health.configuration import Configuration, in_force, reads_of
from retention.health.drafts import HealthDraft
from retention.health.drawing import Bar, bars
from retention.health.models import AccountHealth, Band, HealthModel
from retention.health.removal import Removal, Removals
from retention.health.scales import Day, facts_in
from retention.health.scoring import Scored, Scorer
from retention.health.wording import SHAPES

MUCH = 0.2
"""From this share of the accounts on, bringing them into another band is asked about first."""
EXAMPLES = 10
LONGEST = 19
"""Digits from which on a number is the id of nothing."""
OFFERED = 50
"""Accounts that may be chosen to look at one by one."""


@dataclass(frozen=True)
class Example:
    """One account that would come into another band."""

    account_id: int
    name: str
    before: str
    after: str
    score_before: float | None
    score_after: float | None


@dataclass(frozen=True)
class Preview:
    """The book before and after."""

    accounts: int
    is_sample: bool
    rows: Sequence[tuple[Band, str, int, int]]
    """Each band with its shape, and how many accounts would be in it, before and after."""
    moves: Sequence[tuple[str, str, int]]
    """From a band to another, and how many accounts; the largest first."""
    examples: Sequence[Example]
    bars: Sequence[Bar]
    looked_at: int
    """Of the accounts those that were scored by the draft: all, or a sample."""
    scored: int
    """Of these, those to which the drafted model itself applies."""
    rescored: int
    """Of those that were looked at, those with another score than now."""
    offered: Sequence[tuple[int, str]]
    """Accounts to look at one by one, by id and name: those whose score changes most come first."""
    scored_now: int = 0
    """How many the model scores as it is in force."""
    mixed: tuple[int, int] = (0, 0)
    """How many accounts have mixed signals, before and after."""
    removals: Sequence[Removal] = ()
    """Measures that the draft takes away, with what goes with them."""

    @property
    def moved(self) -> int:
        """How many accounts would come into another band."""
        return sum(count for *_, count in self.moves)

    @property
    def questions(self) -> list[str]:
        """What must be confirmed first, with numbers: a measure taken away, much of the book in another band, or a band
        emptied."""
        looked = self.looked_at
        now = f"{self.scored_now} account{'' if self.scored_now == 1 else 's'}"
        asked = [f"It scores no account any more; now it scores {now}."] if self.scored_now and not self.scored else []
        asked += [one.told for one in self.removals if one.rescored]
        if looked and self.moved >= MUCH * looked:
            share = f"{self.moved / looked:.0%}".replace("%", " %")
            asked.append(f"{self.moved} of {looked} accounts ({share}) come into another band.")
        emptied = [band.label for band, _, was, then in self.rows if was and not then and band is not Band.INSUFFICIENT]
        return asked + [f"No account would be {label.lower()} any more." for label in emptied]

    @property
    def first(self) -> list[str]:
        """What is to be known of a new model first: how many accounts it scores, where they are much of the book."""
        if not self.scored or self.scored < MUCH * self.looked_at:
            return []
        return [f"It scores {self.scored} of {self.looked_at} accounts, which {self.rescored} score otherwise now."]


def preview(draft: HealthDraft, model: HealthModel | None, *, user: User | None, at: dt.datetime) -> Preview:
    """What `draft` would make of the accounts that the user sees, compared with how they stand now.

    A band begins anew where the score lies: what holds an account in its band belongs to the old version.
    """
    configuration, keys = _drafted(draft, model)
    day, currency = Day.of(at, ZoneInfo(workspace().time_zone)), base_currency()
    count, chunks = sampled(user)
    found, removals, scored_now = [], Removals.of(draft, model), 0
    for ids in chunks:
        stands = {row.pk: row for row in AccountHealth.objects.filter(pk__in=ids)}
        known = values_of(ids, keys | removals.reads, currency=currency)
        found += [(pk, stands.get(pk), configuration.score(values, day)) for pk, values in known.items()]
        own = [known[pk] for pk, row in stands.items() if pk in known and removals.scores(row)]
        scored_now += len(own)
        removals.take(own, day)
    return replace(_told(found, count), removals=removals.each, scored_now=scored_now)


def broken_down(
    draft: HealthDraft, model: HealthModel, shown: Preview, *, account_id: str, user: User, at: dt.datetime
) -> Breakdown | None:
    """One account by what is in force and by the draft: the one asked for, else the first that `shown` offers."""
    asked = int(account_id) if account_id.isdecimal() and len(account_id) < LONGEST else None
    rows: Any = Account.objects
    mine = rows.for_user(user).filter(LISTED)
    account = mine.filter(pk=asked).first() or mine.filter(pk__in=[pk for pk, _ in shown.offered[:1]]).first()
    if account is None:
        return None
    versions = list(in_force())
    after, keys = _drafted(draft, model)
    before = Configuration.of(versions)
    return breakdown(account, before, after, keys.union(*map(reads_of, versions)), draft, at=at)


def _drafted(draft: HealthDraft, model: HealthModel | None) -> tuple[Configuration, set[str]]:
    """The configuration with the draft in the place of what is in force of its model, and the facts it asks for."""
    others = [one for one in in_force() if model is None or one.model_id != model.pk]
    scorers = [*(Scorer.of(one) for one in others), draft.scorer(model)]
    keys = set[str]().union(*map(reads_of, others), facts_in(draft.applies), facts_in([one.when for one in draft.caps]))
    for one in draft.measures:
        keys.update(facts_in(one.scale), facts_in(one.worst_where))
    ordered = sorted(
        scorers, key=lambda one: (one.version.precedence, one.version.model.key if one.version.model_id else "")
    )
    return Configuration(ordered), keys


def _told(found: Sequence[tuple[int, AccountHealth | None, Scored | None]], count: int) -> Preview:
    before = Counter(stands.computed_band for _, stands, _ in found if stands)
    after = Counter(_band(scored) for *_, scored in found)
    moves: Counter[tuple[str, str]] = Counter()
    examples = []
    for pk, stands, scored in found:
        pair = (stands.computed_band if stands else "", _band(scored))
        if pair[0] != pair[1]:
            moves[pair] += 1
            score = stands.score if stands else None
            examples.append((pk, *pair, score, scored.score if scored else None))
    return Preview(
        accounts=count,
        is_sample=len(found) < count,
        rows=[(band, SHAPES[band], before[band.value], after[band.value]) for band in Band],
        moves=[(_word(one), _word(other), number) for (one, other), number in moves.most_common()],
        examples=_named(sorted(examples, key=_by_size)[:EXAMPLES]),
        bars=bars(
            [stands.score for _, stands, _ in found if stands and stands.score is not None],
            [scored.score for *_, scored in found if scored and scored.score is not None],
        ),
        looked_at=len(found),
        **_touched(found),
    )


def _touched(found: Sequence[tuple[int, AccountHealth | None, Scored | None]]) -> dict[str, Any]:
    """How many accounts the draft scores, and scores otherwise than now, and some of them to look at."""
    own = [(pk, stands, scored) for pk, stands, scored in found if scored and not scored.version.pk]
    changed = {pk for pk, stands, scored in found if _score(stands) != _score(scored)}
    ordered = sorted(own, key=lambda one: (one[0] not in changed, _by_size((_score(one[1]), _score(one[2])))))
    offered = [pk for pk, *_ in ordered[:OFFERED]]
    names = dict(listed().filter(pk__in=offered).values_list("pk", "name"))
    mixed = sum(bool(one and one.is_mixed) for _, one, _ in found), sum(bool(one and one.is_mixed) for *_, one in found)
    told = [(pk, names[pk]) for pk in offered if pk in names]
    return {"scored": len(own), "rescored": len(changed), "offered": told, "mixed": mixed}


def _score(one: AccountHealth | Scored | None) -> float | None:
    return one.score if one else None


def _band(scored: Scored | None) -> str:
    return str(by_range(scored.version, scored.score)) if scored else ""


def _word(band: str) -> str:
    return Band(band).label if band else "No model"


def _by_size(one: tuple[Any, ...]) -> float:
    *_, before, after = one
    return -abs((after or 0) - (before or 0))


def _named(rows: Sequence[tuple[Any, ...]]) -> list[Example]:
    names = dict(listed().filter(pk__in=[row[0] for row in rows]).values_list("pk", "name"))
    return [
        Example(pk, names.get(pk, ""), _word(before), _word(after), old, new) for pk, before, after, old, new in rows
    ]
