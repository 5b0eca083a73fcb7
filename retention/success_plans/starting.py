"""Starting a plan: once for a won deal, or by hand; with its objectives, its path and its task lists."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.deals.models import Deal
from accounts.foundation import audit
from accounts.foundation.lanes import lane
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder, StakeholderRole
from accounts.team.models import User
from accounts.workspace.queries import workspace
from retention.slas.business_time import Hours
from retention.slas.hours import followed_by, hours, zone_of
from retention.success_plans import reviews, tasks
from retention.success_plans.choosing import Choice, people_by_role
from retention.success_plans.content import OURS, ObjectiveDraft, OfficeHoursDraft, TaskDraft
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.office_hours import services as meetings
from retention.success_plans.office_hours.models import OfficeHours
from retention.success_plans.template_models import PlanTemplateVersion

CSM, CHAMPION = "csm", StakeholderRole.Role.CHAMPION


class NoTemplate(ValidationError):
    """There is no template to make a plan from."""


class _Maker:
    """Makes the rows of one plan: knows who has which role on both sides, and when things are due."""

    def __init__(self, plan: SuccessPlan, *, by: Any, at: dt.datetime) -> None:
        self.plan, self.by, self.at = plan, by, at
        members = plan.account.members.select_related("user")
        self.ours: dict[str, User] = {one.part: one.user for one in members if one.user.is_active}
        self.theirs: dict[str, Stakeholder] = people_by_role(plan.account)
        self.zone = ZoneInfo(workspace().time_zone)
        self._hours: dict[int | None, Hours] = {}

    def due_at(self, due: str, owner: User | None) -> dt.datetime | None:
        """When something is due that is given so much time from the start, in the hours of its owner."""
        if not due:
            return None
        key = owner.pk if owner else None
        if key not in self._hours:
            self._hours[key] = hours(followed_by(owner), zone=zone_of(owner))
        return self._hours[key].due(due, start=self.plan.started_at)

    def day(self, due: str, owner: User | None) -> dt.date | None:
        """The same as a day of the workspace."""
        due_at = self.due_at(due, owner)
        return due_at.astimezone(self.zone).date() if due_at else None

    def objective(self, draft: ObjectiveDraft, position: int) -> PlanObjective:
        """One objective, with an owner on each side as far as they are known."""
        owner = self.ours.get(CSM)
        row = PlanObjective(
            **{name: getattr(draft, name) for name in ("key", "goal", "measure", "effort", "unit", "fact")},
            plan=self.plan,
            position=position,
            alert_percent=draft.alert_percent,
            is_shared=draft.is_shared,
            baseline=Decimal(draft.baseline) if draft.baseline else None,
            target=Decimal(draft.target) if draft.target else None,
            our_owner=owner,
            their_owner=self.theirs.get(draft.role or CHAMPION) or self.theirs.get(CHAMPION),
            due_on=self.day(draft.due, owner),
        )
        return audit.create(row, verb="objective.add", by=self.by, at=self.at)

    def task(self, draft: TaskDraft, position: int, *, of: str, towards: PlanObjective | None = None) -> PlanTask:
        """One task; one of ours becomes a work item of whoever has its role, else of the CSM."""
        is_ours = draft.side == OURS
        owner = (self.ours.get(draft.role) or self.ours.get(CSM)) if is_ours else None
        row = PlanTask(
            **{name: getattr(draft, name) for name in ("title", "result", "side", "role", "minutes", "repeat_days")},
            plan=self.plan,
            objective=towards,
            position=position,
            list=of,
            times_left=draft.times - 1 if draft.times else None,
            is_shared=draft.is_shared,
            our_owner=owner,
            their_owner=None if is_ours else self.theirs.get(draft.role) or self.theirs.get(CHAMPION),
            due_on=self.day(draft.due, owner),
        )
        return tasks.add(row, due_at=self.due_at(draft.due, owner), by=self.by, at=self.at)

    def office_hours(self, draft: OfficeHoursDraft) -> None:
        """A series held by whoever has its role, else by the CSM; none where nobody is there to hold it.

        It is reckoned in the customer's zone, from when it is to begin, and not before now.
        """
        host = self.ours.get(draft.role) or self.ours.get(CSM)
        if host is None:
            return
        begins = max(self.due_at(draft.starts, host) or self.plan.started_at, self.at)
        zone = self.plan.account.time_zone or workspace().time_zone
        series = OfficeHours(
            **{name: getattr(draft, name) for name in ("weekday", "minutes", "every_weeks")},
            plan=self.plan,
            host=host,
            title=draft.title[:120],
            time=dt.time.fromisoformat(draft.time),
            time_zone=zone,
            starts_on=begins.astimezone(ZoneInfo(zone)).date(),
        )
        series.until = series.cadence.day(draft.times - 1) if draft.times else None
        meetings.add(series, [self.plan.account], by=self.by, at=self.at)

    def add(self, version: PlanTemplateVersion) -> list[PlanTask]:
        """All that a template says."""
        self.aim(version)
        return self.fill(version)

    def aim(self, version: PlanTemplateVersion) -> None:
        """The objectives of a template."""
        first = self.plan.objectives.count()
        for place, draft in enumerate(version.content.objectives, start=first):
            self.objective(draft, place)

    def fill(self, version: PlanTemplateVersion) -> list[PlanTask]:
        """The tasks of a template, each towards the objective of the plan that it names."""
        towards = {one.key: one for one in self.plan.objectives.all() if one.key and one.is_open}
        of = version.template.key
        drafts = enumerate(version.content.tasks)
        for hours_draft in version.content.office_hours:
            self.office_hours(hours_draft)
        return [self.task(draft, n, of=of, towards=towards.get(draft.objective)) for n, draft in drafts]


def start_for(deal: Deal, *, won_at: dt.datetime, at: dt.datetime) -> SuccessPlan | None:
    """The plan of a won deal with path and lists; None where it has one already, or can have none.

    However many workers try, one plan comes of it: a deal has at most one, and they take turns.
    """
    with lane(f"plan of deal {deal.known_as}"):
        choice, made = Choice(), SuccessPlan.objects.filter(deal=deal).select_related("account").first()
        if made:
            return _carried_out(made, choice, won_at=won_at, at=at) if made.is_draft else None
        champion = people_by_role(deal.account).get(CHAMPION)
        template = choice.plan(deal.account, champion)
        if template is None:
            return None
        path = choice.path(deal.account)
        return _made(deal.account, template, path, choice.lists(), deal=deal, started_at=won_at, by=None, at=at)


def draft(account: Account, *, deal: Deal | None, by: Any, at: dt.datetime) -> SuccessPlan:
    """The plan by the persona of the champion, for `deal`: objectives alone until it is won; without one, a whole plan.

    Raises NoTemplate where nothing fits, and ValidationError where the deal has its plan.
    """
    if deal is None:
        return start(account, template=None, by=by, at=at)
    with lane(f"plan of deal {deal.known_as}"):
        if made := SuccessPlan.objects.filter(deal=deal).first():
            raise ValidationError({"plan": f"This deal has a plan already: {made}. Choose it."})
        template = Choice().plan(account, people_by_role(account).get(CHAMPION))
        if template is None:
            raise NoTemplate({"template": "No template fits; add plan templates to the playbook first."})
        if deal.state != Deal.State.WON:
            return _made(account, template, None, (), deal=deal, started_at=at, by=by, at=at, is_draft=True)
    made = start_for(deal, won_at=deal.closed_at or at, at=at)
    assert made is not None
    return made


@transaction.atomic
def _carried_out(plan: SuccessPlan, choice: Choice, *, won_at: dt.datetime, at: dt.datetime) -> SuccessPlan:
    """The deal of a draft is won: its tasks, path and lists join the objectives that were agreed."""
    path = choice.path(plan.account)
    begun = {"is_draft": False, "path": path, "started_at": won_at, "state": SuccessPlan.State.OPEN, "ended_at": None}
    audit.update(plan, verb="plan.start", by=None, at=at, **begun)
    maker = _Maker(plan, by=None, at=at)
    maker.fill(plan.template)
    for version in [*([path] if path else []), *choice.lists()]:
        maker.add(version)
    happened("plan.started", plan.account, by=None, at=at, subject=plan, name=plan.name)
    reviews.ask(plan, by=None, at=at)
    return plan


def start(
    account: Account,
    *,
    template: PlanTemplateVersion | None,
    by: Any,
    at: dt.datetime,
    path: PlanTemplateVersion | None = None,
    lists: Sequence[PlanTemplateVersion] = (),
    name: str = "",
) -> SuccessPlan:
    """A plan started by hand; without a `template` the one that fits. Raises NoTemplate where none does."""
    template = template or Choice().plan(account, people_by_role(account).get(CHAMPION))
    if template is None:
        raise NoTemplate({"template": "No template fits; choose one, or add templates to the playbook first."})
    return _made(account, template, path, lists, started_at=at, by=by, at=at, name=name)


@transaction.atomic
def _made(
    account: Account,
    template: PlanTemplateVersion,
    path: PlanTemplateVersion | None,
    lists: Sequence[PlanTemplateVersion],
    *,
    started_at: dt.datetime,
    by: Any,
    at: dt.datetime,
    deal: Deal | None = None,
    name: str = "",
    is_draft: bool = False,
) -> SuccessPlan:
    plan = SuccessPlan(account=account, deal=deal, template=template, path=path, started_at=started_at)
    plan.is_draft = is_draft
    plan.name = (name or f"{template.template.name} with {account.name}")[:200]
    plan.full_clean()
    audit.create(plan, verb="plan.start", by=by, at=at)
    maker = _Maker(plan, by=by, at=at)
    if is_draft:
        maker.aim(template)
    else:
        for version in [template, *([path] if path else []), *lists]:
            maker.add(version)
    kind = "plan.drafted" if is_draft else "plan.started"
    happened(kind, account, by=by, at=at, subject=plan, name=plan.name)
    reviews.ask(plan, by=by, at=at)
    return plan


@transaction.atomic
def add_list(plan: SuccessPlan, *, template: PlanTemplateVersion, by: Any, at: dt.datetime) -> list[PlanTask]:
    """Adds the tasks of a path or list to an open plan, due from now on; a list that is there already is refused."""
    tasks.take_plan(plan)
    if plan.tasks.filter(list=template.template.key).exists():
        raise ValidationError({"template": f"{template.template.name} is part of this plan already."})
    audit.record("plan.add_tasks", plan, by=by, at=at, after={"list": template.template.key})
    maker = _Maker(plan, by=by, at=at)
    maker.plan = SuccessPlan.objects.select_related("account").get(pk=plan.pk)
    maker.plan.started_at = at  # not saved: what is added today is due from today on
    return maker.add(template)
