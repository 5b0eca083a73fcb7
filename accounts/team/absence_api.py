"""Absences on the REST API."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.team import absences
from accounts.team.filters import InstantFilter
from accounts.team.models import Absence, User
from accounts.team.rest import Conflict, Listed, NumberedViewSet, PersonField, Strict


class AbsenceSerializer(serializers.ModelSerializer):
    """When one of our people is away, and who does their work meanwhile."""

    user = serializers.CharField(source="user.username", read_only=True)
    stand_in = serializers.CharField(source="stand_in.username", read_only=True)

    class Meta:
        model = Absence
        fields = ["id", "user", "stand_in", "starts_at", "ends_at"]
        read_only_fields = fields


class StandIn(Strict):
    """Who stands in from now on."""

    stand_in = PersonField(help_text="Username or e-mail address.")


class AbsenceDraft(StandIn):
    """A new absence. Left out, `user` is who asks."""

    user = PersonField(required=False, help_text="Username or e-mail address; left out: who asks.")
    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField(help_text="The first instant at which they are back.")


class AbsenceFilters(filters.FilterSet):
    user = filters.CharFilter("user__username", label="Username of who is away.")
    stand_in = filters.CharFilter("stand_in__username", label="Username of who stands in.")
    starts_before = InstantFilter("starts_at", lookup_expr="lt", label="Begins before this instant.")
    ends_after = InstantFilter("ends_at", lookup_expr="gt", label="Ends after this instant.")


class AbsenceViewSet(Listed, NumberedViewSet):
    """Who is away, and who stands in: everybody sets their own, whoever leads a team sets its people's."""

    area = Area.PEOPLE
    self_service = True
    queryset = Absence.objects.select_related("user", "stand_in")
    serializer_class = AbsenceSerializer
    filterset_class = AbsenceFilters

    @extend_schema(request=AbsenceDraft, responses={201: AbsenceSerializer})
    def create(self, request: Request) -> Response:
        """Sets an absence; the stand-in sees and works what the absent one owns while it holds."""
        values = self.body(AbsenceDraft)
        user = self._arranged(values.pop("user", self.caller))
        return self.answer(self._named(absences.announce, user, **values), code=201)

    @extend_schema(request=StandIn, responses=AbsenceSerializer)
    def partial_update(self, request: Request, id: str) -> Response:  # noqa: A002
        """Names somebody else for the rest of it. The answer is the absence that holds from now on."""
        absence = self.get_object()
        self._arranged(absence.user)
        return self.answer(self._named(absences.replace, absence, **self.body(StandIn)))

    @extend_schema(request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def end(self, request: Request, id: str) -> Response:  # noqa: A002
        """They are back, or do not go. 409 where it is over."""
        absence = self.get_object()
        self._arranged(absence.user)
        try:
            absences.end(absence, by=self.caller, at=now())
        except Invalid as refused:
            raise Conflict(" ".join(refused.messages)) from None
        return Response(status=204)

    def _arranged(self, user: User) -> User:
        if not absences.arranged_by(self.caller).filter(pk=user.pk).exists():
            raise ValidationError({"user": f"The absences of {user.username!r} are not yours to set."})
        return user

    def _named(self, verb: Any, row: Any, **values: Any) -> Absence:
        try:
            found: Absence = verb(row, by=self.caller, at=now(), **values)
        except Invalid as refused:
            raise ValidationError(
                refused.message_dict if hasattr(refused, "error_dict") else refused.messages
            ) from None
        return found


ROUTES = {"absences": AbsenceViewSet}
