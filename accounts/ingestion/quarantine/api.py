"""The quarantine on the REST API: single items, groups that wait for one account id, and what settles them."""

from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.identity import services as identity
from accounts.ingestion import services as ingestion
from accounts.ingestion.models import QuarantinedItem
from accounts.ingestion.quarantine import queries, services
from accounts.ingestion.quarantine.queries import Group, Reason, Selection
from accounts.ingestion.quarantine.suggestions import Guess, guesses
from accounts.portfolio.models import Account
from accounts.team.filters import InstantFilter
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict, Whole
from accounts.workspace.models import Source

GROUPS = 500
ID_LENGTH = 200
ID_KINDS = [("account", "What the source calls an account."), ("user", "What it calls a user without an account.")]


class QuarantinedSerializer(serializers.ModelSerializer):
    """A signal or bulk item that could not be used yet, with the reason. It waits to be replayed."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    group = serializers.CharField(source="group_value", read_only=True, help_text="The account id it names.")
    user = serializers.CharField(source="user_value", read_only=True, help_text="The user id it names.")
    item = serializers.CharField(read_only=True, help_text="The item as it came, as text.")

    class Meta:
        model = QuarantinedItem
        fields = ["id", "source", "kind", "reason", "detail", "group", "user", "item", "received_at"]
        read_only_fields = fields


class QuarantineFilters(filters.FilterSet):
    source = filters.CharFilter("source__key", label="Key of the source.")
    kind = filters.ChoiceFilter(choices=QuarantinedItem.Kind.choices, label="What it came as.")
    reason = filters.ChoiceFilter(choices=QuarantinedItem.Reason.choices, label="Why it waits.")
    group = filters.CharFilter("group_value", label="The account id it names.")
    user = filters.CharFilter("user_value", label="The user id it names.")
    after = InstantFilter("received_at", lookup_expr="gt", label="Received after this instant.")
    before = InstantFilter("received_at", lookup_expr="lt", label="Received before this instant.")


class ReplayedSerializer(serializers.Serializer):
    """How many items went back into the inbox."""

    replayed = serializers.IntegerField()


class DiscardedSerializer(serializers.Serializer):
    """How many items were deleted."""

    discarded = serializers.IntegerField()


class GroupSerializer(serializers.Serializer):
    """Signals that wait for one account id, or for one user's account, and the account that fits."""

    source = serializers.CharField(source="group.source.key")  # type: ignore[assignment]
    reason = serializers.ChoiceField(QuarantinedItem.Reason.choices, source="group.reason")
    id = serializers.CharField(source="group.value", help_text="What the source calls the account, or the user.")
    items = serializers.IntegerField(source="group.count", help_text="How many signals wait.")
    first_received_at = serializers.DateTimeField(source="group.first_at")
    last_received_at = serializers.DateTimeField(source="group.last_at")
    name = serializers.CharField(source="guess.name", help_text="What group calls call the company; empty if none did.")
    waits_for = serializers.CharField(
        source="guess.waits_for",
        help_text="Of a user: the unlinked account id that a group call names for them; empty if none did.",
    )
    suggested_account = serializers.CharField(source="guess.suggestion.account.key", allow_null=True, default=None)
    suggested_because = serializers.CharField(source="guess.suggestion.reason", allow_null=True, default=None)


class SelectionDraft(Strict):
    """Which waiting items are meant."""

    reason = serializers.ChoiceField(QuarantinedItem.Reason.choices)
    source = KeyField(
        Source, scoped=False, listed=True, required=False, help_text="Key of the source; all if left out."
    )  # type: ignore[assignment]

    def selection(self) -> Selection:
        """What was asked for, as it is now."""
        values = self.validated_data
        return Selection(reason=values["reason"], source=values["source"].key if "source" in values else "")


class DiscardDraft(SelectionDraft):
    """Which waiting items are deleted, and why."""

    because = serializers.CharField(max_length=services.REASON_LENGTH, help_text="Kept in the audit trail.")


class MatchDraft(Strict):
    """Which account an id names."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the source.")  # type: ignore[assignment]
    id = serializers.CharField(max_length=ID_LENGTH)
    account = KeyField(Account, help_text="Key of the account.")
    kind = serializers.ChoiceField(ID_KINDS, default="account", help_text="Whose id it is.")


class SettleDraft(Strict):
    """Which unknown account ids get an account."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the source.")  # type: ignore[assignment]
    ids = serializers.ListField(
        child=serializers.CharField(max_length=ID_LENGTH),
        max_length=services.GROUPS_AT_ONCE,
        required=False,
        help_text=f"At most {services.GROUPS_AT_ONCE}; where left out, the next ones that wait.",
    )
    match = serializers.BooleanField(default=True, help_text="Use the suggested account where there is one.")


class SettledSerializer(serializers.Serializer):
    """What was done. `left` says how many ids of the source still wait: call again until it no longer falls."""

    created = serializers.IntegerField()
    matched = serializers.IntegerField()
    refused = serializers.ListField(child=serializers.CharField())
    left = serializers.IntegerField()


class QuarantineViewSet(Listed, NumberedViewSet):
    """Signals that could not be used yet, newest first. Nothing is dropped."""

    area = Area.SIGNALS
    queryset = QuarantinedItem.objects.select_related("source")
    serializer_class = QuarantinedSerializer
    filterset_class = QuarantineFilters
    order = "-received_at"

    @extend_schema(request=None, responses={202: ReplayedSerializer})
    @action(detail=True, methods=["post"])
    def replay(self, request: Request, id: str) -> Response:  # noqa: A002
        """Puts the item back into the inbox; if its reason still holds, it returns here as a new row."""
        return Response({"replayed": ingestion.replay([self.get_object()], by=self.caller, at=now())}, status=202)

    @extend_schema(responses=GroupSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=Whole, filterset_class=None)
    def groups(self, request: Request) -> Response:
        """The 500 account ids for which most signals wait, each with the account that fits; then users without one."""
        self.filter_queryset(self.get_queryset().none())
        rows: list[dict[str, Group | Guess]] = []
        for reason in queries.NAMED_BY:
            found = queries.largest(self.caller, Selection(reason=reason), start=0, end=GROUPS)
            told = guesses(found, user=self.caller)
            rows += [{"group": group, "guess": told[group.place]} for group in found]
        return Response({"next": None, "results": GroupSerializer(rows, many=True).data})

    @extend_schema(
        operation_id="quarantined_items_replay_many", request=SelectionDraft, responses={202: ReplayedSerializer}
    )
    @action(detail=False, methods=["post"], url_path="replay")
    def replay_many(self, request: Request) -> Response:
        """Puts the oldest 1 000 items of a reason back into the inbox; call again until it says 0."""
        wanted = self._selected(SelectionDraft)[0]
        return Response({"replayed": services.replay(wanted, by=self.caller, at=now())}, status=202)

    @extend_schema(request=DiscardDraft, responses=DiscardedSerializer)
    @action(detail=False, methods=["post"])
    def discard(self, request: Request) -> Response:
        """Deletes the oldest 1 000 items of a reason for good; the audit trail keeps how many, and why."""
        wanted, values = self._selected(DiscardDraft)
        count = services.discard(wanted, reason=values["because"], by=self.caller, at=now())
        return Response({"discarded": count})

    def _selected(self, draft: type[SelectionDraft]) -> tuple[Selection, dict[str, Any]]:
        checked = draft(data=self.request.data, context=self.get_serializer_context())
        checked.is_valid(raise_exception=True)
        return checked.selection(), checked.validated_data

    @extend_schema(request=MatchDraft, responses={204: None})
    @action(detail=False, methods=["post"])
    def match(self, request: Request) -> Response:
        """Says which account an id names; everything that waits for it is counted by itself."""
        values = self._draft(MatchDraft)
        by = {"source": values["source"], "value": values["id"], "by": self.caller, "at": now()}
        verb: Any = identity.link if values["kind"] == "account" else services.match_user
        try:
            verb(values["account"], **by)
        except Invalid as refused:
            raise ValidationError({"id": refused.messages}) from None
        return Response(status=204)

    @extend_schema(request=SettleDraft, responses=SettledSerializer)
    @action(detail=False, methods=["post"])
    def settle(self, request: Request) -> Response:
        """Gives unknown account ids of a source an account: the one that fits, or a new one."""
        values = self._draft(SettleDraft)
        source = values["source"]
        chosen = tuple((source.pk, one) for one in values.get("ids", []))
        wanted = Selection(reason=Reason.UNKNOWN_ACCOUNT, source=source.key, chosen=chosen)
        done = services.settle(wanted, match=values["match"], place=None, by=self.caller, at=now())
        left, _ = queries.size(self.caller, Selection(reason=Reason.UNKNOWN_ACCOUNT, source=source.key))
        shown = {"created": done.created, "matched": done.matched, "refused": done.refused, "left": left}
        return Response(SettledSerializer(shown).data)

    def _draft(self, draft: type[Strict]) -> dict[str, Any]:
        """The body of a verb that changes accounts too."""
        if not self.caller.may_edit(Area.ACCOUNTS):
            raise PermissionDenied("Your role may not change accounts.")
        return self.body(draft)


ROUTES = {"quarantined-items": QuarantineViewSet}
