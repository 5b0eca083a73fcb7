"""Accounts that are behind or stuck in their stage: work for whoever answers for the stage, once a visit."""

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from django.db.models import Case, CharField, Exists, OuterRef, QuerySet, Value, When

from accounts.events.subscriptions import subscribe
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from accounts.foundation.many import among
from accounts.portfolio.models import Account, AccountEvent, AccountMember
from accounts.portfolio.queries import listed
from accounts.team.models import User
from retention.lifecycle import pace
from retention.lifecycle.models import AccountStage, Stage
from retention.lifecycle.pace import Pace
from retention.lifecycle.queries import primary_version
from retention.raci.parts import ANSWERS, Function
from retention.work import services
from retention.work.models import WorkItem
from retention.work.registry import Attention, WorkKind, attention, work_kinds

A_DAY = 5
"""New pieces of this work that one person gets in a run: a stage that was given limits must not flood anybody."""
WITHIN = "2 bd"
MOST = 1000
"""Visits of one stage that a run looks at; the others wait for the next day."""
SHOWN = 50
BEHIND, STUCK, MOVED_ON, WORSE = "stage_behind", "stage_stuck", "moved_on", "became_stuck"
KINDS = {STUCK: Pace.STUCK, BEHIND: Pace.BEHIND}
WEIGHTS = {Pace.STUCK: 75, Pace.BEHIND: 55}
"""Between the classes of plays: stuck stands beside renewal, behind beside expansion."""
PARTS = {Function.SALES.value: AccountMember.Part.AE, Function.SUPPORT.value: AccountMember.Part.SUPPORT}
"""Function that answers for a stage → the part on the account that gets the work; all others: the CSM."""
_DONE = {
    "next_step_agreed": "Spoke, next step agreed",
    "unblocked": "What stood in the way is gone",
    MOVED_ON: "It moved on",
    WORSE: "It became stuck",
}
_DISMISSED = {"false_alarm": "False alarm", "agreed": "Agreed with the customer"}

work_kinds.add(BEHIND, WorkKind("Behind in its stage", _DONE, _DISMISSED))
work_kinds.add(STUCK, WorkKind("Stuck in its stage", _DONE, _DISMISSED))


def alert(*, at: dt.datetime) -> int:
    """Opens work for accounts that became behind or stuck, those there the longest first; returns how many.

    Each visit of a stage is told of once as behind and once as stuck, however the work ends. Whoever has had `A_DAY`
    new pieces gets the others the next day.
    """
    opened: Counter[int | None] = Counter()
    with lane("late in stage"):
        for stage in _paced():
            for kind in KINDS:
                rows = list(_untold(stage, kind, at=at)[:MOST])
                owners = _owners(stage, [row.account_id for row in rows])
                for row in rows:
                    owner = owners.get(row.account_id)
                    number = owner.pk if owner else None
                    if opened[number] < A_DAY:
                        _open(row, kind, owner, at=at)
                        opened[number] += 1
    return opened.total()


def _paced() -> list[Stage]:
    version = primary_version()
    stages = version.stages.all() if version else []
    return [one for one in stages if one.behind_days is not None or one.stuck_days is not None]


def _late(rows: QuerySet[AccountStage], stage: Stage, kind: str, *, at: dt.datetime) -> QuerySet[AccountStage]:
    stuck = pace.late(rows, stage, days=stage.stuck_days, at=at)
    if kind == STUCK:
        return stuck
    return pace.late(rows, stage, days=stage.behind_days, at=at).exclude(pk__in=stuck.values("pk"))


def _untold(stage: Stage, kind: str, *, at: dt.datetime) -> QuerySet[AccountStage]:
    """The visits that are late and of which no work tells yet."""
    told = WorkItem.objects.filter(account=OuterRef("account"), kind=kind, created_at__gte=OuterRef("since"))
    rows = AccountStage.objects.filter(stage=stage, account__in=listed().values("pk"))
    late = _late(rows, stage, kind, at=at).filter(~Exists(told))
    return late.select_related("account", "account__facts").order_by("since", "pk")


def _owners(stage: Stage, account_ids: Sequence[int]) -> dict[int, User]:
    """Account id → whoever has the part that answers for the stage; where nobody has, the CSM."""
    answering = next((name for name, part in stage.raci.items() if part in ANSWERS), "")
    part = PARTS.get(answering, AccountMember.Part.CSM)
    rows = AccountMember.objects.filter(
        account__in=among(account_ids), part__in={part, AccountMember.Part.CSM}, user__is_active=True
    )
    found: dict[int, User] = {}
    for member in sorted(rows.select_related("user"), key=lambda one: one.part == part):
        found[member.account_id] = member.user
    return found


def _open(row: AccountStage, kind: str, owner: User | None, *, at: dt.datetime) -> None:
    stage = row.stage
    assert stage is not None
    if kind == STUCK:
        _end(row.account, (BEHIND,), WORSE, at=at)
    title = f"{work_kinds[kind].label.split()[0]} in {stage.name}: {_days(row, stage, at=at)} days"
    limit = stage.stuck_days if kind == STUCK else stage.behind_days
    usual = f", {stage.normal_days} are usual" if stage.normal_days is not None else ""
    guidance = f"{stage.meaning} More than {limit} days count as {KINDS[kind].value.lower()}{usual}."
    services.open_item(
        row.account, title=title, assignee=owner, by=None, at=at, within=WITHIN, kind=kind, guidance=guidance.strip()
    )


def _days(row: AccountStage, stage: Stage, *, at: dt.datetime) -> int:
    facts = getattr(row.account, "facts", None)
    day = getattr(facts, stage.pace_from) if stage.pace_from and facts else None
    return pace.days_in(stage, since=row.since, day=day, at=at) or 0


@subscribe("stage.changed", name="end work about a stage that was left")
def end(event: AccountEvent) -> None:
    """Whoever moved on is late no more."""
    _end(event.account, tuple(KINDS), MOVED_ON, at=event.at, left_by=event.at)


def _end(
    account: Account, kinds: Sequence[str], outcome: str, *, at: dt.datetime, left_by: dt.datetime | None = None
) -> None:
    items = WorkItem.objects.filter(account=account, kind__in=kinds, state=WorkItem.State.OPEN)
    if left_by:
        items = items.filter(created_at__lte=left_by)
    for item in items:
        services.close(item, outcome=outcome, by=None, at=at)


@attention.register("late in stage")
def late(user: User, account: Account | None) -> list[Attention]:
    """One entry for each account of the user that is behind or stuck in its stage."""
    at = now()
    rows = AccountStage.objects.for_user(user)
    if account:
        rows = rows.filter(account=account)
    stages = {stage.pk: stage for stage in _paced()}
    limits = [_limit(stage, kind, at=at) for stage in stages.values() for kind in KINDS]  # stuck before behind
    cases = [one for one in limits if one is not None]
    if not cases:
        return []
    told = rows.filter(stage__in=stages).annotate(late_as=Case(*cases, default=Value(""), output_field=CharField()))
    told = told.exclude(late_as="").order_by("-late_as", "since", "pk")[: SHOWN * len(cases)]
    return [_attention(row.account_id, stages[row.stage_id], row.late_as, row.since) for row in told if row.stage_id]


def _limit(stage: Stage, kind: str, *, at: dt.datetime) -> When | None:
    days = stage.stuck_days if kind == STUCK else stage.behind_days
    return None if days is None else When(pace.beyond(stage, days, at=at), stage=stage, then=Value(kind))


def _attention(account_id: int, stage: Stage, kind: str, since: dt.datetime) -> Attention:
    return Attention(account_id, f"{KINDS[kind].value} in {stage.name}", since, WEIGHTS[KINDS[kind]])
