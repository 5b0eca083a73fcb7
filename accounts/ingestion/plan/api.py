"""The tracking plan on the REST API: features, milestones, page intents, and the names that sources send."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.scope import Area
from accounts.ingestion.models import EventName, Feature, Milestone, PageIntent
from accounts.ingestion.plan import services
from accounts.team.filters import FlagFilter
from accounts.team.rest import Listed, NumberedViewSet, ScopedViewSet, Strict

NAMES = "Event names that count."
PATHS = "Paths of pages; * stands for any text: /pricing*."


def _texts(meaning: str, **options: Any) -> serializers.ListField:
    child = serializers.CharField(max_length=services.LONGEST_NAME)
    return serializers.ListField(child=child, max_length=services.MOST_NAMES, help_text=meaning, **options)


class PlanViewSet(Listed, ScopedViewSet):
    """Entries of one list of the tracking plan."""

    area = Area.DEFINITIONS
    model: Any
    draft: type[Strict]
    change: type[Strict]
    save: Any

    def _saved(self, values: dict[str, Any], *, code: int) -> Response:
        try:
            saved = type(self).save(**values, by=self.caller, at=now())
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return self.answer(saved, code=code)

    def _create(self) -> Response:
        values, model = self.body(self.draft), self.model
        values.setdefault("key", services.free_key(model, values["name"]))
        if model.objects.filter(key=values["key"]).exists():
            raise ValidationError({"key": f"There is a {model._meta.verbose_name} with this key already."})
        return self._saved(values, code=201)

    def _change(self) -> Response:
        row = self.get_object()
        kept = {str(name): getattr(row, str(name)) for name in self.change().fields}
        return self._saved({"key": row.key, **kept, **self.body(self.change)}, code=200)


class FeatureSerializer(serializers.ModelSerializer):
    """A feature of the product, and the event names that mean it was used."""

    events = _texts(NAMES, read_only=True)

    class Meta:
        model = Feature
        fields = ["key", "name", "tier", "events"]
        read_only_fields = fields


class FeatureChange(Strict):
    """What may change of a feature."""

    name = serializers.CharField(max_length=120, required=False)
    tier = serializers.ChoiceField(Feature.Tier.choices, required=False)
    events = _texts("Event names that count as using it; each belongs to one feature.", required=False)


class FeatureDraft(FeatureChange):
    """A new feature."""

    key = serializers.CharField(max_length=KEY_LENGTH, validators=[validate_key], required=False)
    name = serializers.CharField(max_length=120)
    tier = serializers.ChoiceField(Feature.Tier.choices, default=Feature.Tier.CORE)
    events = _texts("Event names that count as using it; each belongs to one feature.")


class FeatureFilters(filters.FilterSet):
    tier = filters.ChoiceFilter(choices=Feature.Tier.choices, label="Tier of the feature.")


class FeatureViewSet(PlanViewSet):
    """Features, and the event names that mean they were used."""

    queryset = Feature.objects.all()
    serializer_class = FeatureSerializer
    filterset_class = FeatureFilters
    model, draft, change, save = Feature, FeatureDraft, FeatureChange, staticmethod(services.save_feature)

    @extend_schema(request=FeatureDraft, responses={201: FeatureSerializer})
    def create(self, request: Request) -> Response:
        """Adds a feature; signals count for it from now on."""
        return self._create()

    @extend_schema(request=FeatureChange, responses=FeatureSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes a feature; what was counted before stays."""
        return self._change()


class MilestoneSerializer(serializers.ModelSerializer):
    """Something an account achieves once, and the event names any of which means that it did."""

    events = _texts(NAMES, read_only=True)

    class Meta:
        model = Milestone
        fields = ["key", "name", "events"]
        read_only_fields = fields


class MilestoneChange(Strict):
    """What may change of a milestone."""

    name = serializers.CharField(max_length=120, required=False)
    events = _texts("Event names any of which reaches it.", required=False)


class MilestoneDraft(MilestoneChange):
    """A new milestone."""

    key = serializers.CharField(max_length=KEY_LENGTH, validators=[validate_key], required=False)
    name = serializers.CharField(max_length=120)
    events = _texts("Event names any of which reaches it.")


class MilestoneViewSet(PlanViewSet):
    """Milestones, and the event names that reach them."""

    queryset = Milestone.objects.all()
    serializer_class = MilestoneSerializer
    model, draft, change, save = Milestone, MilestoneDraft, MilestoneChange, staticmethod(services.save_milestone)

    @extend_schema(request=MilestoneDraft, responses={201: MilestoneSerializer})
    def create(self, request: Request) -> Response:
        """Adds a milestone; accounts reach it from now on."""
        return self._create()

    @extend_schema(request=MilestoneChange, responses=MilestoneSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes a milestone; what was reached stays reached."""
        return self._change()


class IntentSerializer(serializers.ModelSerializer):
    """What visits to certain pages tell of a visitor's intent."""

    paths = _texts(PATHS, read_only=True)

    class Meta:
        model = PageIntent
        fields = ["key", "name", "paths"]
        read_only_fields = fields


class IntentChange(Strict):
    """What may change of a page intent."""

    name = serializers.CharField(max_length=120, required=False)
    paths = _texts(PATHS, required=False)


class IntentDraft(IntentChange):
    """A new page intent."""

    key = serializers.CharField(max_length=KEY_LENGTH, validators=[validate_key], required=False)
    name = serializers.CharField(max_length=120)
    paths = _texts(PATHS)


class IntentViewSet(PlanViewSet):
    """Page intents, and the pages that show them."""

    queryset = PageIntent.objects.all()
    serializer_class = IntentSerializer
    model, draft, change, save = PageIntent, IntentDraft, IntentChange, staticmethod(services.save_intent)

    @extend_schema(request=IntentDraft, responses={201: IntentSerializer})
    def create(self, request: Request) -> Response:
        """Adds a page intent; visits count for it from now on."""
        return self._create()

    @extend_schema(request=IntentChange, responses=IntentSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes a page intent; what was counted before stays."""
        return self._change()


class EventNameSerializer(serializers.ModelSerializer):
    """An event name that a source sends, and how often it came."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]

    class Meta:
        model = EventName
        fields = ["id", "source", "name", "count", "first_seen_at", "last_seen_at", "is_ignored"]
        read_only_fields = fields


class EventNameFilters(filters.FilterSet):
    source = filters.CharFilter("source__key", label="Key of the source.")
    is_ignored = FlagFilter(label="Whether it is known to mean nothing.")


class EventNameViewSet(Listed, NumberedViewSet):
    """Event names that sources send; an empty name counts what is beyond 5 000 names of a source."""

    area = Area.DEFINITIONS
    queryset = EventName.objects.select_related("source")
    serializer_class = EventNameSerializer
    filterset_class = EventNameFilters


ROUTES = {
    "features": FeatureViewSet,
    "milestones": MilestoneViewSet,
    "page-intents": IntentViewSet,
    "event-names": EventNameViewSet,
}
