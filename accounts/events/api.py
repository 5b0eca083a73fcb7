"""The timeline of an account, and dead letters, on the REST API."""

from typing import Any

from django.db import models
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.events import dead_letters
from accounts.events.models import Reaction
from accounts.events.timeline import about, told
from accounts.foundation import claims
from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.api import OF_ACCOUNT, OfAccountViewSet
from accounts.portfolio.events import Group
from accounts.portfolio.models import AccountEvent
from accounts.team.filters import InstantFilter
from accounts.team.rest import Conflict, NumberedViewSet, ScopedViewSet, Strict, Whole


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


class PileSerializer(serializers.Serializer):
    """How much of one kind of work was given up."""

    kind = serializers.CharField(source="name", help_text="Names the list of these dead letters.")
    count = serializers.IntegerField()
    oldest_at = serializers.DateTimeField(allow_null=True, help_text="When the oldest was given up.")


class LetterSerializer(serializers.Serializer):
    """One piece of work that the machine gave up."""

    id = serializers.IntegerField(source="row.pk")
    kind = serializers.CharField(source="kind.label")
    what = serializers.CharField(help_text="What was to be done.")
    account = serializers.CharField(source="account.key", allow_null=True, default=None)
    error = serializers.CharField(source="row.error")
    tries = serializers.IntegerField(source="row.tries")
    failed_at = serializers.DateTimeField(source="row.failed_at", allow_null=True)
    may_repeat = serializers.BooleanField(
        help_text="True: nobody knows whether it was done, so trying it again may do it twice."
    )


class RetryDraft(Strict):
    """How much is risked."""

    may_repeat = serializers.BooleanField(
        default=False, help_text="True: try it again although it may have been done already."
    )


class PileViewSet(ScopedViewSet):
    """What the machine gave up, by kind of work."""

    area = Area.DEFINITIONS
    queryset = Reaction.objects.all()  # names the permission's model only; every kind is asked for below
    serializer_class = PileSerializer
    pagination_class = Whole

    @extend_schema(operation_id="dead_letters_count", responses=PileSerializer(many=True), filters=False)
    def list(self, request: Request) -> Response:
        """Every kind of work with how much of it was given up."""
        self.filter_queryset(Reaction.objects.none())
        return Response({"next": None, "results": PileSerializer(dead_letters.piles(self.caller), many=True).data})


@extend_schema(parameters=[OpenApiParameter("kind", str, "path", description="One of the kinds of /dead-letters/.")])
class LetterViewSet(ListModelMixin, NumberedViewSet):
    """Dead letters of one kind, the latest first: to read, to try again, to discard."""

    area = Area.DEFINITIONS
    queryset = Reaction.objects.all()
    serializer_class = LetterSerializer
    order = "-failed_at"

    @property
    def kind(self) -> str:
        """The kind of work that the path names."""
        name = self.kwargs["kind"]
        if name not in claims.work:
            raise Http404
        return name

    def get_queryset(self) -> Any:
        if getattr(self, "swagger_fake_view", False):
            return Reaction.objects.none()
        return dead_letters.rows(self.kind, self.caller)

    def get_serializer(self, *args: Any, **kwargs: Any) -> Any:
        """Serializes rows as dead letters."""
        return super().get_serializer(*(dead_letters.letters(self.kind, rows) for rows in args), **kwargs)

    @extend_schema(request=RetryDraft, responses={204: None})
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, kind: str, id: str) -> Response:  # noqa: A002
        """Lets it be tried again, from its first try on. What may have been done already needs `may_repeat`."""
        [letter] = dead_letters.letters(self.kind, [self.get_object()])
        if letter.may_repeat and not self.body(RetryDraft)["may_repeat"]:
            raise Conflict("Nobody knows whether it was done. Send may_repeat: true to try it again all the same.")
        return self._decide("retry")

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, kind: str, id: str) -> Response:  # noqa: A002
        """Says that it will not be done."""
        return self._decide("discard")

    def _decide(self, verb: str) -> Response:
        try:
            dead_letters.VERBS[verb](self.get_object(), by=self.caller, at=now())
        except claims.NotGivenUp as refused:
            raise Conflict(str(refused)) from None
        return Response(status=204)


ROUTES = {
    f"{OF_ACCOUNT}/timeline": TimelineViewSet,
    "dead-letters": PileViewSet,
    r"dead-letters/(?P<kind>[\w-]+)": LetterViewSet,
}
