"""Audiences on the REST API: whom they mean, how many that is, and who is in them."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY, KEY_LENGTH
from accounts.foundation.scope import Area
from accounts.stakeholders.api import StakeholderFilters, StakeholderSerializer
from accounts.stakeholders.models import Stakeholder, StakeholderRole, StakeholderTopic
from accounts.team.rest import Conflict, Listed, ScopedViewSet, Strict
from retention.audiences import queries, services
from retention.audiences.drafts import AudienceDraft
from retention.audiences.models import Audience
from retention.conditions.refusal import ConditionRefused

ROLES, TOPICS = StakeholderRole.Role.choices, StakeholderTopic.Topic.choices
ANY_ROLE = "One of these roles is enough; empty: whatever their role."
ANY_TOPIC = "One of these is enough; empty: whatever they want to hear about."
CONDITION = "At which accounts; null: at all. See the guide to conditions."
NEEDS_EMAIL = "Whether whoever has no e-mail address is left out."


class AudienceSerializer(serializers.ModelSerializer):
    """Whom something concerns: stakeholders by role and topic, at the accounts for which a condition is true."""

    roles = serializers.ListField(child=serializers.ChoiceField(ROLES), read_only=True, help_text=ANY_ROLE)
    topics = serializers.ListField(child=serializers.ChoiceField(TOPICS), read_only=True, help_text=ANY_TOPIC)
    condition = serializers.DictField(allow_null=True, read_only=True, help_text=CONDITION)

    class Meta:
        model = Audience
        fields = ["key", "name", "meaning", "roles", "topics", "condition", "needs_email"]
        read_only_fields = fields


class AudienceBody(Strict):
    """An audience, whole: what is left out is not asked for. It needs roles, topics or a condition."""

    key = serializers.CharField(max_length=KEY_LENGTH)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(max_length=250, required=False, allow_blank=True)
    roles = serializers.ListField(
        child=serializers.ChoiceField(ROLES), required=False, max_length=len(ROLES), help_text=ANY_ROLE
    )
    topics = serializers.ListField(
        child=serializers.ChoiceField(TOPICS), required=False, max_length=len(TOPICS), help_text=ANY_TOPIC
    )
    condition = serializers.DictField(required=False, allow_null=True, help_text=CONDITION)
    needs_email = serializers.BooleanField(required=False, help_text=NEEDS_EMAIL)


class SizeSerializer(serializers.Serializer):
    """How many the caller may see, now."""

    people = serializers.IntegerField(help_text="Who is in it.")
    accounts = serializers.IntegerField(help_text="At so many accounts.")
    left_out = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Whom it means and leaves out: `left` (the company, or erased), else `no_email`.",
    )


DEFINE = OpenApiExample(
    "Champions while an account is onboarded",
    request_only=True,
    value={
        "key": "champions_onboarding",
        "name": "Champions in onboarding",
        "roles": ["champion"],
        "condition": {"fact": "stage", "operator": "equal", "value": "closed_won"},
    },
)


class AudienceViewSet(Listed, ScopedViewSet):
    """Audiences of stakeholders. Who is in one is asked when it is read; nobody is enrolled."""

    area = Area.DEFINITIONS
    queryset = Audience.objects.all()
    serializer_class = AudienceSerializer

    @extend_schema(request=AudienceBody, responses={200: AudienceSerializer}, examples=[DEFINE])
    def create(self, request: Request) -> Response:
        """Puts an audience into force under its key, in place of the one before."""
        draft = AudienceDraft(**self.body(AudienceBody))
        try:
            return self.answer(services.define(draft, by=self.caller, at=now()))
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, key: str) -> Response:
        """Takes an audience away. The people in it stay as they are."""
        services.remove(self.get_object(), by=self.caller, at=now())
        return Response(status=204)

    @extend_schema(responses=SizeSerializer, filters=False)
    @action(detail=True, url_path="size")
    def size(self, request: Request, key: str) -> Response:
        """How many people are in it and how many are left out. 409 where a fact that it asks for is gone."""
        try:
            found = queries.size(self.get_object(), user=self.caller, at=now())
        except ConditionRefused as refused:
            raise _gone(refused) from None
        return Response(SizeSerializer(found).data)


class MemberViewSet(ListModelMixin, ScopedViewSet):
    """The stakeholders in one audience, of those whom the caller may see."""

    area = Area.ACCOUNTS
    queryset = Stakeholder.objects.select_related("account").prefetch_related("roles", "topics")
    serializer_class = StakeholderSerializer
    filterset_class = StakeholderFilters
    lookup_field = "audience"

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if getattr(self, "swagger_fake_view", False):
            return rows
        try:
            found = queries.members(self._audience(), user=self.caller, at=now())
        except ConditionRefused as refused:
            raise _gone(refused) from None
        return rows.filter(pk__in=found.order_by().values("pk"))

    def _audience(self) -> Audience:
        key = self.kwargs["audience"]
        rows: Any = Audience.objects.all()
        found = rows.for_user(self.caller).called(key).first() if KEY.fullmatch(key) else None
        if found is None:
            raise Http404
        return found


def _gone(refused: ConditionRefused) -> Conflict:
    return Conflict(f"Its condition cannot be asked any more: {'; '.join(map(str, refused.problems))}")


ROUTES: dict[str, Any] = {
    "audiences": AudienceViewSet,
    r"audiences/(?P<audience>[^/]+)/members": MemberViewSet,
}
