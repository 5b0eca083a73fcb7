"""The coverage policy on the REST API, and what it makes of one account."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, OfAccountViewSet
from accounts.portfolio.models import Account
from accounts.stakeholders.models import StakeholderRole
from accounts.team.rest import Listed, NumberedViewSet, Strict, Whole
from retention.coverage.models import MOST_DAYS, MOST_PEOPLE, CoverageLine, CoveragePolicyVersion, CoverageRole
from retention.coverage.policy import MOST_LINES, LineDraft, PolicyDraft, RoleDraft, publish
from retention.coverage.queries import committee_of

ROLES = StakeholderRole.Role.choices
SEGMENT = "Key of the segment; empty for any."
STAGE = "Key of the stage; empty for any."
ENGAGED = "Engaged within so many days; null where it is enough to know them."
ONLY = "Asked only where this text among the facts has that value."


class CoverageRoleSerializer(serializers.ModelSerializer):
    """One role that a line asks for."""

    class Meta:
        model = CoverageRole
        fields = ["role", "people", "engaged_days", "only_fact", "only_value"]


class CoverageLineSerializer(serializers.ModelSerializer):
    """What is asked of the accounts of a segment in a stage."""

    roles = CoverageRoleSerializer(many=True, read_only=True)

    class Meta:
        model = CoverageLine
        fields = ["segment", "stage", "people", "within_days", "roles"]


class CoverageRoleBody(Strict):
    """One role that a line asks for: how many, and engaged how recently."""

    role = serializers.ChoiceField(ROLES)
    people = serializers.IntegerField(min_value=1, max_value=MOST_PEOPLE, required=False)
    engaged_days = serializers.IntegerField(
        min_value=1, max_value=MOST_DAYS, required=False, allow_null=True, help_text=ENGAGED
    )
    only_fact = serializers.SlugField(max_length=80, required=False, help_text=ONLY)
    only_value = serializers.SlugField(max_length=80, required=False)


class CoverageLineBody(Strict):
    """What is asked of the accounts of a segment in a stage; without roles and people nothing is asked there."""

    segment = serializers.SlugField(max_length=80, required=False, allow_blank=True, help_text=SEGMENT)
    stage = serializers.SlugField(max_length=80, required=False, allow_blank=True, help_text=STAGE)
    people = serializers.IntegerField(
        min_value=1,
        max_value=MOST_PEOPLE,
        required=False,
        allow_null=True,
        help_text="With fewer engaged people the account is single-threaded; null: not asked.",
    )
    within_days = serializers.IntegerField(min_value=1, max_value=MOST_DAYS, required=False)
    roles = CoverageRoleBody(many=True, required=False, max_length=len(ROLES))  # type: ignore[call-arg]


class CoveragePolicySerializer(serializers.ModelSerializer):
    """Whom we must know at a customer, as it was published once."""

    lines = CoverageLineSerializer(many=True, read_only=True)
    published_by = serializers.CharField(source="published_by.username", allow_null=True, read_only=True, default=None)

    class Meta:
        model = CoveragePolicyVersion
        fields = ["id", "number", "published_at", "published_by", "segments_by", "lines"]
        read_only_fields = fields


class CoveragePolicyBody(Strict):
    """Whom we must know at a customer, whole: lines that are left out are gone."""

    segments_by = serializers.SlugField(max_length=80, help_text="The dimension whose segments the lines name.")
    lines = CoverageLineBody(many=True, max_length=MOST_LINES)  # type: ignore[call-arg]


class CoveragePolicyViewSet(Listed, NumberedViewSet):
    """The versions of the coverage policy; the newest is in force."""

    area = Area.DEFINITIONS
    queryset = CoveragePolicyVersion.objects.select_related("published_by").prefetch_related("lines__roles")
    serializer_class = CoveragePolicySerializer
    order = "-published_at"

    @extend_schema(request=CoveragePolicyBody, responses={200: CoveragePolicySerializer})
    def create(self, request: Request) -> Response:
        """Puts a version into force where it differs; every account is looked at anew, and nobody is told."""
        values = self.body(CoveragePolicyBody)
        lines = [
            LineDraft(**{**one, "roles": [RoleDraft(**role) for role in one.get("roles", ())]})
            for one in values["lines"]
        ]
        try:
            version = publish(PolicyDraft(values["segments_by"], lines), by=self.caller, at=now())
        except Invalid as refused:
            found = refused.message_dict if hasattr(refused, "error_dict") else {"lines": refused.messages}
            raise ValidationError(found) from None
        return self.answer(version)


class FilledSerializer(serializers.Serializer):
    """One role that is asked for, and what there is of it."""

    role = serializers.ChoiceField(ROLES, source="asked.role")
    people = serializers.IntegerField(source="asked.people", help_text="So many are asked for.")
    engaged_days = serializers.IntegerField(source="asked.engaged_days", allow_null=True, help_text=ENGAGED)
    known = serializers.IntegerField(help_text="People who play it and are still there.")
    engaged = serializers.IntegerField(help_text="Of these, engaged within those days; 0 where it is not asked.")
    is_met = serializers.BooleanField()


@extend_schema_serializer(many=False)
class CommitteeSerializer(serializers.Serializer):
    """What the policy asks of an account now, and what of it there is."""

    segment = serializers.CharField(source="line.segment", help_text=SEGMENT)
    stage = serializers.CharField(source="line.stage", help_text=STAGE)
    share = serializers.FloatField(allow_null=True, help_text="Of the roles; null where nobody is known.")
    missing = serializers.ListField(child=serializers.ChoiceField(ROLES))
    single_threaded = serializers.BooleanField(source="is_single_threaded", allow_null=True)
    engaged_people = serializers.IntegerField(source="engaged")
    roles = serializers.SerializerMethodField()

    @extend_schema_field(FilledSerializer(many=True))
    def get_roles(self, found: Any) -> Any:
        return FilledSerializer(found.roles, many=True).data


class CommitteeViewSet(OfAccountViewSet):
    """How far the buying committee of one account is covered, role by role."""

    area = Area.ACCOUNTS
    queryset = Account.objects.all()
    serializer_class = CommitteeSerializer
    pagination_class = Whole
    lookup_field = "account"

    @extend_schema(responses=CommitteeSerializer)
    def list(self, request: Request, account: str) -> Response:
        """What is asked and what is there; 404 where the policy asks nothing of the account."""
        _, found = committee_of(self.account(), at=now())
        if found is None:
            raise Http404
        return Response(CommitteeSerializer(found).data)


ROUTES: dict[str, Any] = {
    "coverage-policies": CoveragePolicyViewSet,
    f"{OF_ACCOUNT}/coverage": CommitteeViewSet,
}
