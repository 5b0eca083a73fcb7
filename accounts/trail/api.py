"""The audit trail on the REST API: to read, and to keep in another system."""

from typing import Any

from django.db import models
from django_filters import rest_framework as filters
from rest_framework import serializers

from accounts.foundation.models import AuditEntry
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.filters import InstantFilter
from accounts.team.models import User
from accounts.team.rest import Listed, NumberedViewSet
from accounts.trail.reading import kinds
from accounts.trail.words import DOORS


class AuditEntrySerializer(serializers.ModelSerializer):
    """One change that somebody made, and what was before. Personal and secret values are never in it."""

    actor = serializers.CharField(
        source="actor_username", allow_null=True, read_only=True, help_text="Username; null: Holdfast by itself."
    )
    behalf_of = serializers.CharField(
        source="behalf_username", allow_null=True, read_only=True, help_text="Username of whom the actor stood in for."
    )
    account = serializers.CharField(
        source="account_key",
        allow_null=True,
        read_only=True,
        help_text="Key of the account it is about; null: about none, or one that the caller does not see.",
    )
    door = serializers.ChoiceField(list(DOORS.items()), read_only=True, help_text="The way it came in.")
    before = serializers.DictField(read_only=True, help_text="Field → value. Other rows stand there by number.")
    after = serializers.DictField(read_only=True, help_text="Field → value.")

    class Meta:
        model = AuditEntry
        fields = ["id", "at", "verb", "object_type", "object_id", "account", "actor", "behalf_of", "door"]
        fields += ["before", "after"]
        read_only_fields = fields


class EntryFilters(filters.FilterSet):
    object_type = filters.CharFilter(label="Kind of thing, such as account or workitem.")
    object_id = filters.CharFilter(label="Number of the thing; needs object_type.")
    account = filters.CharFilter(method="of_account", label="Key of the account that it is about.")
    actor = filters.CharFilter(method="of_actor", label="Username of who did it, or for whom it was done.")
    verb = filters.CharFilter(label="What was done, such as user.change.")
    door = filters.ChoiceFilter(choices=list(DOORS.items()), label="The way it came in.")
    since = InstantFilter("at", lookup_expr="gte", label="At this instant or later.")
    before = InstantFilter("at", lookup_expr="lt", label="Before this instant.")

    def of_account(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        found: Any = _accounts().objects.for_user(self.request.user)
        return rows.filter(account_id__in=list(found.filter(key=value).values_list("pk", flat=True)))

    def of_actor(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        who = list(User.objects.filter(username=value).values_list("pk", flat=True))
        return rows.filter(models.Q(actor_id__in=who) | models.Q(behalf_of_id__in=who))


def _accounts() -> type[Record]:
    """The model of accounts, whose room is above this one."""
    return next(model for model in kinds().values() if model.ACCOUNT_PATH == "")


def _name_of(field: str) -> models.Subquery:
    return models.Subquery(User.objects.filter(pk=models.OuterRef(field)).order_by().values("username")[:1])


class AuditViewSet(Listed, NumberedViewSet):
    """Who changed what, when and by which way, newest first."""

    area = Area.AUDIT
    queryset = AuditEntry.objects.annotate(
        actor_username=_name_of("actor_id"), behalf_username=_name_of("behalf_of_id")
    )
    serializer_class = AuditEntrySerializer
    filterset_class = EntryFilters
    order = "-at"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        theirs: Any = _accounts().objects.for_user(self.caller)
        key = theirs.filter(pk=models.OuterRef("account_id")).order_by().values("key")[:1]
        return rows.annotate(account_key=models.Subquery(key))


ROUTES = {"audit": AuditViewSet}
