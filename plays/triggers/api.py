"""Starting plays by hand on the REST API."""

import uuid

from django.core.exceptions import ValidationError as Invalid
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.team.rest import KeyField, ScopedViewSet, Strict
from plays.decisions.api import DecisionSerializer
from plays.decisions.models import Decision
from plays.definitions.models import Play
from plays.definitions.services import current
from plays.triggers import services
from plays.triggers.preview import preview

MOST = 200
OF_PLAY = r"plays/(?P<play>[^/]+)"


class StartDraft(Strict):
    """For whom a play is to start, and why."""

    accounts = serializers.ListField(
        child=KeyField(Account), min_length=1, max_length=MOST, help_text="Keys of the accounts."
    )
    reason = serializers.CharField(max_length=250, help_text="Why, in a few words; it stands beside each run.")
    occurrence = serializers.RegexField(
        r"\A[A-Za-z0-9._:-]{1,80}\Z",
        required=False,
        help_text="A name of your own for this wish: sent again, nothing more starts, and the answer is the same.",
        error_messages={"invalid": "Use 1 to 80 letters, digits, dots, colons, hyphens and underscores."},
    )
    dry_run = serializers.BooleanField(default=False, help_text="True: answers what would be decided, starts nothing.")


class StartedSerializer(serializers.Serializer):
    """What was decided about each account: where it did not start, and why."""

    results = DecisionSerializer(many=True, read_only=True)


class PlannedSerializer(serializers.ModelSerializer):
    """What would be decided about one account now."""

    account = serializers.CharField(source="account.key", read_only=True)
    detail = serializers.CharField(read_only=True, help_text="Why it would not start; empty where it would.")

    class Meta:
        model = Decision
        fields = ["account", "outcome", "detail"]
        read_only_fields = fields


class PlanSerializer(serializers.Serializer):
    """What would be decided about each account."""

    results = PlannedSerializer(many=True, read_only=True)


class StartViewSet(ScopedViewSet):
    """Starts a play because somebody wants it, also one that is not active."""

    area = Area.RUNS
    queryset = Decision.objects.all()
    serializer_class = DecisionSerializer
    lookup_field = "play"

    @extend_schema(request=StartDraft, responses={200: PlanSerializer, 201: StartedSerializer})
    def create(self, request: Request, play: str) -> Response:
        """Starts the play for accounts. One run at a time for each; what was decided is answered for every account."""
        plays = Play.objects.for_user(self.caller)
        found = plays.filter(key=play).first() if KEY.fullmatch(play) else None
        if found is None:
            raise Http404
        values = self.body(StartDraft)
        accounts = list({account.pk: account for account in values["accounts"]}.values())
        wish = values.get("occurrence") or uuid.uuid4().hex
        try:
            if values["dry_run"]:
                planned = services.plan_by_hand(found, accounts, reason=values["reason"], at=now())
                return Response({"results": PlannedSerializer(planned, many=True).data})
            decisions = services.start_by_hand(
                found, accounts, occurrence=wish, reason=values["reason"], by=self.caller, at=now()
            )
        except Invalid as refused:
            raise ValidationError(refused.message_dict) from None
        return Response({"results": DecisionSerializer(decisions, many=True).data}, status=201)


class ExampleSerializer(serializers.Serializer):
    """One account for which it would have started, or would start."""

    account = serializers.CharField(source="0.key", read_only=True)
    at = serializers.DateTimeField(source="1", allow_null=True, read_only=True, help_text="Null: now.")


@extend_schema_serializer(many=False)
class PreviewSerializer(serializers.Serializer):
    """What a play would start, among the accounts that the caller may see."""

    sentence = serializers.CharField(read_only=True, help_text="What the figure means; {} stands for it.")
    count = serializers.IntegerField(read_only=True, help_text="Accounts.")
    note = serializers.CharField(read_only=True, help_text="What the figure leaves out; empty where nothing.")
    examples = ExampleSerializer(many=True, read_only=True)


class PreviewViewSet(ScopedViewSet):
    """What a play would start: of the past 30 days for events and signals, next for calendars, now for conditions."""

    area = Area.DEFINITIONS
    queryset = Play.objects.all()
    serializer_class = PreviewSerializer
    pagination_class = None
    lookup_field = "play"

    @extend_schema(
        operation_id="plays_preview", summary="What a play would start", responses=PreviewSerializer, filters=False
    )
    def list(self, request: Request, play: str) -> Response:
        """The preview of the version in force. Writes nothing."""
        self.filter_queryset(Play.objects.none())
        found = self.get_queryset().filter(key=play).first() if KEY.fullmatch(play) else None
        version = current(found) if found else None
        if version is None:
            raise Http404
        return Response(PreviewSerializer(preview(version, user=self.caller, at=now())).data)


ROUTES = {f"{OF_PLAY}/start": StartViewSet, f"{OF_PLAY}/preview": PreviewViewSet}
