"""Lifecycles, where accounts stand in them, and how they moved, on the REST API."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY_LENGTH
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, ScopedViewSet, Strict, optional
from retention.evaluation.models import Edge
from retention.evaluation.rest import ConditionField, EvidenceSerializer, evidence
from retention.lifecycle import moving
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion, Stage, StageChange, StagePlacement
from retention.lifecycle.preview import plan
from retention.lifecycle.services import MOST_STAGES, StageDraft, check, publish


def _published() -> models.QuerySet[Any]:
    """The version of each lifecycle that is in force."""
    newer = LifecycleVersion.objects.filter(lifecycle=OuterRef("lifecycle"), number__gt=OuterRef("number"))
    return LifecycleVersion.objects.filter(~Exists(newer)).prefetch_related("stages")


class StageSerializer(serializers.ModelSerializer):
    """One stage: an account is in the last one whose criteria hold."""

    enter = ConditionField(read_only=True)
    leave = ConditionField(read_only=True, allow_null=True)
    raci = serializers.DictField(
        child=serializers.CharField(), read_only=True, help_text="Function → its part: A, R, AR, C or I."
    )

    class Meta:
        model = Stage
        fields = ["key", "name", "meaning", "is_passing", "enter", "enter_after_days", "leave", "leave_after_days"]
        fields += ["raci", "normal_days", "behind_days", "stuck_days", "pace_from"]
        read_only_fields = fields


class LifecycleSerializer(serializers.ModelSerializer):
    """A named sequence of stages, as its latest version says."""

    version = serializers.SerializerMethodField(help_text="Number of the version in force.")
    stages = serializers.SerializerMethodField()

    class Meta:
        model = Lifecycle
        fields = ["key", "name", "is_primary", "version", "stages"]
        read_only_fields = fields

    def get_version(self, lifecycle: Lifecycle) -> int | None:
        return next((version.number for version in lifecycle.versions.all()), None)

    @extend_schema_field(StageSerializer(many=True))
    def get_stages(self, lifecycle: Lifecycle) -> Any:
        stages = [stage for version in lifecycle.versions.all() for stage in version.stages.all()]
        return StageSerializer(stages, many=True).data


DAYS: dict[str, Any] = {"min_value": 1, "max_value": 3650, "allow_null": True, "default": None}
PACE: dict[str, Any] = DAYS | {"min_value": 0}


class StageBody(Strict):
    """One stage as its author writes it."""

    key = serializers.SlugField(max_length=KEY_LENGTH)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(max_length=250, default="", allow_blank=True)
    enter = serializers.DictField(help_text="A condition; see the guide to conditions.")
    leave = serializers.DictField(allow_null=True, default=None, help_text="Null: when `enter` is no longer true.")
    is_passing = serializers.BooleanField(default=False)
    enter_after_days = serializers.IntegerField(**DAYS)
    leave_after_days = serializers.IntegerField(**DAYS)
    raci = serializers.DictField(
        child=serializers.CharField(max_length=2), default=dict, help_text="Function → its part: A, R, AR, C or I."
    )
    normal_days = serializers.IntegerField(**PACE)
    behind_days = serializers.IntegerField(**PACE)
    stuck_days = serializers.IntegerField(**PACE)
    pace_from = serializers.CharField(max_length=KEY_LENGTH, default="", allow_blank=True)


class LifecycleBody(Strict):
    """A lifecycle, whole: stages that are left out are gone."""

    key = serializers.SlugField(max_length=KEY_LENGTH)
    name = serializers.CharField(max_length=120)
    is_primary = serializers.BooleanField(default=False)
    stages = StageBody(many=True, max_length=MOST_STAGES)  # type: ignore[call-arg]
    confirmed = serializers.BooleanField(
        default=False, help_text="True once somebody agreed to move much of the book, or to empty a stage."
    )


class LifecycleViewSet(Listed, ScopedViewSet):
    """Lifecycles with their stages and criteria."""

    area = Area.DEFINITIONS
    queryset = Lifecycle.objects.prefetch_related(Prefetch("versions", queryset=_published()))
    serializer_class = LifecycleSerializer

    @extend_schema(request=LifecycleBody, responses={200: LifecycleSerializer})
    def create(self, request: Request) -> Response:
        """Publishes a version, unless it says what is in force. Accounts are placed silently: no play starts.

        400 with the numbers under `confirmed` where it would do something large and nobody has agreed.
        """
        values = self.body(LifecycleBody)
        stages = [StageDraft(**one) for one in values.pop("stages")]
        self._ask_first(values["key"], stages, confirmed=values.pop("confirmed"))
        return self.answer(publish(**values, stages=stages, by=self.caller, at=now()).lifecycle)

    def _ask_first(self, key: str, stages: list[StageDraft], *, confirmed: bool) -> None:
        check(stages)
        lifecycle = Lifecycle.objects.filter(key=key).first()
        if lifecycle and not confirmed and (asked := plan(lifecycle, stages, user=self.caller, at=now()).questions):
            raise ValidationError({"confirmed": asked})


def _stage(source: str) -> serializers.CharField:
    return serializers.CharField(
        source=f"{source}.key", allow_null=True, read_only=True, help_text="Key of the stage; null for none."
    )


class AccountStageSerializer(serializers.ModelSerializer):
    """Where one account stands in one lifecycle now."""

    account = serializers.CharField(source="account.key", read_only=True)
    lifecycle = serializers.CharField(source="lifecycle.key", read_only=True)
    stage = _stage("stage")
    reached = _stage("reached")

    class Meta:
        model = AccountStage
        fields = ["account", "lifecycle", "stage", "reached", "since"]
        read_only_fields = fields


class AccountStageFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    lifecycle = filters.CharFilter("lifecycle__key", label="Key of the lifecycle.")
    stage = filters.CharFilter("stage__key", label="Key of the stage.")


class AccountStageViewSet(ListModelMixin, ScopedViewSet):
    """Where accounts stand. `reached` is kept while a passing stage such as renewal is on top."""

    area = Area.ACCOUNTS
    queryset = AccountStage.objects.select_related("account", "lifecycle", "stage", "reached")
    serializer_class = AccountStageSerializer
    filterset_class = AccountStageFilters


class EvidenceOfMove(EvidenceSerializer):
    """Why an account moved: a sentence, and the comparisons behind it."""

    def get_attribute(self, change: StageChange) -> dict[str, Any] | None:
        """The evidence of a change, in this shape."""
        return evidence(change.edge.clauses) if change.edge else None


class StageChangeSerializer(serializers.ModelSerializer):
    """One move of an account from a stage to another, with its evidence."""

    account = serializers.CharField(source="account.key", read_only=True)
    lifecycle = serializers.CharField(source="lifecycle.key", read_only=True)
    from_stage = _stage("from_stage")
    to_stage = _stage("to_stage")
    evidence = EvidenceOfMove(read_only=True, allow_null=True, help_text="Null where a change of the rules moved it.")

    class Meta:
        model = StageChange
        fields = ["id", "account", "lifecycle", "from_stage", "to_stage", "at", "cause", "evidence"]
        read_only_fields = fields


class StageChangeFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    lifecycle = filters.CharFilter("lifecycle__key", label="Key of the lifecycle.")
    to_stage = filters.CharFilter("to_stage__key", label="Key of the stage moved to.")
    cause = filters.ChoiceFilter(choices=Edge.Cause.choices, label="What caused the move.")
    after = InstantFilter("at", lookup_expr="gt", label="Moved after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Moved before this instant.")


class StageChangeViewSet(Listed, NumberedViewSet):
    """Moves between stages, newest first."""

    area = Area.ACCOUNTS
    queryset = StageChange.objects.select_related("account", "lifecycle", "from_stage", "to_stage", "edge")
    serializer_class = StageChangeSerializer
    filterset_class = StageChangeFilters
    order = "-at"


class StagePlacementSerializer(serializers.ModelSerializer):
    """An account that somebody put into a stage by hand, and why."""

    account = serializers.CharField(source="account.key", read_only=True)
    lifecycle = serializers.CharField(source="lifecycle.key", read_only=True)
    stage = serializers.CharField(read_only=True, help_text="Key of the stage.")
    until = serializers.DateField(
        read_only=True, allow_null=True, help_text="The last day on which it counts; null: until the criteria change."
    )
    placed_by = serializers.CharField(source="placed_by.username", allow_null=True, read_only=True, default=None)
    ended_because = optional(StagePlacement.Ending)

    class Meta:
        model = StagePlacement
        fields = ["id", "account", "lifecycle", "stage", "reason", "until", "placed_at", "placed_by"]
        fields += ["ended_at", "ended_because"]
        read_only_fields = fields


class Moving(Strict):
    """Where to, why, and until when."""

    account = KeyField(Account, help_text="Key of the account.")
    lifecycle = KeyField(Lifecycle, scoped=False, listed=True, help_text="Key of the lifecycle.")
    stage = serializers.CharField(max_length=KEY_LENGTH, help_text="Key of the stage.")
    reason = serializers.CharField(max_length=500, help_text="Why: whoever looks at the account later reads it.")
    until = serializers.DateField(
        allow_null=True, default=None, help_text="The last day on which it counts, within a year; null: see `stage`."
    )


class StagePlacementFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    lifecycle = filters.CharFilter("lifecycle__key", label="Key of the lifecycle.")
    ended = FlagFilter("ended_at", lookup_expr="isnull", exclude=True, label="Whether it is over.")


class StagePlacementViewSet(Listed, NumberedViewSet):
    """Moves by hand, newest first. Without `until` they count until the criteria say something new."""

    area = Area.ACCOUNTS
    queryset = StagePlacement.objects.select_related("account", "lifecycle", "placed_by")
    serializer_class = StagePlacementSerializer
    filterset_class = StagePlacementFilters
    order = "-placed_at"

    @extend_schema(request=Moving, responses={201: StagePlacementSerializer})
    def create(self, request: Request) -> Response:
        """Puts an account into a stage; an earlier move by hand ends."""
        made = moving.move(by=self.caller, at=now(), **self.body(Moving))
        return self.answer(made, code=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=StagePlacementSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:  # noqa: A002
        """Lets the criteria say again where the account stands. 409 where they do already."""
        placement = self.get_object()
        if placement.ended_at is not None:
            raise Conflict("This move is over; the criteria say already where the account stands.")
        moving.give_back(placement.account, lifecycle=placement.lifecycle, by=self.caller, at=now())
        return self.answer(placement)


ROUTES = {
    "stage-placements": StagePlacementViewSet,
    "lifecycles": LifecycleViewSet,
    "account-stages": AccountStageViewSet,
    "stage-changes": StageChangeViewSet,
}
