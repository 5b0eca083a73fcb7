"""Milestones on the REST API: what they are, where accounts stand, and saying by hand that one was reached."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, OfAccountViewSet
from accounts.portfolio.models import Account
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, ScopedViewSet, Strict, Whole
from retention.milestones import services
from retention.milestones.models import MOST_DAYS, AccountMilestone, MilestoneRoute, ValueMilestone
from retention.milestones.preview import preview
from retention.milestones.queries import stands_of
from retention.milestones.services import MilestoneDraft, RouteDraft
from retention.milestones.standing import WORDS

CONDITION = "A condition; see the guide to conditions."


class MilestoneRouteSerializer(serializers.ModelSerializer):
    """How some accounts reach a milestone, and by when."""

    applies = serializers.DictField(
        allow_null=True, read_only=True, help_text=f"For which accounts; null: all others. {CONDITION}"
    )
    condition = serializers.DictField(allow_null=True, read_only=True, help_text=CONDITION)

    class Meta:
        model = MilestoneRoute
        fields = ["key", "name", "applies", "event", "condition", "days", "clock", "basis"]


class MilestoneRouteBody(Strict):
    """How some accounts reach a milestone, and by when. With neither event nor condition it is reached by hand."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    applies = serializers.DictField(required=False, allow_null=True, help_text=CONDITION)
    event = serializers.CharField(
        required=False, allow_blank=True, max_length=80, help_text="Key of a milestone of the tracking plan."
    )
    condition = serializers.DictField(required=False, allow_null=True, help_text=CONDITION)
    days = serializers.IntegerField(required=False, allow_null=True, min_value=0, max_value=MOST_DAYS)
    clock = serializers.ChoiceField(MilestoneRoute.Clock.choices, required=False)
    basis = serializers.ChoiceField(MilestoneRoute.Basis.choices, required=False)


class ValueMilestoneSerializer(serializers.ModelSerializer):
    """Something every customer should achieve by a day."""

    routes = MilestoneRouteSerializer(many=True, read_only=True)

    class Meta:
        model = ValueMilestone
        fields = ["key", "name", "meaning", "position", "is_active", "routes", "changed_at"]
        read_only_fields = fields


class ValueMilestoneBody(Strict):
    """A milestone, whole: routes that are left out are gone. The first route that applies to an account is its own."""

    key = serializers.SlugField(max_length=60)
    name = serializers.CharField(max_length=120)
    meaning = serializers.CharField(max_length=250, required=False, allow_blank=True)
    position = serializers.IntegerField(required=False, min_value=0, max_value=1000)
    is_active = serializers.BooleanField(required=False)
    routes = MilestoneRouteBody(many=True, max_length=services.MOST_ROUTES)  # type: ignore[call-arg]
    confirmed = serializers.BooleanField(
        default=False, help_text="True once somebody agreed that much of the book stands otherwise with it."
    )


DEFINE = OpenApiExample(
    "First value within 30 days",
    request_only=True,
    value={
        "key": "second_team",
        "name": "Second team at work",
        "meaning": "People of two teams use it.",
        "routes": [
            {
                "key": "everybody",
                "name": "Everybody",
                "condition": {"fact": "teams_active_30d", "operator": "greaterThanInclusive", "value": 2},
                "days": 60,
            }
        ],
    },
)


class ValueMilestoneViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """The milestones on the way to value, with their routes and deadlines."""

    area = Area.DEFINITIONS
    queryset = ValueMilestone.objects.prefetch_related("routes")
    serializer_class = ValueMilestoneSerializer

    @extend_schema(request=ValueMilestoneBody, responses={200: ValueMilestoneSerializer}, examples=[DEFINE])
    def create(self, request: Request) -> Response:
        """Puts a milestone into force under its key, in place of the one before; accounts are looked at anew.

        400 with the numbers under `confirmed` where much of the book would stand otherwise.
        """
        values = self.body(ValueMilestoneBody)
        confirmed, routes = values.pop("confirmed"), [RouteDraft(**one) for one in values.pop("routes")]
        draft = MilestoneDraft(routes=routes, **values)
        try:
            services.check(draft)
            before = ValueMilestone.objects.filter(key=draft.key).first()
            if before and not confirmed and (asked := preview(draft, before, user=self.caller, at=now()).questions):
                raise ValidationError({"confirmed": asked})
            row = services.define(draft, by=self.caller, at=now())
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(row)


class AccountMilestoneSerializer(serializers.ModelSerializer):
    """That one account reached one milestone, by its condition or by hand."""

    account = serializers.CharField(source="account.key", read_only=True)
    milestone = serializers.CharField(source="milestone.key", read_only=True)
    noted_by = serializers.CharField(source="noted_by.username", allow_null=True, read_only=True, default=None)

    class Meta:
        model = AccountMilestone
        fields = ["id", "account", "milestone", "reached_at", "how", "evidence", "noted_at", "noted_by"]
        read_only_fields = fields


class Reaching(Strict):
    """What an account reached, when, and what shows it."""

    account = KeyField(Account, help_text="Key of the account.")
    milestone = KeyField(ValueMilestone, listed=True, help_text="Key of the milestone.")
    reached_at = serializers.DateTimeField()
    evidence = serializers.CharField(max_length=2000, help_text="A link, or what was seen.")


class AccountMilestoneFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    milestone = filters.CharFilter("milestone__key", label="Key of the milestone.")
    how = filters.ChoiceFilter(choices=AccountMilestone.How.choices, label="How it was seen.")


class AccountMilestoneViewSet(Listed, NumberedViewSet):
    """Milestones that were reached by a condition or by hand; those told by events stand with the signals."""

    area = Area.ACCOUNTS
    queryset = AccountMilestone.objects.select_related("account", "milestone", "noted_by")
    serializer_class = AccountMilestoneSerializer
    filterset_class = AccountMilestoneFilters
    order = "-reached_at"

    @extend_schema(request=Reaching, responses={201: AccountMilestoneSerializer})
    def create(self, request: Request) -> Response:
        """Says by hand that an account reached a milestone."""
        values = self.body(Reaching)
        try:
            row = services.reach(values.pop("account"), values.pop("milestone"), by=self.caller, at=now(), **values)
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(row, code=201)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, id: str) -> Response:  # noqa: A002
        """Takes back what was said by hand. 409 where a condition saw it."""
        try:
            services.take_back(self.get_object(), by=self.caller, at=now())
        except Invalid as refused:
            raise Conflict(" ".join(refused.messages)) from None
        return Response(status=204)


class MilestoneStatusSerializer(serializers.Serializer):
    """Where an account stands with one milestone."""

    key = serializers.CharField(source="milestone.key")
    name = serializers.CharField(source="milestone.name")
    route = serializers.CharField(source="route.key")
    status = serializers.ChoiceField([(status.value, word) for status, word in WORDS.items()])
    reached_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True, help_text="The last day in time; null where no deadline runs.")


class StandsViewSet(OfAccountViewSet):
    """The milestones of one account."""

    area = Area.ACCOUNTS
    queryset = Account.objects.all()
    serializer_class = MilestoneStatusSerializer
    pagination_class = Whole
    lookup_field = "account"

    @extend_schema(responses=MilestoneStatusSerializer(many=True))
    def list(self, request: Request, account: str) -> Response:
        """Each milestone that applies to the account: reached, pending, missed, or not tracked."""
        rows: Any = stands_of(self.account(), at=now())
        return Response({"next": None, "results": MilestoneStatusSerializer(rows, many=True).data})


ROUTES = {
    "value-milestones": ValueMilestoneViewSet,
    "account-milestones": AccountMilestoneViewSet,
    f"{OF_ACCOUNT}/milestone-status": StandsViewSet,
}
