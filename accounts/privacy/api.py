"""Privacy on the REST API: what people asked about their data, and doing it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.privacy import services
from accounts.privacy.finding import LONGEST, may_decide, who
from accounts.privacy.models import PersonRequest
from accounts.privacy.searching import Search
from accounts.team.rest import Listed, NumberedViewSet, Strict

STEP_S = 20.0
"""So long one request looks for words; proxies give up on one after thirty or sixty seconds."""
LONGEST_SO_FAR = 100_000


class PersonRequestSerializer(serializers.ModelSerializer):
    """What was done when somebody asked about their data; who it was about is not kept."""

    kind = serializers.ChoiceField(PersonRequest.Kind.choices, read_only=True)
    by = serializers.CharField(source="by.username", read_only=True, allow_null=True, default=None)
    rows = serializers.DictField(child=serializers.IntegerField(), read_only=True, help_text="Kind of row → how many.")
    mentions = serializers.ListField(
        child=serializers.DictField(), read_only=True, help_text="Words that named the person, for somebody to look at."
    )
    is_cut = serializers.BooleanField(
        read_only=True, help_text="Whether so many words were found that the search ended: there may be more of them."
    )

    class Meta:
        model = PersonRequest
        fields = ["id", "kind", "at", "by", "rows", "mentions", "is_cut", "settled_at"]
        read_only_fields = fields


class PersonRequestMade(PersonRequestSerializer):
    """What was done, with the copy where one was asked for."""

    copy = serializers.DictField(read_only=True, allow_null=True, help_text="What we hold, by kind of row.")

    class Meta(PersonRequestSerializer.Meta):
        fields = [*PersonRequestSerializer.Meta.fields, "copy"]
        read_only_fields = fields


class PersonRequestDraft(Strict):
    """Whom it is about, and what they asked for."""

    kind = serializers.ChoiceField(PersonRequest.Kind.choices)
    person = serializers.CharField(
        max_length=LONGEST, help_text="Their e-mail address, or their id in a source (what `userId` was)."
    )
    so_far = serializers.CharField(
        required=False,
        max_length=LONGEST_SO_FAR,
        help_text="Goes on with an erasure that was answered with 202: what that answer gave.",
    )


class SearchGoesOn(serializers.Serializer):
    """How far the search for words that name the person is. Nothing is erased before its end."""

    so_far = serializers.CharField(help_text="Send the same request again with this, within the hour.")
    looked_through = serializers.IntegerField(help_text="Kinds of rows that are looked through.")
    whole = serializers.IntegerField(help_text="Kinds of rows there are to look through.")
    found = serializers.IntegerField(help_text="Words found so far.")


COPY = OpenApiExample("A copy", request_only=True, value={"kind": "copy", "person": "ada@northwind.example"})
ERASURE = OpenApiExample("An erasure", request_only=True, value={"kind": "erasure", "person": "usr-77"})


class PersonRequestViewSet(Listed, NumberedViewSet):
    """Copies and erasures of personal data."""

    area = Area.SETTINGS
    queryset = PersonRequest.objects.select_related("by")
    serializer_class = PersonRequestSerializer
    order = "-at"

    @extend_schema(
        request=PersonRequestDraft, responses={201: PersonRequestMade, 202: SearchGoesOn}, examples=[COPY, ERASURE]
    )
    def create(self, request: Request) -> Response:
        """Hands out what we hold about somebody, or erases it. Nothing brings an erased person back by itself.

        An erasure first looks through all free text for words that name the person. Where that takes long, it answers
        202 with `so_far`, and nothing is erased yet: send the same with `so_far` until the answer is 201.
        """
        if not may_decide(self.caller):
            raise PermissionDenied("Personal data is handed out and erased by those who see every account.")
        asked = self.body(PersonRequestDraft)
        person, at = who({"q": asked["person"]}, asking=self.caller), now()
        copy: dict[str, Any] | None = None
        if person is None:
            raise serializers.ValidationError({"person": ["Give an e-mail address or an id."]})
        try:
            if asked["kind"] == PersonRequest.Kind.COPY:
                row, made = services.copy_of(person, by=self.caller, at=at)
                copy = made.plain()
            else:
                key = f"{self.caller.pk}?{asked['person']}"
                search = services.look(person, asked.get("so_far", ""), asked=key, seconds=STEP_S)
                if not search.is_end:
                    return Response(_goes_on(search, search.sealed(key)), status=202)
                row = services.erase(person, search=search, by=self.caller, at=at)
        except services.NobodyFound as refused:
            raise serializers.ValidationError({"person": refused.messages}) from refused
        return Response(self.get_serializer(row).data | {"copy": copy}, status=201)


def _goes_on(search: Search, so_far: str) -> dict[str, Any]:
    told = {"looked_through": search.place.kinds, "whole": search.whole, "found": len(search.found)}
    return SearchGoesOn({"so_far": so_far, **told}).data


ROUTES = {"person-requests": PersonRequestViewSet}
