"""What a condition comes to now: how many accounts, and some of them with the values that decide."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.queries import base_currency
from retention.conditions.check import parse
from retention.conditions.evaluate import compile_explanation
from retention.evaluation.counting import Count, count
from retention.evaluation.known import facts_of, watched_holds
from retention.evaluation.queries import moment
from retention.evaluation.reading import sentence
from retention.evaluation.rules import catalogue

WITHIN_S = 2.0
"""How long a person who types waits for a number at most."""
EXAMPLES = 10


@dataclass
class Effect:
    """The count, and examples: account and what decides."""

    counted: Count
    examples: list[tuple[Account, str]]

    @property
    def sentence(self) -> str:
        """`12 of 60 accounts match now.`"""
        least = "" if self.counted.is_whole else "At least "
        of = f"{self.counted.looked_at:,}"
        plural = "" if self.counted.looked_at == 1 else "s"
        verb = "matches" if self.counted.true == 1 else "match"
        return f"{least}{self.counted.true:,} of {of} account{plural} {verb} now."

    @property
    def notes(self) -> list[str]:
        """What the figure does not say."""
        found = []
        if self.counted.unknown:
            found.append(f"Nobody can tell for {self.counted.unknown:,}: something it asks is unknown there.")
        if not self.counted.is_whole:
            found.append("The book is large; only these were counted in time.")
        if self.counted.ignores_durations:
            found.append("For how long it has held is not counted here: that is followed once it is published.")
        return found


def effect(source: object, *, user: Any, at: dt.datetime) -> Effect:
    """What `source` comes to among the accounts that `user` may see. Raises ConditionRefused."""
    condition = parse(source, catalogue())
    accounts = listed().for_user(user)  # type: ignore[attr-defined]
    counted = count(condition, accounts, at=at, within_s=WITHIN_S, examples=EXAMPLES)
    rows = Account.objects.in_bulk(counted.examples)
    known = facts_of(counted.examples, watched_holds(), currency=base_currency())
    explain, here = compile_explanation(condition), moment(at)
    told = [
        (rows[pk], sentence([one.as_json() for one in explain(known[pk], here).decisive])) for pk in counted.examples
    ]
    return Effect(counted, told)
