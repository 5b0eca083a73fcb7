"""The trigger *entered*: a condition becomes true for an account."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import TriggerKind, Trouble, trigger_kinds
from retention.conditions.check import problems
from retention.conditions.language import FactType
from retention.conditions.wording import for_at_least
from retention.evaluation import services as evaluation
from retention.evaluation.reading import in_words

READER = "plays"


def check(condition: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with the condition."""
    return [Trouble(problem.path.removeprefix("$"), problem.message) for problem in problems(condition, facts)]


def follow(version: PlayVersion, by: Any, at: dt.datetime) -> None:
    """Watches the condition; the accounts that meet it already start nothing."""
    draft = evaluation.WatchDraft(
        key=version.play.watch_key,
        reader=READER,
        definition=f"{version.play.key} version {version.number}",
        enter=version.trigger,
        leave=version.rearm,
        enter_after_days=version.trigger_after_days,
        stays_while_true=True,
    )
    evaluation.watch([draft], by=by, at=at)


def forget(play: Play, by: Any, at: dt.datetime) -> None:
    """Stops watching."""
    evaluation.unwatch(key=play.watch_key, by=by, at=at)


def words(version: PlayVersion) -> str:
    """`this becomes true for an account: …`."""
    return in_words(version.trigger) + for_at_least(version.trigger_after_days)


trigger_kinds.add("entered", TriggerKind("A condition becomes true", check, follow, forget, words))
