import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.registry import derivations
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from retention.conditions.language import Held, to_json
from retention.evaluation import baseline, passes, standings
from retention.evaluation.models import CAPACITY, HOLD, Watch
from retention.evaluation.registry import outcomes
from retention.evaluation.rules import Rule, rules
from retention.evaluation.strata import Cycle, strata

Preparing = Watch.Preparing


@dataclass(frozen=True)
class WatchDraft:
    """A condition to watch, and who wants to know."""

    key: str
    reader: str
    definition: str
    enter: dict[str, Any]
    leave: dict[str, Any] | None = None
    enter_after_days: int | None = None
    leave_after_days: int | None = None
    stays_while_true: bool = False
    decides: str = ""

    @property
    def asked(self) -> dict[str, Any]:
        """What changes verdicts where it is changed."""
        return {
            "enter": self.enter,
            "leave": self.leave,
            "enter_after_days": self.enter_after_days,
            "leave_after_days": self.leave_after_days,
            "stays_while_true": self.stays_while_true,
            "active": True,
        }


@transaction.atomic
def watch(
    drafts: Sequence[WatchDraft],
    *,
    by: Any,
    at: dt.datetime,
    instead_of: Collection[str] = (),
    is_reordered: bool = False,
) -> list[Watch]:
    """Watches these conditions from now on, and no longer those under the keys `instead_of`.

    Where one is new or different, the accounts that exist get its state silently: activating a rule or editing it
    fires nothing. With `is_reordered`, accounts are put where they belong also for conditions that stayed the same.
    Small books are ready when this returns, large ones are prepared by the pump. Raises
    ValidationError where the rules would wait for each other, or there are too many.
    """
    with lane("evaluation"):
        if _changes_a_rule(drafts):
            _catch_up(at=at)
        found = [_watch(draft, by=by, at=at) for draft in drafts]
        if is_reordered:
            for one in found:
                _settle(one)
        for key in instead_of:
            _stop(key, by=by, at=at)
        _keep_holds(at=at)
        baseline.prepare_small(at=at)
        bell.ring()
    return found


def _changes_a_rule(drafts: Sequence[WatchDraft]) -> bool:
    kept = {found.key: found for found in Watch.objects.filter(key__in=[draft.key for draft in drafts], active=True)}
    return any(
        draft.key in kept and any(getattr(kept[draft.key], name) != value for name, value in draft.asked.items())
        for draft in drafts
    )


def _catch_up(*, at: dt.datetime) -> None:
    """What happened before a rule is changed is judged by the rule as it was; of a long backlog a part."""
    for _ in range(5):
        if not passes.evaluate_dirty(at=at):
            break


def take_as_long_true(*, at: dt.datetime) -> None:
    """Counts what is true now as true for long: for a book whose history was told all at once, such as a demo's."""
    with lane("evaluation"):
        events.mark(standings.take_as_long_true(), DirtyAccount.Pass.VERDICTS, at=at)
    bell.ring()


def unwatch(*, key: str, by: Any, at: dt.datetime) -> None:
    """Stops asking; the watch and its edges stay, and watching again starts with a new first look."""
    watch([], by=by, at=at, instead_of=[key])


def _watch(draft: WatchDraft, *, by: Any, at: dt.datetime) -> Watch:
    found = Watch.objects.filter(key=draft.key).first()
    values = {"definition": draft.definition, "decides": draft.decides, **draft.asked}
    if found is None:
        found = Watch(key=draft.key, reader=draft.reader, changed_at=at, **values)
        _begin(found, Preparing.AFRESH)
        return audit.create(found, verb="watch.start", by=by, at=at)
    before = audit.update(found, verb="watch.change", by=by, at=at, **values, slot=_slot(found))
    if changed := before.keys() & draft.asked.keys():
        _begin(found, Preparing.AFRESH if "active" in changed else Preparing.EDIT)
        found.changed_at = at
        found.save()
    return found


def _settle(found: Watch) -> None:
    if found.preparing == Preparing.DONE:
        _begin(found, Preparing.SETTLE)
        found.save()


def _begin(found: Watch, preparing: str) -> None:
    if found.preparing == Preparing.AFRESH and preparing == Preparing.EDIT:
        preparing = Preparing.AFRESH
    found.slot = _slot(found)
    found.preparing, found.prepared_to, found.prepare_until = preparing, 0, baseline.last_account()


def _slot(found: Watch) -> int:
    """The watch's own slot, else the first that nothing mentions."""
    if found.slot is not None:
        return found.slot
    taken = set(Watch.objects.filter(slot__isnull=False).values_list("slot", flat=True))
    free = next((slot for slot in range(CAPACITY) if slot not in taken), None)
    if free is None:
        raise ValidationError(
            f"{CAPACITY} rules are watched already, which is all; deactivate some that you can spare."
        )
    return free


def _stop(key: str, *, by: Any, at: dt.datetime) -> None:
    found = Watch.objects.filter(key=key, active=True).first()
    if found:
        _release(found)
        audit.update(found, verb="watch.stop", by=by, at=at, active=False)


def _release(found: Watch) -> None:
    found.preparing, found.prepared_to, found.prepare_until = Preparing.RELEASE, 0, baseline.last_account()
    found.save(update_fields=["preparing", "prepared_to", "prepare_until"])


def _keep_holds(*, at: dt.datetime) -> None:
    """Remembers of every held comparison since when it is true, and forgets those that nobody asks for any more."""
    asked, unreadable = rules(Watch.objects.filter(active=True).exclude(reader=HOLD))
    _refuse_cycles(asked)
    needed = {key: held[0] for one in asked for key, held in one.asked.holds.items()}
    counted = {key for one in asked if _counts_from_now(one.watch) for key in one.asked.holds}
    kept = {found.key: found for found in Watch.objects.filter(reader=HOLD)}
    for key, held in needed.items():
        found = kept.get(key)
        if found is None or not found.active:
            _hold(key, held, found, at=at, preparing=Preparing.EDIT if key in counted else Preparing.AFRESH)
    for key, found in kept.items():
        if found.active and key not in needed and not unreadable:  # who knows what those would ask for
            found.active = False
            found.save(update_fields=["active"])
            _release(found)


def _counts_from_now(found: Watch) -> bool:
    """Whether a rule may not say yes on what it has not seen: one that decides something and was changed.

    A new one finds the book as it is. For a changed play, accounts count as being in already, and nothing starts.
    """
    return found.preparing == Preparing.EDIT and found.reader in outcomes


def _hold(key: str, held: Held, found: Watch | None, *, at: dt.datetime, preparing: str) -> None:
    found = found or Watch(key=key, reader=HOLD, definition="", enter=to_json(held.node))
    found.active, found.changed_at = True, at
    _begin(found, preparing)
    found.save()


def refuse_cycles() -> None:
    """Raises ValidationError with the ring where rules, and facts that follow from others, wait for each other."""
    asked, _ = rules(Watch.objects.filter(active=True).exclude(reader=HOLD))
    _refuse_cycles(asked)


def _refuse_cycles(asked: Sequence[Rule]) -> None:
    derived = {key: asks for one in derivations.values() for asks in [one.reads()] for key in one.keys}
    try:
        strata(asked, derived)
    except Cycle as cycle:
        raise ValidationError(str(cycle)) from cycle
