"""Success plans on the REST API: templates, plans, objectives, tasks, wins and links."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter, NumberOf
from accounts.team.rest import Conflict, Listed, NumberedViewSet, ScopedViewSet
from retention.success_plans import api_drafts as drafts
from retention.success_plans import api_rows as rows
from retention.success_plans import links, objectives, reviews, services, starting, tasks
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.outcome_models import PlanLink, PlanWin
from retention.success_plans.template_models import PlanTemplate
from retention.success_plans.versions import NotPossible


class PlanTemplateFilters(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=PlanTemplate.Kind.choices, label="What is made from it.")


class PlanTemplateViewSet(Listed, ScopedViewSet):
    """Templates as their versions in force say them."""

    area = Area.DEFINITIONS
    queryset = PlanTemplate.objects.prefetch_related("versions")
    serializer_class = rows.PlanTemplateSerializer
    filterset_class = PlanTemplateFilters


class _Rows(Listed, NumberedViewSet):
    """Rows of plans: added, changed under a version, and moved by verbs that answer 409 where they cannot be."""

    area = Area.ACCOUNTS

    def _done(self, verb: Any, row: Any, *, code: int = 200, **values: Any) -> Response:
        try:
            return self.answer(verb(row, by=self.caller, at=now(), **values), code=code)
        except NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None

    def _added(self, verb: Any, draft: type[serializers.Serializer[Any]]) -> Response:
        values = self.body(draft)
        return self._done(verb, values.pop("plan"), code=201, **values)


class SuccessPlanFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    state = filters.ChoiceFilter(choices=SuccessPlan.State.choices, label="State of the plan.")
    deal = NumberOf("deal", label="Number of the deal it was started for.")


class SuccessPlanViewSet(_Rows):
    """Success plans, newest first. The deal of a new customer that is won starts one by itself."""

    queryset = SuccessPlan.objects.select_related(
        *("account__facts", "template__template", "path__template", "review"),
    ).prefetch_related("objectives", "tasks")
    serializer_class = rows.SuccessPlanSerializer
    filterset_class = SuccessPlanFilters
    order = "-started_at"

    @extend_schema(request=drafts.PlanDraft, responses={201: rows.SuccessPlanSerializer})
    def create(self, request: Request) -> Response:
        """Starts a plan by hand."""
        values = self.body(drafts.PlanDraft)
        values.setdefault("template", None)
        return self._done(starting.start, values.pop("account"), code=201, **values)

    @extend_schema(request=drafts.PlanChange, responses=rows.SuccessPlanSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given."""
        plan = self.get_object()
        return self._done(services.change, plan, **self.body(drafts.PlanChange))

    @extend_schema(request=drafts.ListDraft, responses=rows.SuccessPlanSerializer)
    @action(detail=True, methods=["post"], url_path="add-tasks")
    def add_tasks(self, request: Request, id: str) -> Response:  # noqa: A002
        """Adds the tasks of a list or path, due from now on."""
        plan, values = self.get_object(), self.body(drafts.ListDraft)

        def add(row: SuccessPlan, **given: Any) -> SuccessPlan:
            starting.add_list(row, **given)
            return row

        return self._done(add, plan, **values)

    @extend_schema(request=drafts.Holding, responses=rows.SuccessPlanSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets a plan rest; its CSM is asked to decide. 409 where it is not under way."""
        plan, values = self.get_object(), self.body(drafts.Holding)
        return self._done(services.hold, plan, because=values["reason"])

    @extend_schema(request=None, responses=rows.SuccessPlanSerializer)
    @action(detail=True, methods=["post"], url_path="go-on")
    def go_on(self, request: Request, id: str) -> Response:  # noqa: A002
        """Goes on with a plan that rested or was completed. 409 where it is under way."""
        return self._done(services.go_on, self.get_object())

    @extend_schema(request=None, responses=rows.SuccessPlanSerializer)
    @action(detail=True, methods=["post"])
    def complete(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ends a plan; work that is left is closed as not needed. 409 where it has ended."""
        return self._done(services.complete, self.get_object())

    @extend_schema(request=None, responses=rows.SuccessPlanSerializer)
    @action(detail=True, methods=["post"])
    def review(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says that the plan was reviewed with the customer; the next review is due. 409 where it is not under way."""
        return self._done(reviews.hold, self.get_object())


class _OfPlan(filters.FilterSet):
    account = filters.CharFilter("plan__account__key", label="Key of the account.")
    plan = NumberOf("plan", label="Number of the plan.")


class PlanObjectiveFilters(_OfPlan):
    state = filters.ChoiceFilter(choices=PlanObjective.State.choices, label="State of the objective.")


class PlanObjectiveViewSet(_Rows):
    """Objectives of plans."""

    queryset = PlanObjective.objects.select_related("plan__account", "our_owner", "closed_by")
    serializer_class = rows.PlanObjectiveSerializer
    filterset_class = PlanObjectiveFilters

    @extend_schema(request=drafts.ObjectiveDraft, responses={201: rows.PlanObjectiveSerializer})
    def create(self, request: Request) -> Response:
        """Adds an objective to a plan. 409 where the plan is not under way."""
        return self._added(objectives.add, drafts.ObjectiveDraft)

    @extend_schema(request=drafts.ObjectiveChange, responses=rows.PlanObjectiveSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given. 409 where somebody saved it since the version you name."""
        row = self.get_object()
        return self._done(objectives.change, row, **self.body(drafts.ObjectiveChange))

    @extend_schema(request=drafts.ObjectiveClosing, responses=rows.PlanObjectiveSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, id: str) -> Response:  # noqa: A002
        """Closes it as reached. 400 names what is missing: owners, effort, date, evidence, next step."""
        row = self.get_object()
        return self._done(objectives.close, row, **self.body(drafts.ObjectiveClosing))

    @extend_schema(request=None, responses=rows.PlanObjectiveSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, id: str) -> Response:  # noqa: A002
        """Opens it again. 409 where it is open."""
        return self._done(objectives.reopen, self.get_object())

    @extend_schema(request=drafts.Dropping, responses=rows.PlanObjectiveSerializer)
    @action(detail=True, methods=["post"])
    def drop(self, request: Request, id: str) -> Response:  # noqa: A002
        """Gives it up; it counts no longer. 409 where it is not open."""
        row = self.get_object()
        return self._done(objectives.drop, row, **self.body(drafts.Dropping))


class PlanTaskFilters(_OfPlan):
    state = filters.ChoiceFilter(choices=PlanTask.State.choices, label="State of the task.")
    side = filters.ChoiceFilter(choices=PlanTask.Side.choices, label="Whose it is.")


class PlanTaskViewSet(_Rows):
    """Tasks of plans. One of ours is a work item as well: ending either ends both."""

    queryset = PlanTask.objects.select_related("plan__account", "our_owner", "done_by")
    serializer_class = rows.PlanTaskSerializer
    filterset_class = PlanTaskFilters

    @extend_schema(request=drafts.TaskDraft, responses={201: rows.PlanTaskSerializer})
    def create(self, request: Request) -> Response:
        """Adds a task to a plan. 409 where the plan is not under way."""
        return self._added(tasks.add_by_hand, drafts.TaskDraft)

    @extend_schema(request=drafts.TaskChange, responses=rows.PlanTaskSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given. 409 where somebody saved it since the version you name."""
        row = self.get_object()
        return self._done(tasks.change, row, **self.body(drafts.TaskChange))

    @extend_schema(request=None, responses=rows.PlanTaskSerializer)
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ticks it. 409 where it has ended."""
        return self._done(tasks.finish, self.get_object())

    @extend_schema(request=None, responses=rows.PlanTaskSerializer)
    @action(detail=True, methods=["post"])
    def skip(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says that it is not needed. 409 where it has ended."""
        return self._done(tasks.finish, self.get_object(), state=PlanTask.State.SKIPPED)

    @extend_schema(request=None, responses=rows.PlanTaskSerializer)
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, id: str) -> Response:  # noqa: A002
        """Takes the tick back. 409 where it is open."""
        return self._done(tasks.reopen, self.get_object())


class PlanWinViewSet(_Rows):
    """What became better."""

    queryset = PlanWin.objects.select_related("plan__account")
    serializer_class = rows.PlanWinSerializer
    filterset_class = _OfPlan

    @extend_schema(request=drafts.WinDraft, responses={201: rows.PlanWinSerializer})
    def create(self, request: Request) -> Response:
        """Writes down what became better."""
        return self._added(services.add_win, drafts.WinDraft)

    @extend_schema(request=drafts.WinChange, responses=rows.PlanWinSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given. 409 where somebody saved it since the version you name."""
        row = self.get_object()
        return self._done(services.change_win, row, **self.body(drafts.WinChange))


class PlanLinkFilters(_OfPlan):
    revoked = FlagFilter("revoked_at", lookup_expr="isnull", exclude=True, label="Whether it was revoked.")


class PlanLinkViewSet(_Rows):
    """Addresses at which the customer sees a plan."""

    queryset = PlanLink.objects.select_related("plan__account", "stakeholder")
    serializer_class = rows.PlanLinkSerializer
    filterset_class = PlanLinkFilters
    order = "-made_at"

    @extend_schema(request=drafts.LinkDraft, responses={201: rows.PlanLinkSerializer})
    def create(self, request: Request) -> Response:
        """Makes a link for one person at the customer."""
        return self._added(links.share, drafts.LinkDraft)

    @extend_schema(request=None, responses=rows.PlanLinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ends it at once. 409 where it is revoked."""
        return self._done(links.revoke, self.get_object())


ROUTES = {
    "plan-templates": PlanTemplateViewSet,
    "success-plans": SuccessPlanViewSet,
    "plan-objectives": PlanObjectiveViewSet,
    "plan-tasks": PlanTaskViewSet,
    "plan-wins": PlanWinViewSet,
    "plan-links": PlanLinkViewSet,
}
