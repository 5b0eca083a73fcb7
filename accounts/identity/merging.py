"""Two accounts that turn out to be one: first the plan, then exactly that."""

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import models, transaction

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit
from accounts.foundation.lanes import lane
from accounts.foundation.records import OnMerge, Record
from accounts.foundation.registry import Registry
from accounts.portfolio import services as portfolio
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.models.account import MAX_DEPTH

joiners: Registry[Callable[[Account, Account], None]] = Registry("joiner of merged rows")
"""Model label → what joins its rows, given the account that goes and the one that stays; none are left at the first."""
obstacles: Registry[Callable[[Account, Account], list[str]]] = Registry("obstacle to a merge")
"""What speaks against merging the one into the other, in sentences that say what to do."""
COMPLETED = (
    "domain",
    "industry",
    "employees",
    "region",
    "time_zone",
    "use_case",
    "complexity",
    "tech_stack",
    "goals",
    "fiscal_year_end_month",
    "budget_month",
    "acquisition_source",
    "campaign",
)
"""Profile fields that the account that stays takes over where it has nothing."""
HIERARCHY = ("parent", "root")


@dataclass(frozen=True)
class Reference:
    """One foreign key to Account, and what a merge does with its rows."""

    model: type[Record]
    name: str
    rule: OnMerge

    def rows(self, account: Account) -> models.QuerySet[Any]:
        return self.model._base_manager.filter(**{self.name: account.pk})


@dataclass
class MergePlan:
    """What merging `account` into `into` will do, in counts by the names of what is concerned."""

    account: Account
    into: Account
    counts: dict[OnMerge, dict[str, int]] = field(default_factory=dict)
    completed: dict[str, Any] = field(default_factory=dict)
    """Profile fields that are taken over, with their values."""
    obstacles: list[str] = field(default_factory=list)


def references() -> Iterator[Reference]:
    """Every foreign key to Account, with its rule; hierarchy is put right through the portfolio."""
    for model in apps.get_models():
        if not issubclass(model, Record):
            continue
        for column in model._meta.concrete_fields:
            if column.related_model is Account and not (model is Account and column.name in HIERARCHY):
                yield Reference(model, column.name, model.MERGE[column.name])


def plan_merge(account: Account, *, into: Account) -> MergePlan:
    """What the merge would do, and what forbids it. Writes nothing."""
    plan = MergePlan(account, into, obstacles=_obstacles(account, into))
    for one in references():
        if count := one.rows(account).count():
            counts = plan.counts.setdefault(one.rule, {})
            name = str(one.model._meta.verbose_name_plural)
            counts[name] = counts.get(name, 0) + count
    plan.completed = _completed(account, into)
    return plan


def _obstacles(account: Account, into: Account) -> list[str]:
    if account.pk == into.pk:
        return ["This is the same account; choose another one."]
    merged = [one for one in (account, into) if one.merged_into_id]
    found = [f"{one} was merged into {one.merged_into} before; use that one." for one in merged]
    for speaks_against in obstacles.values():
        found += speaks_against(account, into)
    return found


def _completed(account: Account, into: Account) -> dict[str, Any]:
    found = {name: getattr(account, name) for name in COMPLETED if not getattr(into, name)}
    return {name: value for name, value in found.items() if value}


def merge(account: Account, *, into: Account, by: Any, at: dt.datetime) -> Account:
    """Makes `account` a former name of `into`: its rows move, its ids and its key lead there from now on.

    Returns `into` as it stands then. Raises ValidationError with the obstacles; then nothing has changed.
    """
    with transaction.atomic(), ExitStack() as lanes:
        for name in ("fold", "evaluation", "facts", "plays"):  # nothing may arrive for the account while it moves
            lanes.enter_context(lane(name))
        account, into = Account.objects.get(pk=account.pk), Account.objects.get(pk=into.pk)
        if found := _obstacles(account, into):
            raise ValidationError(found)
        _move_hierarchy(account, into, by=by, at=at)
        into = portfolio.change(into, by=by, at=at, **_completed(account, into))
        for one in references():
            _apply(one, account, into)
        audit.update(account, verb="account.merge", by=by, at=at, merged_into=into, parent=None, root=account)
        happened("account.merged", into, by=by, at=at, key=f"merged:{account.pk}", name=account.name, old=account.key)
        for pass_ in (DirtyAccount.Pass.FACTS, DirtyAccount.Pass.VERDICTS):
            events.mark([into.pk], pass_, at=at)
    return into


def _move_hierarchy(account: Account, into: Account, *, by: Any, at: dt.datetime) -> None:
    """What stood below the account that goes stands below the other one; that one never below what goes."""
    if into.root_id == account.root_id and _stands_below(into, account):
        portfolio.change(into, by=by, at=at, parent=account.parent)
    for child in account.children.exclude(pk=into.pk):
        portfolio.change(child, by=by, at=at, parent=into)


@obstacles.register("depth of the hierarchy")
def _too_deep(account: Account, into: Account) -> list[str]:
    """What stands below the account that goes has to fit below the other one."""
    above = account.parent if _stands_below(into, account) else into.parent
    depth, level = 1, [account.pk]
    while above is not None:
        depth, above = depth + 1, above.parent
    while level := list(Account.objects.filter(parent__in=level).exclude(pk=into.pk).values_list("pk", flat=True)):
        depth += 1
    if depth <= MAX_DEPTH:
        return []
    return [
        f"The hierarchy below {into} would be {depth} deep, beyond {MAX_DEPTH}. Move what stands below {account} up."
    ]


def _stands_below(account: Account, other: Account) -> bool:
    above = account.parent
    while above is not None:
        if above.pk == other.pk:
            return True
        above = above.parent
    return False


def _apply(one: Reference, account: Account, into: Account) -> None:
    if one.rule is OnMerge.MOVE:
        one.rows(account).update(**{one.name: into.pk})
    elif one.rule is OnMerge.UNION and one.rows(account).exists():
        joiners[one.model._meta.label](account, into)
    elif one.rule is OnMerge.DROP:
        one.rows(account).delete()


@joiners.register("accounts.AccountMember")
def _join_members(account: Account, into: Account) -> None:
    """A part that the other account has given already stays as it is there."""
    taken = AccountMember.objects.filter(account=into).values("part")
    AccountMember.objects.filter(account=account, part__in=taken).delete()
    AccountMember.objects.filter(account=account).update(account=into)
