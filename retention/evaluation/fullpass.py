"""A look at every account, whatever was marked: as a check that the passes in between miss nothing.

Accounts are looked at in large chunks without holding anybody up; only where something differs does a pass run.
"""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from itertools import chain
from zoneinfo import ZoneInfo

from django.db.models import Q

from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.foundation.commands import counted
from accounts.foundation.lanes import lane
from accounts.foundation.many import among, delete_all
from accounts.keeping.queries import past
from accounts.keeping.registry import Period, periods
from accounts.portfolio.models import Account
from accounts.workspace.queries import today, workspace
from retention.evaluation import incidents
from retention.evaluation.edges import turns
from retention.evaluation.models import Edge, FullPass, Incident, Standing
from retention.evaluation.passes import BATCH, Due, evaluate
from retention.evaluation.plans import Plan, plan
from retention.evaluation.rules import Rule
from retention.evaluation.scan import Found, Scope, scan

CHUNK = 50_000
MANY = 100_000
"""More marks than the accounts of one transaction have."""
HOUR = 3
"""When the nightly pass begins, in the workspace's time zone."""
LONGEST = dt.timedelta(hours=2)
"""After so long without an end it was cut short, and the next one may begin."""


@dataclass
class Report:
    """What a full pass found."""

    accounts: int = 0
    turned: int = 0
    missed: Counter[str] = field(default_factory=Counter)
    """Rule → verdicts that differed although nobody had marked the account and time had not made it due."""
    examples: list[str] = field(default_factory=list)


def is_due(*, at: dt.datetime) -> bool:
    """Whether tonight's pass has not run yet: it begins at `HOUR` in the workspace's time zone."""
    here = at.astimezone(ZoneInfo(workspace().time_zone))
    tonight = here.replace(hour=HOUR, minute=0, second=0, microsecond=0)
    begun = FullPass.objects.filter(started_at__gte=tonight)
    is_running = Q(finished_at=None, started_at__gt=at - LONGEST)
    return here >= tonight and not begun.filter(is_running | Q(finished_at__isnull=False)).exists()


def run(*, at: dt.datetime | None = None) -> Report:
    """Evaluates every account at `at`, and reports what the passes in between had missed.

    What is found wrong is put right, and an incident tells of it.
    """
    started = FullPass.objects.create(started_at=at or now())
    report = Report()
    for ids in chunks():
        report.accounts += len(ids)
        different = _different(plan(at=at or now()), ids)
        for start in range(0, len(different), BATCH):
            _put_right(different[start : start + BATCH], report, at=at)
    FullPass.objects.filter(pk=started.pk).update(
        finished_at=now(), accounts=report.accounts, missed=report.missed.total()
    )
    if report.missed:
        for rule, count in report.missed.items():
            lines = [counted(count, "verdict"), *(line for line in report.examples if line.endswith(f"({rule})"))]
            incidents.report(Incident.Kind.MISSED, rule, lines, at=started.started_at)
    delete_all(past("full_passes", at=started.started_at))
    return report


periods.add(
    "full_passes",
    Period(
        "Full passes",
        "When every account was looked at, and how much had been missed. Incidents stay.",
        days=90,
        smallest=7,
        largest=3650,
        why="Tonight's pass is compared with those of the week.",
        older=lambda before: FullPass.objects.filter(started_at__lt=before),
    ),
)


def chunks() -> Iterator[list[int]]:
    """The ids of all accounts that have facts, in order, `CHUNK` at a time."""
    last = 0
    rows = AccountFacts.objects.order_by("pk").values_list("pk", flat=True)
    while ids := list(rows.filter(pk__gt=last)[:CHUNK]):
        yield ids
        last = ids[-1]


def _scanned(asked: Plan, ids: Collection[int], *, is_waking: bool) -> Iterator[tuple[list[Rule], list[Found]]]:
    """Rules with the accounts in a chunk that differ in them. Writes nothing, so no stratum moves what others read."""
    ordered = sorted(ids)
    scope = Scope.between(ordered[0] - 1, ordered[-1])
    for batch in asked.batches:
        rules = list(chain(*batch))
        waking = asked.watched if is_waking and batch is asked.batches[-1] else None
        yield rules, scan(rules, scope, columns=asked.columns, moment=asked.moment, waking=waking)


def _different(asked: Plan, ids: Collection[int]) -> list[int]:
    return sorted({one.account_id for _, found in _scanned(asked, ids, is_waking=True) for one in found})


def _put_right(ids: Collection[int], report: Report, *, at: dt.datetime | None) -> None:
    """Runs a pass over these accounts; what it turns without a mark or a due time had been missed."""
    waiting = set(ids)
    while waiting:
        with lane("evaluation"), lane("facts"):  # a change in between would look like one that was missed
            moment = at or now()
            marks = events.marks(DirtyAccount.Pass.VERDICTS, limit=MANY, account_ids=waiting)
            ordered = sorted(marks, key=lambda mark: mark.cause != Edge.Cause.DEFINITION)  # what happened counts more
            marked = {mark.account_id: mark.cause for mark in ordered}
            due = Due.because(waiting - marked.keys() - _woken(waiting, moment), Edge.Cause.CORRECTION)
            unmarked = set(due.causes)
            due.causes |= dict.fromkeys(waiting - unmarked, Edge.Cause.TIME) | marked
            before = _latest()
            handled = evaluate(due, plan(at=moment))
            events.forget([mark for mark in marks if mark.account_id in handled])
            _count(report, before, handled, unmarked)
        waiting -= handled


def _woken(ids: Collection[int], at: dt.datetime) -> set[int]:
    due = Q(wake_at__lte=at) | Q(wake_on__lte=today(at))
    return set(Standing.objects.filter(due, pk__in=among(ids)).values_list("pk", flat=True))


def _latest() -> int:
    return Edge.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _count(report: Report, before: int, handled: Collection[int], unmarked: Collection[int]) -> None:
    turned = Edge.objects.filter(pk__gt=before, account__in=among(handled))
    for edge in turned.select_related("watch", "account").order_by("pk"):
        report.turned += 1
        if edge.account_id in unmarked:
            report.missed[edge.watch.key] += 1
            if len(report.examples) < MANY:
                report.examples.append(
                    f"{edge.account.name}: {edge.get_direction_display().lower()} ({edge.watch.key})"
                )


def differences(*, at: dt.datetime) -> Iterator[tuple[Account, list[Edge]]]:
    """The accounts for which a full pass at `at` would find other verdicts than are stored, with the edges.

    Writes nothing. Asks the facts as they are now, not as they were or will be at `at`.
    """
    asked = plan(at=at)
    for ids in chunks():
        edges: dict[int, list[Edge]] = defaultdict(list)
        for rules, found in _scanned(asked, ids, is_waking=False):
            causes = dict.fromkeys((one.account_id for one in found), Edge.Cause.TIME)
            for edge in turns(found, rules, asked, causes=causes).edges:
                edges[edge.account_id].append(edge)
        accounts = Account.objects.in_bulk(edges)
        yield from ((accounts[account_id], some) for account_id, some in sorted(edges.items()))
