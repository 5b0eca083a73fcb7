"""Checklists of handoffs, to read."""

from typing import Any

from django.db import models
from django.db.models import Exists, OuterRef, Prefetch
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.foundation.scope import Area
from accounts.team.rest import Listed, ScopedViewSet
from retention.handoffs.models import HandoffItem, HandoffSection, HandoffTemplate, HandoffVersion

RACI: dict[str, Any] = {"child": serializers.CharField(), "read_only": True}


def _published() -> models.QuerySet[Any]:
    """The version of each template that is in force."""
    newer = HandoffVersion.objects.filter(template=OuterRef("template"), number__gt=OuterRef("number"))
    return HandoffVersion.objects.filter(~Exists(newer)).prefetch_related("sections__items__section")


class HandoffTemplateItemSerializer(serializers.ModelSerializer):
    """One item of a checklist: what must be known, and what counts as evidence."""

    raci = serializers.DictField(source="parts", help_text="Function → its part: A, R, AR, C or I.", **RACI)
    facts = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Keys of facts shown.")
    role = serializers.CharField(read_only=True, help_text="Of a person at the customer; empty: any.")

    class Meta:
        model = HandoffItem
        fields = ["key", "name", "help", "evidence", "role", "facts", "due", "due_at_commit", "is_blocking", "raci"]
        read_only_fields = fields


class HandoffSectionSerializer(serializers.ModelSerializer):
    """One section of a checklist."""

    items = HandoffTemplateItemSerializer(many=True, read_only=True)

    class Meta:
        model = HandoffSection
        fields = ["key", "name", "meaning", "items"]
        read_only_fields = fields


class HandoffTemplateSerializer(serializers.ModelSerializer):
    """One kind of handoff with its checklist, as its latest version says."""

    version = serializers.SerializerMethodField(help_text="Number of the version in force.")
    starts_with = serializers.CharField(
        read_only=True, help_text="Type of the won deal that starts it; empty: by hand."
    )
    starts_on_change_of = serializers.CharField(
        read_only=True, help_text="Part on the account: another holder of it starts it. Empty: nothing of the kind."
    )
    sections = serializers.SerializerMethodField()

    class Meta:
        model = HandoffTemplate
        fields = ["key", "name", "meaning", "starts_with", "starts_on_change_of", "version", "sections"]
        read_only_fields = fields

    def get_version(self, template: HandoffTemplate) -> int | None:
        return next((version.number for version in template.versions.all()), None)

    @extend_schema_field(HandoffSectionSerializer(many=True))
    def get_sections(self, template: HandoffTemplate) -> Any:
        sections = [section for version in template.versions.all() for section in version.sections.all()]
        return HandoffSectionSerializer(sections, many=True).data


class HandoffTemplateViewSet(Listed, ScopedViewSet):
    """Checklists by which customers are handed over."""

    area = Area.DEFINITIONS
    queryset = HandoffTemplate.objects.prefetch_related(Prefetch("versions", queryset=_published()))
    serializer_class = HandoffTemplateSerializer
