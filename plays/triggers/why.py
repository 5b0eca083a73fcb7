"""Why a play did, or did not, start for an account."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from accounts.portfolio.models import Account
from plays.decisions.models import Decision
from plays.definitions.models import Play
from plays.definitions.registry import trigger_kinds
from plays.definitions.services import current
from retention.conditions.evaluate import explain
from retention.conditions.language import Held
from retention.evaluation.models import Watch
from retention.evaluation.queries import known_facts, moment, true_watches
from retention.evaluation.rules import read


@dataclass(frozen=True)
class Verdict:
    """What a play's trigger says of an account now, comparison by comparison."""

    truth: bool | None
    clauses: list[dict[str, Any]]


def decisions(account: Account, play: Play) -> list[Decision]:
    """What `play` decided about `account`, newest first."""
    return list(Decision.objects.filter(account=account, play=play).select_related("version"))


def verdict(account: Account, play: Play, *, at: dt.datetime) -> Verdict:
    """The trigger of the play's latest version, asked of the account's facts as they are now."""
    version = current(play)
    if version is None or version.starts_on != "entered":
        return Verdict(None, [])
    trigger = read(version.trigger)
    if version.trigger_after_days:
        trigger = Held(trigger, version.trigger_after_days)
    found = explain(trigger, known_facts(account), moment(at))
    return Verdict(found.truth, [clause.as_json() for clause in found.clauses])


def silence(account: Account, play: Play, found: Verdict) -> str:
    """Why nothing was decided so far, in a sentence."""
    if not play.is_active:
        return "The play is not active: nobody watches its trigger."
    version = current(play)
    if version and version.starts_on != "entered":
        return f"It starts {trigger_kinds[version.starts_on].words(version)}; that has not come, or was past before."
    if found.truth is None:
        return "The trigger cannot be answered: facts it asks for are unknown, and unknown starts nothing."
    if not found.truth:
        return "The trigger does not hold."
    watches = list(Watch.objects.filter(key=play.watch_key))
    if true_watches([account.pk], watches=watches)[account.pk]:
        return "The trigger held already when the play was activated or changed; only becoming true starts a run."
    return "The trigger holds, and the next pass will see it."
