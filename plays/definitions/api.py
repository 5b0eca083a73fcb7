"""Plays on the REST API."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter
from accounts.team.rest import Listed, ScopedViewSet
from plays.definitions import services
from plays.definitions.models import Play, PlayVersion, StepDefinition
from plays.definitions.registry import trigger_kinds
from retention.evaluation.rest import ConditionField


def _published() -> models.QuerySet[Any]:
    """The version of each play that new runs follow."""
    newer = PlayVersion.objects.filter(play=OuterRef("play"), number__gt=OuterRef("number"))
    return PlayVersion.objects.filter(~Exists(newer)).prefetch_related("steps")


class StepSerializer(serializers.ModelSerializer):
    """One step of a play; `config` depends on its kind."""

    class Meta:
        model = StepDefinition
        fields = ["key", "kind", "config"]
        read_only_fields = fields


class VersionSerializer(serializers.ModelSerializer):
    """A play as it was published: its trigger and its steps."""

    trigger = ConditionField(read_only=True, help_text="As a playbook file has it, by the kind in starts_on.")
    starts_on = serializers.ChoiceField(list(trigger_kinds), read_only=True, help_text="The kind of its trigger.")
    steps = StepSerializer(many=True, read_only=True)

    class Meta:
        model = PlayVersion
        fields = ["number", "purpose", "priority", "starts_on", "trigger", "again_after_days", "after_stop"]
        fields += ["published_at", "steps"]
        read_only_fields = fields

    def get_attribute(self, play: Play) -> PlayVersion | None:
        """The version of a play that new runs follow."""
        return next(iter(play.versions.all()), None)


class PlaySerializer(serializers.ModelSerializer):
    """What we do when something happens."""

    version = VersionSerializer(read_only=True, allow_null=True, help_text="The version that new runs follow.")

    class Meta:
        model = Play
        fields = ["key", "name", "is_active", "activated_at", "version"]
        read_only_fields = fields


class PlayFilters(filters.FilterSet):
    is_active = FlagFilter(label="Whether its trigger is watched.")
    search = filters.CharFilter("name", lookup_expr="icontains", label="Part of the name.")


class PlayViewSet(Listed, ScopedViewSet):
    """Plays with their trigger and steps. They are written as playbook files and switched here."""

    area = Area.DEFINITIONS
    queryset = Play.objects.prefetch_related(Prefetch("versions", queryset=_published()))
    serializer_class = PlaySerializer
    filterset_class = PlayFilters

    @extend_schema(request=None, responses=PlaySerializer)
    @action(detail=True, methods=["post"])
    def activate(self, request: Request, key: str) -> Response:
        """Watches the trigger from now on. Accounts that match already start nothing. Harmless when active."""
        return self.answer(services.activate(self.get_object(), by=self.caller, at=now()))

    @extend_schema(request=None, responses=PlaySerializer)
    @action(detail=True, methods=["post"])
    def deactivate(self, request: Request, key: str) -> Response:
        """Stops watching. Runs that are open go on. Harmless when inactive."""
        return self.answer(services.deactivate(self.get_object(), by=self.caller, at=now()))


ROUTES = {"plays": PlayViewSet}
