import datetime as dt
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.foundation import audit
from accounts.foundation.lanes import lane
from retention.evaluation.models import Watch
from retention.evaluation.passes import baseline


@transaction.atomic
def watch(
    *,
    key: str,
    reader: str,
    definition: str,
    enter: dict[str, Any],
    leave: dict[str, Any] | None,
    by: Any,
    at: dt.datetime,
) -> Watch:
    """Watches this condition under `key` from now on.

    Where it is new or different, the accounts that exist get its state silently: activating a rule or editing
    it fires nothing by itself.
    """
    with lane("evaluation"):
        found = Watch.objects.filter(key=key).first()
        values = {"definition": definition, "enter": enter, "leave": leave, "active": True}
        if found is None:
            found = Watch(key=key, reader=reader, slot=_free_slot(), changed_at=at, **values)
            audit.create(found, verb="watch.start", by=by, at=at)
            baseline([found], at=at)
            return found
        before = audit.update(found, verb="watch.change", by=by, at=at, **values)
        if before.keys() - {"definition"}:
            audit.update(found, verb="watch.change", by=by, at=at, changed_at=at)
            baseline([found], at=at, afresh="active" in before)
    return found


def _free_slot() -> int:
    last = Watch.objects.aggregate(last=Max("slot"))["last"]
    return 0 if last is None else last + 1


@transaction.atomic
def unwatch(*, key: str, by: Any, at: dt.datetime) -> None:
    """Stops asking; the watch and its edges stay, and watching again starts with a new baseline."""
    with lane("evaluation"):
        found = Watch.objects.filter(key=key).first()
        if found:
            audit.update(found, verb="watch.stop", by=by, at=at, active=False)
