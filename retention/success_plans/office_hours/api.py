"""Office hours on the REST API: series, the next date, who came."""

import datetime as dt
from typing import Any

from django.db import models
from django.db.models import Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.filters import FlagFilter, NumberOf
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, PersonField, Strict
from accounts.touches.models.touch import LONGEST_TEXT
from retention.success_plans.api_drafts import RowField
from retention.success_plans.models import PlanTask, SuccessPlan
from retention.success_plans.office_hours import attending, services
from retention.success_plans.office_hours.models import (
    MOST_MINUTES,
    MOST_WEEKS,
    OfficeHours,
    OfficeHoursGuest,
    OfficeHoursSession,
    Weekday,
)
from retention.success_plans.office_hours.queries import complete_rows, next_start
from retention.success_plans.versions import NotPossible


@extend_schema_field({"type": "string", "format": "time-local", "pattern": r"^([01]\d|2[0-3]):[0-5]\d$"})
class MinuteOfDay(serializers.TimeField):
    """A time of day such as 15:00, by the zone beside it; what the document calls `time` carries an offset."""

    def __init__(self, **options: Any) -> None:
        super().__init__(format="%H:%M", input_formats=["%H:%M"], **options)


class OfficeHoursSerializer(serializers.ModelSerializer):
    """A meeting that comes again, in which customers ask and are answered."""

    plan = serializers.IntegerField(
        source="plan_id", read_only=True, allow_null=True, help_text="Number of the plan; null: for a set of accounts."
    )
    accounts = serializers.SerializerMethodField(help_text="Keys of the accounts invited, as far as you see them.")
    host = serializers.CharField(source="host.username", read_only=True)
    time = MinuteOfDay(read_only=True)
    next_at = serializers.SerializerMethodField(help_text="When it is next; null where it rests or is over.")
    last_came = serializers.SerializerMethodField(help_text="How many came last time; null where none was held.")

    class Meta:
        model = OfficeHours
        fields = [
            *("id", "plan", "accounts", "title", "host", "weekday", "time", "time_zone", "minutes", "every_weeks"),
            *("join_url", "starts_on", "until", "ended_at", "next_at", "last_came"),
        ]
        read_only_fields = fields

    def get_accounts(self, series: OfficeHours) -> list[str]:
        return [guest.account.key for guest in series.guests.all()]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_next_at(self, series: OfficeHours) -> dt.datetime | None:
        return next_start(series, at=now())

    def get_last_came(self, series: OfficeHours) -> int | None:
        held = OfficeHoursSession.State.HELD
        return next((one.came for one in series.sessions.all() if one.state == held), None)


class _Series(Strict):
    title = serializers.CharField(max_length=120)
    host = PersonField(help_text="Username or e-mail address of who holds them.")
    weekday = serializers.ChoiceField(choices=Weekday.choices)
    time = MinuteOfDay(help_text="Such as 15:00, by its time zone.")
    time_zone = serializers.CharField(max_length=64, help_text="Such as Europe/Berlin.")
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES, help_text="How long.")
    every_weeks = serializers.IntegerField(required=False, min_value=1, max_value=MOST_WEEKS)
    join_url = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="Where one joins.")
    starts_on = serializers.DateField()
    until = serializers.DateField(required=False, allow_null=True, help_text="Null: without an end.")


def _accounts(**options: Any) -> serializers.ListField:
    return serializers.ListField(
        child=KeyField(Account), required=False, min_length=1, max_length=services.MANY_GUESTS, **options
    )


class OfficeHoursDraft(_Series):
    """A series to plan: for a plan, or for accounts."""

    plan = RowField(SuccessPlan, required=False, allow_null=True)
    instead_of = RowField(
        PlanTask,
        required=False,
        allow_null=True,
        help_text="Number of an open task of the plan that comes again, which the series replaces.",
    )
    accounts = _accounts(help_text="Keys of the accounts invited, where it is no plan's.")

    def validate(self, values: dict[str, Any]) -> dict[str, Any]:
        """Either a plan or accounts; a task to replace only with its plan."""
        if bool(values.get("plan")) == bool(values.get("accounts")):
            raise serializers.ValidationError({"accounts": "Give either a plan or the accounts."})
        if values.get("instead_of") and not values.get("plan"):
            raise serializers.ValidationError({"instead_of": "Give the plan whose task it is."})
        return values


class OfficeHoursChange(_Series):
    """What is changed of a series; what is left out stays."""

    accounts = _accounts(help_text="Keys of all accounts invited, where it is no plan's.")

    def get_fields(self) -> dict[str, Any]:
        """The same fields, none of them needed."""
        found = super().get_fields()
        for field in found.values():
            field.required = False
        return found


class Attendance(Strict):
    """Who came to the date that was next."""

    came = serializers.ListField(
        child=RowField(Stakeholder), max_length=500, help_text="Numbers of the stakeholders; empty: nobody."
    )
    text = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_TEXT, help_text="What was asked.")
    minutes = serializers.IntegerField(required=False, min_value=1, max_value=MOST_MINUTES)


class LeftOut(Strict):
    """Why a date is not held."""

    reason = serializers.CharField(max_length=500)


class OfficeHoursFilters(filters.FilterSet):
    account = filters.CharFilter("guests__account__key", label="Key of an account invited.", distinct=True)
    plan = NumberOf("plan", label="Number of the plan.")
    host = filters.CharFilter("host__username", label="Username of who holds them.")
    ended = FlagFilter("ended_at", lookup_expr="isnull", exclude=True, label="Whether they were ended.")


class OfficeHoursViewSet(Listed, NumberedViewSet):
    """Series of office hours. The next date is work of the host; who came is a touch of each customer."""

    area = Area.ACCOUNTS
    queryset: models.QuerySet[Any] = complete_rows(OfficeHours.objects.all())
    serializer_class = OfficeHoursSerializer
    filterset_class = OfficeHoursFilters

    def get_queryset(self) -> Any:
        return self._with_guests(super().get_queryset())

    def _with_guests(self, rows: Any) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return rows
        guests = OfficeHoursGuest.objects.for_user(self.caller).select_related("account")
        return rows.prefetch_related(Prefetch("guests", guests))

    def answer(self, row: models.Model, *, code: int = 200) -> Response:
        """The series as it stands now, with the accounts that the caller sees."""
        fresh = self._with_guests(complete_rows(OfficeHours.objects.all())).get(pk=row.pk)
        return Response(self.get_serializer(fresh).data, status=code)

    def _done(self, verb: Any, row: Any, **values: Any) -> None:
        try:
            verb(row, by=self.caller, at=now(), **values)
        except NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None

    @extend_schema(request=OfficeHoursDraft, responses={201: OfficeHoursSerializer})
    def create(self, request: Request) -> Response:
        """Plans a series. 409 where the plan is not under way."""
        values = self.body(OfficeHoursDraft)
        plan, accounts = values.pop("plan", None), values.pop("accounts", [])
        try:
            if plan:
                series = services.plan_for(plan, by=self.caller, at=now(), **values)
            else:
                values.pop("instead_of", None)
                series = services.plan_together(accounts, by=self.caller, at=now(), **values)
        except NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None
        return self.answer(series, code=201)

    @extend_schema(request=OfficeHoursChange, responses=OfficeHoursSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Changes the fields that are given; the next date follows. 409 where they were ended."""
        series = self.get_object()
        self._done(services.change, series, **self.body(OfficeHoursChange))
        return self.answer(series)

    @extend_schema(request=None, responses=OfficeHoursSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:  # noqa: A002
        """Ends them: there is no further date. 409 where they were ended."""
        series = self.get_object()
        self._done(services.end, series)
        return self.answer(series)

    @extend_schema(request=Attendance, responses=OfficeHoursSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says who came to the date that was next: a meeting is logged with each customer. 409 where none is open."""
        series, values = self.get_object(), self.body(Attendance)
        self._done(attending.held, self._planned(series), **values)
        return self.answer(series)

    @extend_schema(request=LeftOut, responses=OfficeHoursSerializer)
    @action(detail=True, methods=["post"], url_path="leave-out")
    def leave_out(self, request: Request, id: str) -> Response:  # noqa: A002
        """Says that the next date is not held; the one after it is next. 409 where none is open."""
        series, values = self.get_object(), self.body(LeftOut)
        self._done(attending.left_out, self._planned(series), because=values["reason"])
        return self.answer(series)

    def _planned(self, series: OfficeHours) -> OfficeHoursSession:
        rows = OfficeHoursSession.objects.select_related("work_item__account", "work_item__clock")
        found = rows.filter(series=series, state=OfficeHoursSession.State.PLANNED).first()
        if found is None:
            raise Conflict("These office hours have no date to come. Nothing was changed.")
        return found


ROUTES = {"office-hours": OfficeHoursViewSet}
