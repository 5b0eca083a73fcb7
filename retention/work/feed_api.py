"""The calendar of the caller on the REST API: its address, a new one, none any more."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team.rest import ScopedViewSet
from retention.work import feeds
from retention.work.models import CalendarFeed


class CalendarFeedSerializer(serializers.Serializer):
    """Where a calendar reads the caller's due times. Whoever has the address reads them."""

    address = serializers.CharField(allow_null=True, help_text="Null where there is none.")
    read_at = serializers.DateTimeField(allow_null=True, help_text="When a calendar asked last.")


class CalendarFeedViewSet(ScopedViewSet):
    """The iCalendar feed of the caller's own work."""

    area = Area.WORK
    self_service = True
    queryset = CalendarFeed.objects.all()
    serializer_class = CalendarFeedSerializer
    pagination_class = None

    @extend_schema(operation_id="calendar_feed_read", responses=CalendarFeedSerializer)
    def retrieve(self, request: Request) -> Response:
        """The address of the caller's calendar."""
        self.filter_queryset(CalendarFeed.objects.none())
        return _shown(CalendarFeed.objects.filter(user=self.caller).first())

    @extend_schema(operation_id="calendar_feed_renew", request=None, responses=CalendarFeedSerializer)
    def renew(self, request: Request) -> Response:
        """A new address; earlier ones read nothing any more."""
        return _shown(feeds.renew(self.caller, by=self.caller, at=now()))

    @extend_schema(operation_id="calendar_feed_revoke", request=None, responses={204: None})
    def revoke(self, request: Request) -> Response:
        """Makes the address useless. Harmless where there is none."""
        feeds.revoke(self.caller, by=self.caller, at=now())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(feed: CalendarFeed | None) -> Response:
    found: dict[str, Any] = {
        "address": feeds.address(feed) if feed else None,
        "read_at": feed.read_at if feed else None,
    }
    return Response(CalendarFeedSerializer(found).data)


VERBS: Any = {"get": "retrieve", "post": "renew", "delete": "revoke"}
