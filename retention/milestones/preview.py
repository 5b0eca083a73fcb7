"""What changing a milestone would do: asked of the book before anything is done."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from zoneinfo import ZoneInfo

from accounts.facts.queries import values_of
from accounts.portfolio.models import Account
from accounts.team.models import User
from accounts.workspace.queries import base_currency, workspace
from retention.conditions.stored import facts_named
from retention.evaluation.sampling import Sampled, sampled
from retention.milestones.models import MilestoneRoute, ValueMilestone
from retention.milestones.services import MilestoneDraft, draft_of
from retention.milestones.standing import WORDS, Course, Seen, Status, moment_of, prepared

MUCH = 0.2
"""From this share of the accounts on, letting them stand otherwise is asked about first."""
EXAMPLES = 10
NONE = ""
"""How an account stands with a milestone of which no route applies to it."""
DATES = {"closed_won_at", "decision_date"}


@dataclass
class Preview(Sampled):
    """The accounts that a person may see, before and after."""

    moved_ids: list[tuple[int, str, str]] = field(default_factory=list)
    examples: Sequence[tuple[Account, str, str]] = ()

    @property
    def rows(self) -> list[tuple[str, int, int]]:
        """How an account may stand, with how many do now, and would."""
        return [(word(one), self.before[one], self.after[one]) for one in (*WORDS, NONE)]

    @property
    def ways(self) -> list[tuple[str, str, int]]:
        """From where to where, and how many accounts; the largest first."""
        return [(word(one), word(other), count) for (one, other), count in self.moves.most_common()]

    @property
    def questions(self) -> list[str]:
        """What must be confirmed first, with numbers: much of the book standing otherwise, or nobody reaching it."""
        asked = []
        if self.looked_at and self.moved >= MUCH * self.looked_at:
            share = f"{self.moved / self.looked_at:.0%}".replace("%", " %")
            asked.append(f"{self.moved} of {self.looked_at} accounts ({share}) {self._verb}.")
        if self.before[Status.REACHED] and not self.after[Status.REACHED]:
            asked.append("No account would have reached it any more.")
        return asked

    @property
    def _verb(self) -> str:
        """How much becomes of the accounts; of a milestone that applied to none, with how they stand."""
        if any(self.before[one] for one in WORDS):
            return "stand otherwise"
        told = ", ".join(f"{word(one).lower()} {self.after[one]}" for one in WORDS if self.after[one])
        return f"get this milestone: {told}"


def word(status: str) -> str:
    """How an account stands, in words."""
    return WORDS[Status(status)] if status else "Does not apply"


def preview(draft: MilestoneDraft, milestone: ValueMilestone | None, *, user: User | None, at: dt.datetime) -> Preview:
    """How the accounts that `user` sees would stand with `milestone` (None: a new one) if it said what `draft` says."""
    moment, currency = moment_of(at), base_currency()
    zone = ZoneInfo(workspace().time_zone)
    drafts = [replace(draft, is_active=False) if milestone is None else draft_of(milestone), draft]
    row = milestone or ValueMilestone(key=draft.key, name=draft.name)
    old, new = (_course(one, row, zone) for one in drafts)
    keys = DATES.union(*(facts_named(source) for one in drafts for source in _conditions(one)))
    count, chunks = sampled(user)
    found = Preview(count)
    for ids in chunks:
        seen = Seen.of(ids, at)
        for pk, known in sorted(values_of(ids, keys, currency=currency).items(), key=lambda one: one[0]):
            was, then = (
                next((stands.status.value for stands in course.stands(pk, known, seen, moment)), NONE)
                for course in (old, new)
            )
            found.take(was, then)
            if was != then and len(found.moved_ids) < EXAMPLES:
                found.moved_ids.append((pk, was, then))
    accounts = Account.objects.in_bulk([pk for pk, *_ in found.moved_ids])
    found.examples = [(accounts[pk], word(was), word(then)) for pk, was, then in found.moved_ids]
    return found


def _course(draft: MilestoneDraft, milestone: ValueMilestone, zone: ZoneInfo) -> Course:
    rows = [MilestoneRoute(milestone=milestone, position=place, **vars(one)) for place, one in enumerate(draft.routes)]
    return Course([(milestone, [prepared(row) for row in rows])] if draft.is_active else [], zone)


def _conditions(draft: MilestoneDraft) -> list[object]:
    return [source for one in draft.routes for source in (one.applies, one.condition)]
