"""Deciding about many edges and starting their runs, against `bulk_create` of the same rows."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from django.db.models import Count

from accounts.foundation import many
from accounts.foundation.models import AuditEntry
from accounts.portfolio.models import Account, AccountEvent
from plays.decisions.models import Decision
from plays.definitions import services as definitions
from plays.definitions.services import PlayDraft, StepDraft
from plays.runs.models import Run, StepRun
from plays.triggers import services as triggers
from retention.evaluation.models import Edge, Watch
from tests import trail
from tests.benchmarks.book import AT, analyze
from tests.benchmarks.harness import Result, Side, agree, at_least, at_most, compared, figure, in_turns
from tests.threads import at_once

MOST = 10_000
ROUNDS = 3
RACERS = 4
WRITTEN: tuple[type[models.Model], ...] = (StepRun, Run, Decision, AccountEvent, AuditEntry)
CLAUSES = [
    {"fact": "active_users_change_30d", "operator": "lessThan", "value": -0.3, "observed": -0.41, "truth": True},
    {"fact": "arr", "operator": "greaterThan", "value": 10_000, "observed": 48_000, "truth": True},
]
CONDITION = {"fact": "active_users_30d", "operator": "lessThan", "value": 0}


@dataclass(frozen=True)
class Prepared:
    """A play, and how many accounts have just entered its condition."""

    watch: Watch
    count: int


def prepare(size: int) -> Prepared:
    """Accounts, an active play, and an edge that nobody has looked at for each account."""
    count = min(MOST, size)
    step = StepDraft("call", "human_task", {"title": "Call {account}", "owner": "csm", "due": "1 bd"})
    draft = PlayDraft("drop", "Usage drop", "Talk in time.", "critical", CONDITION, 60, [step])
    version = definitions.publish(draft, by=None, at=AT)
    definitions.activate(version.play, by=None, at=AT)
    watch = Watch.objects.get(key=version.play.watch_key)
    rows = [Account(key=f"a{n}", name=f"Account {n}", created_at=AT) for n in range(count)]
    many.insert(Account, rows)  # after the play: its first look at the book is not what is measured
    many.insert(Edge, [_edge(watch, account.pk) for account in rows])
    analyze()
    return Prepared(watch, count)


def _edge(watch: Watch, account_id: int) -> Edge:
    entered = Edge.Direction.ENTERED
    return Edge(watch=watch, account_id=account_id, n=1, direction=entered, cause="data", at=AT, clauses=CLAUSES)


def runs(prepared: Prepared) -> Iterator[Result]:
    """Firing of 10 000 runs, against bulk_create of the same rows"""
    _again()
    agree("edges looked at", _fire(), prepared.count)
    _check(prepared)
    same = _Same()
    ours = Side(_fire, before=_again, after=lambda: _check(prepared))
    theirs = Side(same.store, before=same.copy)
    taken = in_turns(ours, theirs, rounds=ROUNDS)
    name = f"Firing of {prepared.count:,} runs"
    yield compared(name, *taken, against="bulk_create of the same rows", budget=at_least(4))


def racing(prepared: Prepared) -> Iterator[Result]:
    """The same edges, fired by four threads at once"""
    _again()
    at_once(*[_fire] * RACERS)
    _check(prepared)
    double = Run.objects.values("account").annotate(times=Count("pk")).filter(times__gt=1).count()
    yield figure(f"Runs that are double, of {prepared.count:,} fired by {RACERS} threads", double, "", at_most(0))


def _fire() -> int:
    looked_at = 0
    while some := triggers.fire(at=AT + dt.timedelta(minutes=1)):
        looked_at += some
    return looked_at


def _again() -> None:
    _clear()
    Edge.objects.update(pending=True)
    _tidy(Edge)


def _clear() -> None:
    with transaction.atomic():
        trail.forget()  # which lets nobody delete anything
        for model in WRITTEN:
            model._base_manager.filter(**_ours(model)).delete()
    for model in WRITTEN:
        _tidy(model)


def _tidy(model: type[models.Model]) -> None:
    """What was deleted costs nobody anything."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f'VACUUM ANALYZE "{model._meta.db_table}"')


def _ours(model: type[models.Model]) -> dict[str, Any]:
    return {AccountEvent: {"kind": "run.started"}, AuditEntry: {"verb": "run.start"}}.get(model, {})


def _check(prepared: Prepared) -> None:
    """Every promised row is there, once."""
    counts = Counter({model.__name__: model._base_manager.filter(**_ours(model)).count() for model in WRITTEN})
    agree("rows", dict(counts), {model.__name__: prepared.count for model in WRITTEN})
    agree("decisions", set(Decision.objects.values_list("outcome", flat=True)), {"fired"})


class _Same:
    """The rows that firing wrote, as Django would store them."""

    def __init__(self) -> None:
        self.rows = {model: list(model._base_manager.filter(**_ours(model)).order_by("pk")) for model in WRITTEN}

    def copy(self) -> None:
        """Makes them new again: their ids are given when they are stored, as for ours."""
        _clear()
        steps, runs_, decisions = (self.rows[model] for model in (StepRun, Run, Decision))
        for step, run, decision in zip(steps, runs_, decisions, strict=True):
            run.decision, step.run = decision, run
        for rows in self.rows.values():
            for row in rows:
                row.pk, row._state.adding = None, True

    def store(self) -> None:
        with transaction.atomic():
            for model in reversed(WRITTEN[:3]):
                self._link(model)
                model._base_manager.bulk_create(self.rows[model], batch_size=500)
            for model in WRITTEN[3:]:
                model._base_manager.bulk_create(self.rows[model], batch_size=500)

    def _link(self, model: type[models.Model]) -> None:
        for row in self.rows[model]:
            if isinstance(row, Run):
                row.decision_id = row.decision.pk
            elif isinstance(row, StepRun):
                row.run_id = row.run.pk
