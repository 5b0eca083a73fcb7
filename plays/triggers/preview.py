"""What a play would have started, or would start next, as its version in force reads: nothing is written."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from django.db.models import Max

from accounts.foundation.many import among
from accounts.ingestion.models import Feature, SignalEvent
from accounts.portfolio.models import Account, AccountEvent
from accounts.portfolio.queries import listed
from plays.definitions.fields import Filter
from plays.definitions.models import PlayVersion
from plays.triggers.openings import NEXT, coming
from retention.evaluation.queries import chunks_that_meet
from retention.evaluation.rules import read

BACK = dt.timedelta(days=30)
ROWS = 200_000
"""Among so many of the latest events or signals it is looked: a page must answer, however long the history."""
CHUNKS, SHOWN = 10, 20


@dataclass
class Preview:
    """How many accounts, some of them with the instant, and in a sentence what that means."""

    sentence: str
    count: int = 0
    examples: Sequence[tuple[Account, dt.datetime | None]] = field(default_factory=list)
    note: str = ""
    """What the figure leaves out."""
    ids: Sequence[int] = field(default_factory=list)
    """Those accounts, all of them."""


def preview(version: PlayVersion, *, user: Any, at: dt.datetime) -> Preview:
    """What `version` would do, among the accounts that `user` may see."""
    return _PREVIEWS[version.starts_on](version, user, at)


def _entered(version: PlayVersion, user: Any, at: dt.datetime) -> Preview:
    found = _of_meeting(version.trigger, user, at)
    found.sentence = "It is true now for {}; activating the play starts nothing for them, becoming true later does."
    if version.trigger_after_days:
        found.note = f"Whether it has been true for {version.trigger_after_days} days is not asked here."
    return found


def _cadence(version: PlayVersion, user: Any, at: dt.datetime) -> Preview:
    condition, when = version.trigger.get("for"), coming(version, user=user, at=at)[0].at
    found = _of_meeting(condition, user, at) if condition else _counted(listed().values_list("pk", flat=True), user)
    found.sentence = f"Were it {when:%d %b %Y} already, it would start for {{}}.".replace("it 0", "it ")
    return found


def _of_meeting(condition: Any, user: Any, at: dt.datetime) -> Preview:
    chunks = list(islice(chunks_that_meet(read(condition), at=at), CHUNKS + 1))
    found = _counted([pk for _, ids in chunks[:CHUNKS] for pk in ids], user)
    if len(chunks) > CHUNKS:
        found.note = "There are more; they are not counted here."
    return found


def _counted(ids: Iterable[int], user: Any) -> Preview:
    rows = listed().filter(pk__in=among(ids)).for_user(user)  # type: ignore[attr-defined]
    mine = list(rows.order_by().values_list("pk", flat=True))
    return Preview("", len(mine), [(one, None) for one in rows.order_by("name", "pk")[:SHOWN]], ids=mine)


def _window(version: PlayVersion, user: Any, at: dt.datetime) -> Preview:
    found = [one for one in coming(version, user=user, at=at) if one.account]
    examples = [(one.account, one.at) for one in found if one.account]
    note = f"These {NEXT} come first; the others are not counted here." if len(found) == NEXT else ""
    sentence, ids = "By the dates that are known now, it starts next for {}.", [one.pk for one, _ in examples]
    return Preview(sentence, len(found), examples, note, ids)


def _event(version: PlayVersion, user: Any, at: dt.datetime) -> Preview:
    fits = Filter(version.trigger.get("where"), at=at)
    rows = _latest(AccountEvent, user, at).filter(kind=version.trigger["kind"]).values_list("account", "at", "data")
    return _past([(pk, when) for pk, when, data in rows if fits.clauses(data) is not None], version)


def _signal(version: PlayVersion, user: Any, at: dt.datetime) -> Preview:
    names = [version.trigger["event"]] if version.trigger.get("event") else _names(version.trigger["feature"])
    rows = _latest(SignalEvent, user, at).filter(type="track", name__in=names).values_list("account", "at")
    found = _past(list(rows), version)
    if version.trigger.get("where"):
        found.note = "Properties are not kept, so the condition on them is left out here: it would be these at most."
    return found


def _names(feature: str) -> list[str]:
    found = Feature.objects.filter(key=feature).first()
    return list(found.events) if found else []


def _latest(model: Any, user: Any, at: dt.datetime) -> Any:
    newest = model.objects.aggregate(newest=Max("pk"))["newest"] or 0
    rows = model.objects.filter(pk__gt=newest - ROWS, at__gt=at - BACK, at__lte=at)
    return rows.filter(account__in=Account.objects.for_user(user).values("pk")).order_by("at", "pk")


def _past(happened: list[tuple[int, dt.datetime]], version: PlayVersion) -> Preview:
    """The accounts for which it would have started, each with the last time: not again within its days."""
    last: dict[int, dt.datetime] = {}
    again = dt.timedelta(days=version.again_after_days or 0)
    for pk, when in happened:
        if pk not in last or when >= last[pk] + again:
            last[pk] = when
    newest = sorted(last.items(), key=lambda one: one[1], reverse=True)[:SHOWN]
    accounts = Account.objects.in_bulk([pk for pk, _ in newest])
    shown: list[tuple[Account, dt.datetime | None]] = [(accounts[pk], when) for pk, when in newest]
    return Preview("In the last 30 days it would have started for {}.", len(last), shown, ids=list(last))


_PREVIEWS: dict[str, Callable[[PlayVersion, Any, dt.datetime], Preview]] = {
    "entered": _entered,
    "window": _window,
    "event": _event,
    "signal": _signal,
    "cadence": _cadence,
}
