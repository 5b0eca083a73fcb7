"""The step *human task*: a piece of work for a person, with a due time in business time."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from accounts.facts.queries import rows_of, values
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import holder
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from plays.runs import services as runs
from plays.runs.models import StepRun
from plays.steps.registry import StepKind, Trouble, step_kinds
from retention.conditions.check import problems
from retention.conditions.comparing import Moment
from retention.conditions.evaluate import compile_closure
from retention.conditions.language import FactType
from retention.evaluation.rules import read
from retention.slas import business_time
from retention.work import services as work

FIELDS = ("owner", "title", "guidance", "due", "sooner")
OWNERS = dict(AccountMember.Part.choices)


def check(config: dict[str, Any], facts: Mapping[str, FactType]) -> list[Trouble]:
    """What is wrong with the configuration of a human task, whose condition may read `facts`."""
    found = [
        Trouble(f".{name}", f"unknown key; a human task has {', '.join(sorted(FIELDS))}")
        for name in config
        if name not in FIELDS
    ]
    if not isinstance(config.get("title"), str) or not config["title"].strip():
        found.append(Trouble(".title", "is missing; say in a few words what to do"))
    if not isinstance(config.get("guidance", ""), str):
        found.append(Trouble(".guidance", "expected some text"))
    if config.get("owner") not in list(OWNERS):
        found.append(Trouble(".owner", f"expected one of {', '.join(OWNERS)}"))
    found += _check_duration(config.get("due"), ".due")
    return found + _check_sooner(config.get("sooner"), facts)


def _check_duration(text: Any, path: str) -> list[Trouble]:
    try:
        business_time.parse(text if isinstance(text, str) else "")
    except business_time.NotADuration as error:
        return [Trouble(path, str(error))]
    return []


def _check_sooner(sooner: Any, facts: Mapping[str, FactType]) -> list[Trouble]:
    if sooner is None:
        return []
    if not isinstance(sooner, dict) or sooner.keys() != {"when", "due"}:
        return [Trouble(".sooner", "expected a condition under `when` and a duration under `due`")]
    found = [
        Trouble(f".sooner.when{problem.path.removeprefix('$')}", problem.message)
        for problem in problems(sooner["when"], facts, allow_held_for=False)
    ]
    return found + _check_duration(sooner["due"], ".sooner.due")


def start(step: StepRun, at: dt.datetime) -> None:
    """Gives the task to the owner the step names; where nobody is, to somebody who will find one."""
    config, account = step.definition.config, step.run.account
    owner = holder(account, config["owner"])
    title = config["title"].replace("{account}", account.name)
    if owner is None:
        owner, title = _stand_in(), f"No {OWNERS[config['owner']]} yet: {title}"
    item = work.open_item(
        account,
        title=title,
        guidance=config.get("guidance", ""),
        assignee=owner,
        by=None,
        at=at,
        within=_within(config, account, at=at),
    )
    runs.handed_over(step, item=item)


def _stand_in() -> User | None:
    """The operator who hears of accounts without an owner."""
    return User.objects.filter(is_active=True, role__key="operator").order_by("pk").first()


def _within(config: dict[str, Any], account: Account, *, at: dt.datetime) -> str:
    """The time that the task is given."""
    sooner = config.get("sooner")
    return str(sooner["due"] if sooner and _holds(sooner["when"], account, at=at) else config["due"])


def _holds(source: dict[str, Any], account: Account, *, at: dt.datetime) -> bool:
    condition, row = read(source), rows_of([account.pk]).get(account.pk)
    if row is None:
        return False
    facts = values(row, currency=base_currency())
    return compile_closure(condition)(facts, Moment(as_of=at, today=today(at))) is True


step_kinds.add("human_task", StepKind("Human task", check, start, fields=("when", *FIELDS)))
