"""The first look of a new rule, the silent one of a changed rule, and the last of one that was stopped."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Max, QuerySet

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.facts.registry import follows_registers
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from retention.evaluation import standings
from retention.evaluation.edges import turns
from retention.evaluation.models import Edge, Watch
from retention.evaluation.passes import store
from retention.evaluation.plans import plan
from retention.evaluation.registry import outcomes
from retention.evaluation.rules import Rule
from retention.evaluation.scan import Scope, scan

CHUNK = 1000
"""Account ids of one transaction."""
AT_ONCE = 2000
"""Up to so many accounts a rule is ready when the verb that changed it returns; larger books are left to the pump."""

MANY = 1_000_000
"""More holds than any condition has within it."""

Preparing = Watch.Preparing


def last_account() -> int:
    """The highest id of an account that has facts."""
    return AccountFacts.objects.aggregate(last=Max("pk"))["last"] or 0


def advance(*, at: dt.datetime | None = None) -> int:
    """Prepares one chunk of the rules that are not ready; returns 1 while there is more to do."""
    with lane("evaluation"):
        some = _alike(list(_unready()))
        if some:
            _step(some, at=at or now())
    return int(bool(some))


def prepare_small(*, at: dt.datetime) -> None:
    """Makes every rule ready now where the book is small. Call it inside the lane."""
    if AccountFacts.objects.count() > AT_ONCE:
        return
    while some := _alike(list(_unready())):
        _step(some, at=at)


def _unready() -> QuerySet[Watch]:
    return Watch.objects.exclude(preparing=Preparing.DONE).order_by("pk")


def _alike(watches: Sequence[Watch]) -> list[Watch]:
    """Those that go on from the same place: releases first, which give slots back."""
    first = min(map(_place, watches), default=None)
    return [watch for watch in watches if _place(watch) == first]


def _place(watch: Watch) -> tuple[bool, int, int]:
    return watch.preparing != Preparing.RELEASE, watch.prepared_to, watch.prepare_until


def _step(watches: Sequence[Watch], *, at: dt.datetime) -> None:
    """One chunk for rules that stand at the same place."""
    after, last = watches[0].prepared_to, watches[0].prepare_until
    rows = AccountFacts.objects.filter(pk__gt=after, pk__lte=last).order_by("pk").values_list("pk", flat=True)
    ids = list(rows[:CHUNK])
    is_done = len(ids) < CHUNK
    until = last if is_done else ids[-1]
    if watches[0].preparing == Preparing.RELEASE:
        _release(watches, after, until)
    elif ids:
        _look(watches, ids, at=at)
    values: dict[str, Any] = {"prepared_to": until}
    if is_done:
        values["preparing"] = Preparing.DONE
        if watches[0].preparing == Preparing.RELEASE:
            values["slot"] = None
    Watch.objects.filter(pk__in=[watch.pk for watch in watches]).update(**values)


def _release(watches: Sequence[Watch], after: int, until: int) -> None:
    slots = [watch.slot for watch in watches if watch.slot is not None]
    if slots:
        standings.clear(masks=standings.masks(slots), after=after, until=until)
        standings.forget(slots, after=after, until=until)


def _look(watches: Sequence[Watch], ids: Sequence[int], *, at: dt.datetime) -> None:
    """Sets the state of some accounts: nobody fires on old news."""
    new = [watch for watch in watches if watch.preparing == Preparing.AFRESH]
    _release(new, ids[0] - 1, ids[-1])
    asked = plan(at=at, only=[watch for watch in watches if watch.preparing != Preparing.SETTLE])
    for stratum in asked.strata:
        for layer in _layers(stratum):
            found = scan(layer, Scope.of(ids), columns=asked.columns, moment=asked.moment, waking=asked.watched)
            causes = dict.fromkeys(ids, Edge.Cause.DEFINITION)
            turned = turns(found, layer, asked, causes=causes, first_look={watch.pk for watch in new})
            store(found, layer, turned, at=at)
        _settle([one.watch for one in stratum], ids, at=at)
    _settle([watch for watch in watches if watch.preparing == Preparing.SETTLE], ids, at=at)


def _layers(stratum: Sequence[Rule]) -> list[list[Rule]]:
    """What is remembered before what looks at it; a hold within a hold first of all."""
    layers: dict[int, list[Rule]] = {}
    for one in stratum:
        layers.setdefault(len(one.asked.holds) if one.is_hold else MANY, []).append(one)
    return [layers[place] for place in sorted(layers)]


def _settle(watches: Sequence[Watch], account_ids: Sequence[int], *, at: dt.datetime) -> None:
    """Lets the readers put these accounts where they now belong."""
    for reader in {watch.reader for watch in watches} & set(outcomes):
        some = [watch for watch in watches if watch.reader == reader]
        moved = outcomes[reader].settle(some, account_ids, at)
        events.mark(moved, DirtyAccount.Pass.VERDICTS, at=at, cause=Edge.Cause.DEFINITION)
        if moved and follows_registers():
            events.mark(moved, DirtyAccount.Pass.FACTS, at=at, cause=Edge.Cause.DEFINITION)
