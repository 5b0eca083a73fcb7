"""The timeline of an account on the REST API."""

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from rest_framework import serializers
from rest_framework.mixins import ListModelMixin

from accounts.events.timeline import about, told
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, OfAccountViewSet
from accounts.portfolio.events import Group
from accounts.portfolio.models import AccountEvent
from accounts.team.filters import InstantFilter


class EntrySerializer(serializers.Serializer):
    """One thing that happened, as a sentence."""

    id = serializers.IntegerField(source="event.pk", read_only=True)
    at = serializers.DateTimeField(read_only=True, help_text="When it happened.")
    recorded_at = serializers.DateTimeField(source="event.recorded_at", read_only=True, help_text="When we learnt.")
    kind = serializers.CharField(read_only=True, help_text="Such as stage.changed.")
    group = serializers.CharField(read_only=True, help_text="What it is about, such as touches.")
    sentence = serializers.CharField(read_only=True)
    text = serializers.CharField(read_only=True, help_text="What somebody wrote about it; empty where nobody did.")
    actor = serializers.CharField(
        source="event.actor.username", allow_null=True, read_only=True, help_text="Username; null for the system."
    )


class EntryFilters(filters.FilterSet):
    kind = filters.CharFilter(label="Kind of event, such as stage.changed.")
    group = filters.ChoiceFilter(choices=Group.choices, method="about", label="What the event is about.")
    actor = filters.CharFilter("actor__username", label="Username of whoever did it.")
    after = InstantFilter("at", lookup_expr="gt", label="Happened after this instant.")
    before = InstantFilter("at", lookup_expr="lt", label="Happened before this instant.")

    def about(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return about(rows, value)


class TimelineViewSet(ListModelMixin, OfAccountViewSet):
    """What happened to an account, newest first."""

    area = Area.ACCOUNTS
    queryset = AccountEvent.objects.select_related("actor")
    serializer_class = EntrySerializer
    filterset_class = EntryFilters
    order = "-at"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if getattr(self, "swagger_fake_view", False) else rows.filter(account=self.account())

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Serializes the sentences of a page of events."""
        return super().get_serializer(*(told(page) for page in args), **kwargs)


ROUTES = {f"{OF_ACCOUNT}/timeline": TimelineViewSet}
