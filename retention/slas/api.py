"""Business calendars and clocks on the REST API."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.models import Team
from accounts.team.rest import KeyField, Listed, NumberedViewSet, ScopedViewSet, Strict
from retention.slas import calendars
from retention.slas.models import BusinessCalendar, Clock, ClosedDay, Pause, validate_weekdays

FIELDS = ["name", "time_zone", "opens", "closes", "weekdays", "country", "subdivision", "is_default"]


TIME = {"type": "string", "format": "time-local", "pattern": r"^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,6})?)?$"}


@extend_schema_field(TIME)
class LocalTime(serializers.TimeField):
    """A time of day in the zone of the calendar; what the document calls `time` carries an offset."""


class DayOff(Strict, serializers.ModelSerializer):
    """A day off of one calendar, besides the public holidays."""

    class Meta:
        model = ClosedDay
        fields = ["day", "name"]


class CalendarSerializer(serializers.ModelSerializer):
    """When a team works."""

    closed_days = DayOff(many=True, read_only=True)
    teams = serializers.SerializerMethodField(help_text="Keys of the teams that follow it.")
    opens = LocalTime(read_only=True)
    closes = LocalTime(read_only=True)
    weekdays = serializers.ListField(child=serializers.IntegerField(), help_text="0 is Monday.")

    class Meta:
        model = BusinessCalendar
        fields = ["key", *FIELDS, "closed_days", "teams"]
        read_only_fields = fields

    def get_teams(self, calendar: BusinessCalendar) -> list[str]:
        return [team.key for team in calendar.teams]


class CalendarChange(Strict, serializers.ModelSerializer):
    """What may be changed of a calendar. Days off and teams are given whole."""

    weekdays = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=6),
        min_length=1,
        max_length=7,
        validators=[validate_weekdays],
        help_text="0 is Monday.",
    )
    opens = LocalTime(required=False, help_text="09:00 unless said.")
    closes = LocalTime(required=False, help_text="17:00 unless said.")
    closed_days = DayOff(many=True, required=False)
    teams = serializers.ListField(child=KeyField(Team), required=False, max_length=200)

    class Meta:
        model = BusinessCalendar
        fields = [*FIELDS, "closed_days", "teams"]
        validators: list[Any] = []

    def validate_closed_days(self, days: list[dict[str, Any]]) -> dict[Any, str]:
        """Day → name."""
        found = {one["day"]: one["name"] for one in days}
        if len(found) < len(days):
            raise serializers.ValidationError("A day stands there twice. Leave one of them out.")
        return found


class CalendarDraft(CalendarChange):
    """A new business calendar."""

    class Meta(CalendarChange.Meta):
        fields = ["key", *CalendarChange.Meta.fields]


BERLIN = OpenApiExample(
    "An office in Berlin",
    request_only=True,
    value={
        "key": "berlin",
        "name": "Berlin office",
        "time_zone": "Europe/Berlin",
        "weekdays": [0, 1, 2, 3, 4],
        "country": "DE",
        "subdivision": "BE",
        "closed_days": [{"day": "2026-12-24", "name": "Christmas Eve"}],
    },
)


class CalendarViewSet(Listed, ScopedViewSet):
    """Business hours and days off. Due times in business time follow the calendar of the team that has to act."""

    area = Area.DEFINITIONS
    queryset = BusinessCalendar.objects.prefetch_related("closed_days", "uses__team")
    serializer_class = CalendarSerializer

    @extend_schema(request=CalendarDraft, responses={201: CalendarSerializer}, examples=[BERLIN])
    def create(self, request: Request) -> Response:
        """Adds a calendar."""
        values = self.body(CalendarDraft)
        return self.answer(calendars.create(by=self.caller, at=now(), **values), code=201)

    @extend_schema(request=CalendarChange, responses=CalendarSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes the fields that are given. Clocks that run by it are due anew; those that ran out stay."""
        calendar = self.get_object()
        values = self.body(CalendarChange, partial=True)
        return self.answer(calendars.change(calendar, by=self.caller, at=now(), **values))


class PauseSerializer(serializers.ModelSerializer):
    """A span in which a clock stood still, and why."""

    class Meta:
        model = Pause
        fields = ["reason", "since", "until"]
        read_only_fields = fields


class ClockSerializer(serializers.ModelSerializer):
    """Time given to do something for an account."""

    account = serializers.CharField(source="account.key", read_only=True)
    calendar = serializers.CharField(source="calendar.key", read_only=True, allow_null=True)
    pauses = PauseSerializer(many=True, read_only=True)

    class Meta:
        model = Clock
        fields = [
            "id",
            "account",
            "duration",
            "calendar",
            "zone",
            "state",
            "started_at",
            "promised_at",
            "due_at",
            "breached_at",
            "ended_at",
            "pauses",
        ]
        read_only_fields = fields


class ClockFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    state = filters.ChoiceFilter(choices=Clock.State.choices, label="State of the clock.")
    is_breached = FlagFilter("breached_at", lookup_expr="isnull", exclude=True, label="Whether its time ran out.")
    due_before = InstantFilter("due_at", lookup_expr="lt", label="Due before this instant.")


class ClockViewSet(Listed, NumberedViewSet):
    """Clocks, newest first. `due_at` moves with pauses and calendars, `promised_at` never does."""

    area = Area.WORK
    queryset = Clock.objects.select_related("account", "calendar").prefetch_related("pauses")
    serializer_class = ClockSerializer
    filterset_class = ClockFilters
    order = "-started_at"


ROUTES = {"business-calendars": CalendarViewSet, "clocks": ClockViewSet}
