import datetime as dt
from collections.abc import Set
from typing import Any

from django.db import models, transaction
from django.db.models import F

from accounts.foundation import audit, bell, many
from accounts.portfolio.events import happened, happened_to_rows
from plays.decisions.models import Decision
from plays.definitions.models import StepDefinition
from plays.runs.models import Run, StepRun
from retention.work.models import WorkItem


class RunAlreadyOpen(RuntimeError):
    """A run of this play is open for this account; nothing was started."""


@transaction.atomic
def start(decision: Decision, *, at: dt.datetime, by: Any = None) -> Run:
    """The run that `decision` asks for, with its first step due."""
    if Run.objects.filter(play=decision.play, account=decision.account, state=Run.State.OPEN).exists():
        raise RunAlreadyOpen(f"{decision.play} is running for {decision.account} already.")
    start_many(Decision.objects.filter(pk=decision.pk), versions={decision.version_id}, by=by, at=at)
    return Run.objects.get(decision=decision)


@transaction.atomic
def start_many(decisions: models.QuerySet[Decision], *, versions: Set[int], by: Any, at: dt.datetime) -> int:
    """Starts the run that each of `decisions` asks for, with its first step due; returns how many.

    `versions` are the ids of those that they follow. Takes as many statements as for one run. Raises IntegrityError,
    and starts none, where one is open already.
    """
    same = {name: F(name) for name in ("play_id", "version_id", "account_id", "occurrence_key")}
    told = same | {"decision_id": F("pk")}
    started = many.insert_from(Run, decisions, **_columns(told), state=Run.State.OPEN, started_at=at)
    if started:
        runs = Run.objects.filter(decision__in=decisions.order_by().values("pk"))
        after = same | {"id": F("pk"), "decision_id": F("decision_id"), "state": Run.State.OPEN, "started_at": at}
        audit.created_together(runs, verb="run.start", by=by, at=at, after=after)
        clauses = many.as_json("decision__clauses")
        happened_to_rows("run.started", runs, by=by, at=at, play=F("play__name"), clauses=clauses)
        _first_steps(runs, versions, at=at)
    return started


def _columns(values: dict[str, Any]) -> dict[str, Any]:
    return {name.removesuffix("_id"): value for name, value in values.items()}


def _first_steps(runs: models.QuerySet[Run], versions: Set[int], *, at: dt.datetime) -> None:
    steps = StepDefinition.objects.filter(version__in=versions).order_by("-position")
    first = {version: pk for version, pk in steps.values_list("version", "pk")}
    many.insert_from(
        StepRun,
        runs.filter(version__steps__in=first.values()),
        run=F("pk"),
        definition=F("version__steps__pk"),
        state=StepRun.State.DUE,
        next_attempt_at=at,
        fence=0,
        tries=0,
        error="",
    )
    if without := versions - first.keys():
        for run in runs.filter(version__in=without):  # a play without steps has nothing to wait for
            _next_step(run, after=-1, at=at)
    bell.ring()


def handed_over(step: StepRun, *, item: WorkItem) -> None:
    """Notes that `step` waits for a person to do `item`."""
    StepRun.objects.filter(pk=step.pk).update(work_item=item)


@transaction.atomic
def step_done(step: StepRun, *, at: dt.datetime) -> None:
    """Ends `step` and makes the next one due; after the last one the run ends. Harmless when done before."""
    open_ = StepRun.objects.filter(pk=step.pk).exclude(state__in=(StepRun.State.DONE, StepRun.State.DISCARDED))
    if open_.update(state=StepRun.State.DONE, ended_at=at):
        go_on(step, at=at)


@transaction.atomic
def go_on(step: StepRun, *, at: dt.datetime) -> None:
    """Makes the step after `step` due, which was done or discarded just now; after the last one the run ends."""
    _next_step(step.run, after=step.definition.position, at=at)


def _next_step(run: Run, *, after: int, at: dt.datetime) -> None:
    following = run.version.steps.filter(position__gt=after).first()
    if following is None:
        audit.update(run, verb="run.end", by=None, at=at, state=Run.State.ENDED, ended_at=at)
        happened("run.ended", run.account, by=None, at=at, subject=run, play=run.play.name)
        return
    StepRun.objects.create(run=run, definition=following, next_attempt_at=at)
    bell.ring()
