import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.facts.queries import after_latest_projection
from accounts.facts.registry import readers
from accounts.foundation import audit, bell
from accounts.foundation.lanes import lane
from accounts.identity.merging import joiners
from accounts.ingestion.models import Milestone, MilestoneReached
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from retention.conditions.stored import facts_named
from retention.evaluation import services as evaluation
from retention.evaluation.rules import catalogue
from retention.milestones.models import MOST_DAYS, AccountMilestone, MilestoneRoute, ValueMilestone
from retention.milestones.reading import wrong_with

MOST_ROUTES = 20


@dataclass(frozen=True)
class RouteDraft:
    """How some accounts reach a milestone, as an author writes it."""

    key: str
    name: str
    applies: Mapping[str, Any] | None = None
    event: str = ""
    condition: Mapping[str, Any] | None = None
    days: int | None = None
    clock: str = "closed_won"
    basis: str = "practice"


@dataclass(frozen=True)
class MilestoneDraft:
    """One milestone as an author writes it, whole: routes that are left out are gone."""

    key: str
    name: str
    routes: Sequence[RouteDraft]
    meaning: str = ""
    position: int = 0
    is_active: bool = True


def draft_of(milestone: ValueMilestone) -> MilestoneDraft:
    """A milestone in force as its author would write it."""
    names = list(RouteDraft.__dataclass_fields__)
    routes = [RouteDraft(**{name: getattr(row, name) for name in names}) for row in milestone.routes.all()]
    return MilestoneDraft(
        milestone.key, milestone.name, routes, milestone.meaning, milestone.position, milestone.is_active
    )


def define(draft: MilestoneDraft, *, by: Any, at: dt.datetime) -> ValueMilestone:
    """The milestone as `draft` says; every account is looked at anew. Where nothing changes, nothing happens.

    What the change itself moves is told to nobody. Raises ValidationError naming each field that is wrong, or the ring
    where facts would wait for each other.
    """
    check(draft)
    with lane("facts"):  # a profile that is made meanwhile is made with what was in force before
        row = _define(draft, by=by, at=at)
        evaluation.refuse_cycles()
    return row


def _define(draft: MilestoneDraft, *, by: Any, at: dt.datetime) -> ValueMilestone:
    plain = {"name": draft.name, "meaning": draft.meaning, "position": draft.position, "is_active": draft.is_active}
    row = ValueMilestone.objects.filter(key=draft.key).first()
    is_new = row is None
    if row is None:
        row = ValueMilestone(key=draft.key, changed_at=after_latest_projection(at), **plain)
        row.full_clean()
        audit.create(row, verb="milestone.define", by=by, at=at)
    is_changed = bool(audit.update(row, verb="milestone.change", by=by, at=at, **plain))
    is_changed |= _save_routes(row, draft.routes, by=by, at=at)
    if is_changed and not is_new:
        audit.update(row, verb="milestone.publish", by=by, at=at, changed_at=after_latest_projection(at))
    if is_changed:
        bell.ring()
    return row


def _save_routes(milestone: ValueMilestone, wanted: Sequence[RouteDraft], *, by: Any, at: dt.datetime) -> bool:
    """Writes the routes; whether anything became different."""
    existing = {row.key: row for row in milestone.routes.all()}
    is_changed = False
    for key in existing.keys() - {one.key for one in wanted}:
        audit.delete(existing[key], verb="milestone.remove_route", by=by, at=at)
        is_changed = True
    for position, one in enumerate(wanted):
        values = asdict(one) | {"position": position}
        if row := existing.get(one.key):
            is_changed |= bool(audit.update(row, verb="milestone.change_route", by=by, at=at, **values))
        else:
            row = MilestoneRoute(milestone=milestone, **values)
            row.full_clean()
            audit.create(row, verb="milestone.add_route", by=by, at=at)
            is_changed = True
    return is_changed


def check(draft: MilestoneDraft) -> None:
    """Raises ValidationError naming each field that is wrong."""
    wrong: dict[str, list[str]] = defaultdict(list)
    if not draft.routes:
        wrong["routes"].append("Give at least one route: how it is reached, and by when.")
    if len(draft.routes) > MOST_ROUTES:
        wrong["routes"].append(f"At most {MOST_ROUTES} routes are possible.")
    if len({one.key for one in draft.routes}) < len(draft.routes):
        wrong["routes"].append("Two routes have the same key.")
    tracked = set(Milestone.objects.values_list("key", flat=True))
    for place, one in enumerate(draft.routes):
        for field, message in _wrong_with_route(one, tracked):
            wrong[f"routes[{place}].{field}"].append(message)
    if wrong:
        raise ValidationError(dict(wrong))


def _wrong_with_route(one: RouteDraft, tracked: set[str]) -> list[tuple[str, str]]:
    found = []
    if one.days is not None and not 0 <= one.days <= MOST_DAYS:
        found.append(("days", f"Give the days until the deadline as a number from 0 to {MOST_DAYS}, or nothing."))
    if one.event and one.condition is not None:
        found.append(("condition", "Choose an event or a condition, not both."))
    if one.event and one.event not in tracked:
        known = ", ".join(sorted(tracked)) or "none yet"
        found.append(("event", f"The tracking plan has no milestone {one.event}. It has: {known}."))
    for name in ("applies", "condition"):
        source = getattr(one, name)
        if source is not None:
            found += [(name + path, message) for path, message in wrong_with(source, catalogue())]
    return found


@transaction.atomic
def reach(
    account: Account, milestone: ValueMilestone, *, reached_at: dt.datetime, evidence: str, by: Any, at: dt.datetime
) -> AccountMilestone:
    """Says by hand that `account` reached `milestone`, with what shows it.

    Raises ValidationError where nothing shows it, the moment lies ahead, or it is on record already.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    wrong = {}
    if not evidence.strip():
        wrong["evidence"] = "Say what shows it: whoever reads the account next has to be able to trust it."
    if reached_at > at:
        wrong["reached_at"] = "Choose a moment that is past."
    if not milestone.is_active:
        wrong["milestone"] = f"{milestone} is retired; choose one that is in use."
    if is_told(account, milestone):
        wrong["milestone"] = f"{account} has reached {milestone} already."
    if wrong:
        raise ValidationError(wrong)
    row = AccountMilestone(
        account=account,
        milestone=milestone,
        reached_at=reached_at,
        how=AccountMilestone.How.HAND,
        evidence=evidence.strip(),
        noted_at=at,
        noted_by=by,
    )
    row.full_clean()
    audit.create(row, verb="milestone.reach", by=by, at=at)
    happened("milestone.reached", account, by=by, at=at, subject=row, milestone=milestone.name)
    return row


def is_told(account: Account, milestone: ValueMilestone) -> bool:
    """Whether it is on record that `account` reached `milestone`, by whatever way."""
    if AccountMilestone.objects.filter(account=account, milestone=milestone).exists():
        return True
    events = [event for event in milestone.routes.values_list("event", flat=True) if event]
    return MilestoneReached.objects.filter(account=account, milestone__key__in=events).exists()


@transaction.atomic
def take_back(row: AccountMilestone, *, by: Any, at: dt.datetime) -> None:
    """Takes back what was said by hand. What a condition saw stays: it was true."""
    row = AccountMilestone.objects.select_for_update().get(pk=row.pk)
    if row.how != AccountMilestone.How.HAND:
        raise ValidationError("Its condition was true then, and that stays in the history.")
    audit.delete(row, verb="milestone.take_back", by=by, at=at)
    happened("milestone.taken_back", row.account, by=by, at=at, milestone=row.milestone.name)


@joiners.register("retention.AccountMilestone")
def join(account: Account, into: Account) -> None:
    """The account that stays takes over what it has not reached itself; of two, the earlier counts."""
    kept = {row.milestone_id: row for row in AccountMilestone.objects.filter(account=into)}
    for row in AccountMilestone.objects.filter(account=account):
        other = kept.get(row.milestone_id)
        if other and other.reached_at <= row.reached_at:
            row.delete()
            continue
        if other:
            other.delete()
        row.account = into
        row.save(update_fields=["account"])


@readers.register("milestones")
def milestones_that_read(key: str) -> list[str]:
    """The names of the milestones whose routes read a fact."""
    rows = MilestoneRoute.objects.filter(milestone__is_active=True).select_related("milestone")
    found = [row.milestone.name for row in rows if key in facts_named(row.applies) | facts_named(row.condition)]
    return [f"milestone {name}" for name in dict.fromkeys(found)]
