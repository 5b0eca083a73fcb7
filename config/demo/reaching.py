"""A customer whose onboarding went well: handed over and accepted, a plan shared, an objective reached, a win told."""

import datetime as dt
from typing import Any

from accounts.deals import services as deals
from accounts.foundation import audit
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from config.demo import handing, said
from config.demo.handing import DAY, HOUR, Desk
from retention.handoffs import services as handoffs
from retention.success_plans import links, objectives, reviews, services, starting, tasks
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.work import effort

NAME, CSM = "Kestrel Hill Robotics", "maya"
LEFT_OPEN = 3
"""Tasks of the customer that were put off to the coming days."""


def tell(desk: Desk) -> None:
    """Handed over when the contract was signed, and what has become of the plan since."""
    account = Account.objects.get(name=NAME)
    contract = account.contracts.order_by("signed_at")[0]
    won_at = contract.signed_at
    deal = desk.win(account, at=won_at, seats=contract.seats, amount_minor=contract.arr_minor)
    deals.decline(deal.proposal, reason=said.SIGNED_BEFORE, by=desk["liam"], at=won_at)
    handoff = handing.submitted(desk, deal, at=won_at + HOUR)
    starting.start_for(deal, won_at=won_at, at=won_at + HOUR)
    plan = SuccessPlan.objects.filter(deal=deal).first()  # drafted with the handoff, where its checklist asks for one
    if handoff is None or plan is None:
        return
    accepted_at = won_at + DAY + HOUR
    for promise, (verdict, note) in zip(handoff.promises.all(), said.VERDICTS, strict=False):
        handoffs.judge(promise, verdict=verdict, note=note, by=desk[CSM], at=accepted_at)
    handoffs.accept(handoff, by=desk[CSM], at=accepted_at)
    _carry_out(desk, plan)


def _carry_out(desk: Desk, plan: SuccessPlan) -> None:
    """The admin at the customer follows the plan at her link and ticks what she has done."""
    csm, admin = desk[CSM], handing.people(plan.account)["admin"]
    link = links.share(plan, stakeholder=admin, by=csm, at=plan.started_at + 2 * DAY)
    with audit.through("shared"):
        links.seen(link, at=desk.ago(1, hour=18))
    rows = plan.tasks.select_related("work_item", "our_owner", "their_owner", "plan__account")
    due = [task for task in rows.order_by("due_on", "pk") if task.due_on and task.due_on < desk.moment.date()]
    put_off = [task for task in due if task.their_owner == admin][-LEFT_OPEN:]
    for number, task in enumerate(put_off):
        tasks.change(task, version=None, due_on=(desk.moment + (3 + 3 * number) * DAY).date(), by=csm, at=desk.ago(6))
    for task in due:
        if task not in put_off:
            _done(task, csm, by_link=task.their_owner == admin, moment=desk.moment)
    _reviewed(desk, plan)
    _reached(desk, plan, plan.objectives.select_related("plan__account", "their_owner").order_by("position")[0])


def _reviewed(desk: Desk, plan: SuccessPlan) -> None:
    """Looked at together each time it was due, so that the next review lies ahead."""
    every = plan.review_days * DAY
    while (plan.reviewed_at or plan.started_at) + every < desk.moment:
        reviews.hold(plan, by=desk[CSM], at=(plan.reviewed_at or plan.started_at) + every)


def _done(task: PlanTask, csm: User, *, by_link: bool, moment: dt.datetime) -> None:
    assert task.due_on is not None
    at = min(dt.datetime.combine(task.due_on, dt.time(16), dt.UTC), moment)
    if by_link:
        tasks.finish(task, by=None, customer=task.their_owner, at=at)
        return
    if task.work_item and task.minutes:
        effort.spend(task.work_item, minutes=task.minutes, by=task.our_owner or csm, at=at)
    tasks.finish(task, by=task.our_owner or csm, at=at)


def _reached(desk: Desk, plan: SuccessPlan, objective: PlanObjective) -> None:
    """The first objective is closed with its evidence, and the win credits the customer's team."""
    champion: Stakeholder = handing.people(plan.account)["champion"]
    owners: dict[str, Any] = {"their_owner": objective.their_owner or champion, "our_owner": desk[CSM]}
    at = desk.ago(12)
    told: dict[str, Any] = {"value": objective.target, "evidence": said.EVIDENCE, "next_step": said.NEXT_STEP}
    objectives.close(objective, by=desk[CSM], at=at, **owners, **told)
    services.add_win(
        plan, objective=objective, thanks_to=champion, happened_on=at.date(), by=desk[CSM], at=at, **said.WIN
    )
