"""Pages for prospects on the REST API: made, listed, taken back."""

from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.deals.models import Deal
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.filters import FlagFilter
from accounts.team.rest import Conflict, KeyField, Listed, NumberedViewSet, Strict
from retention.success_plans import prospects
from retention.success_plans.api_drafts import RowField
from retention.success_plans.api_rows import may_change
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.links import DAYS, MOST_DAYS
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate
from retention.success_plans.versions import NotPossible


class ProspectLinkSerializer(serializers.ModelSerializer):
    """One address at which a prospect sees what the first 90 days look like. Nothing of any customer is on it."""

    template = serializers.CharField(source="template.key", read_only=True)
    deal = serializers.IntegerField(source="deal_id", read_only=True, allow_null=True, help_text="Number of the deal.")
    made_by = serializers.CharField(source="made_by.username", read_only=True, allow_null=True, default=None)
    is_open = serializers.SerializerMethodField(help_text="Whether it opens the page.")
    address = serializers.SerializerMethodField(
        help_text="The whole address, for those who may make pages; null for others, and where it opens nothing."
    )

    class Meta:
        model = ProspectLink
        fields = [
            *("id", "template", "deal", "company", "language", "is_open", "address", "made_by", "made_at", "ends_at"),
            *("revoked_at", "last_seen_at"),
        ]
        read_only_fields = fields

    def get_is_open(self, link: ProspectLink) -> bool:
        return link.opens_at(now())

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_address(self, link: ProspectLink) -> str | None:
        request = self.context.get("request")
        if request is None or not may_change(request) or not link.opens_at(now()):
            return None
        return prospects.address(link)


class ProspectLinkDraft(Strict):
    """A page to make."""

    template = KeyField(PlanTemplate, scoped=False, listed=True, help_text="Key of a plan or an integration path.")
    deal = RowField(Deal, required=False, allow_null=True)
    company = serializers.CharField(required=False, allow_blank=True, max_length=120, help_text="Stands on top.")
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), required=False)
    days = serializers.IntegerField(required=False, min_value=1, max_value=MOST_DAYS, help_text=f"{DAYS} if left out.")


class ProspectLinkFilters(filters.FilterSet):
    template = filters.CharFilter("template__key", label="Key of the template.")
    revoked = FlagFilter("revoked_at", lookup_expr="isnull", exclude=True, label="Whether it was revoked.")


class ProspectLinkViewSet(Listed, NumberedViewSet):
    """Pages for prospects."""

    area = Area.ACCOUNTS
    queryset = ProspectLink.objects.select_related("template", "made_by")
    serializer_class = ProspectLinkSerializer
    filterset_class = ProspectLinkFilters
    order = "-made_at"

    @extend_schema(request=ProspectLinkDraft, responses={201: ProspectLinkSerializer})
    def create(self, request: Request) -> Response:
        """Makes a page for one prospect."""
        values: dict[str, Any] = self.body(ProspectLinkDraft)
        made = prospects.show(values.pop("template"), by=self.caller, at=now(), **values)
        return self.answer(made, code=201)

    @extend_schema(request=None, responses=ProspectLinkSerializer)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, id: str) -> Response:  # noqa: A002
        """Takes it back at once. 409 where it is revoked."""
        link = self.get_object()
        try:
            return self.answer(prospects.revoke(link, by=self.caller, at=now()))
        except NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None


ROUTES = {"prospect-links": ProspectLinkViewSet}
