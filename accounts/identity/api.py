"""External ids on the REST API: what other systems call an account."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError as Invalid
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.mixins import ListModelMixin
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.many import OfIds
from accounts.foundation.records import OnMerge
from accounts.foundation.scope import Area
from accounts.identity import services
from accounts.identity.merging import MergePlan, merge, plan_merge
from accounts.identity.models import ExternalId
from accounts.portfolio.api import OF_ACCOUNT, AccountField, OfAccountViewSet, account_fields
from accounts.portfolio.models import Account
from accounts.team.rest import Conflict, KeyField, ScopedViewSet, Strict
from accounts.workspace.models import Source

LENGTH = 200


class NameSerializer(serializers.ModelSerializer):
    """What one source calls the account."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    id = serializers.CharField(source="value", read_only=True)

    class Meta:
        model = ExternalId
        fields = ["source", "id"]
        read_only_fields = fields


class NameDraft(Strict):
    """What one source calls the account. `value` is accepted instead of `id`."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the source.")  # type: ignore[assignment]
    id = serializers.CharField(required=False, max_length=LENGTH)
    value = serializers.CharField(required=False, max_length=LENGTH)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = {name for name in ("id", "value") if name in attrs}
        if len(given) != 1:
            raise ValidationError({"id": "Say once what the source calls the account."})
        attrs["id"] = attrs.pop(given.pop())
        return attrs


class ExternalIdSerializer(NameSerializer):
    """An external id and the account it names."""

    account = serializers.CharField(source="account.key", read_only=True)

    class Meta(NameSerializer.Meta):
        fields = ["account", "source", "id"]
        read_only_fields = fields


class ExternalIdDraft(NameDraft):
    """A further external id of an account."""

    account = KeyField(Account, help_text="Key of the account.")


class ExternalIdFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    source = filters.CharFilter("source__key", label="Key of the source.")
    id = filters.CharFilter("value", label="What the source calls the account.")


class ExternalIdViewSet(ListModelMixin, ScopedViewSet):
    """What each source calls which account. Signals find their account by it."""

    area = Area.ACCOUNTS
    queryset = ExternalId.objects.select_related("account", "source")
    serializer_class = ExternalIdSerializer
    filterset_class = ExternalIdFilters

    @extend_schema(request=ExternalIdDraft, responses={201: ExternalIdSerializer})
    def create(self, request: Request) -> Response:
        """Links an account to an id. Signals that waited in quarantine for this id are replayed by themselves."""
        values = self.body(ExternalIdDraft)
        try:
            linked = services.link(
                values["account"], source=values["source"], value=values["id"], by=self.caller, at=now()
            )
        except Invalid as refused:
            raise ValidationError({"id": refused.messages}) from None
        return self.answer(linked, code=201)


def _link_all(account: Account, names: list[dict[str, Any]], *, by: Any, at: dt.datetime) -> None:
    for name in names:
        services.link(account, source=name["source"], value=name["id"], by=by, at=at)


_ids = OfIds(lambda ids: ExternalId.objects.filter(account__in=ids).values_list("account_id", "source__key", "value"))


def _ids_of_many(accounts: list[int]) -> dict[int, list[dict[str, str]]]:
    found: dict[int, list[dict[str, str]]] = {}
    for account, source, value in _ids(accounts):
        found.setdefault(account, []).append({"source": source, "id": value})
    return found


account_fields.add(
    "external_ids",
    AccountField(
        shown=lambda: NameSerializer(many=True, read_only=True),
        draft=lambda: NameDraft(many=True, required=False, max_length=50),  # type: ignore[call-arg]
        set=_link_all,
        prefetched=("external_ids__source",),
        of_many=_ids_of_many,
    ),
)


class MergeDraft(Strict):
    """Which account stays, and whether to look only."""

    into = KeyField(Account, help_text="Key of the account that stays.")
    dry_run = serializers.BooleanField(default=False, help_text="True: answers with the plan and changes nothing.")


class MergeSerializer(serializers.Serializer):
    """What a merge does, in counts of rows by what they are, or why it cannot be."""

    account = serializers.CharField(source="account.key", help_text="The account that goes.")
    into = serializers.CharField(source="into.key", help_text="The account that stays.")
    moved = serializers.SerializerMethodField()
    joined = serializers.SerializerMethodField()
    made_again = serializers.SerializerMethodField()
    stay = serializers.SerializerMethodField(help_text="What remains under the old name.")
    completed = serializers.ListField(child=serializers.CharField(), help_text="Profile fields that are taken over.")
    obstacles = serializers.ListField(child=serializers.CharField(), help_text="Why it cannot be done.")

    def get_moved(self, plan: MergePlan) -> dict[str, int]:
        return plan.counts.get(OnMerge.MOVE, {})

    def get_joined(self, plan: MergePlan) -> dict[str, int]:
        return plan.counts.get(OnMerge.UNION, {})

    def get_made_again(self, plan: MergePlan) -> dict[str, int]:
        return plan.counts.get(OnMerge.DROP, {})

    def get_stay(self, plan: MergePlan) -> dict[str, int]:
        return plan.counts.get(OnMerge.STAY, {})


class MergeViewSet(OfAccountViewSet):
    """Two accounts that turned out to be one."""

    area = Area.ACCOUNTS
    queryset = Account.objects.all()
    serializer_class = MergeSerializer
    lookup_field = "account"

    @extend_schema(request=MergeDraft, responses=MergeSerializer)
    def create(self, request: Request, account: str) -> Response:
        """Merges the account into another one: its history moves, and its ids lead there from now on."""
        going = self.account()
        values = self.body(MergeDraft)
        plan = plan_merge(going, into=values["into"])
        if not values["dry_run"]:
            if plan.obstacles:
                raise Conflict(" ".join(plan.obstacles))
            try:
                merge(going, into=values["into"], by=self.caller, at=now())
            except Invalid as refused:  # what only shows while it is done, such as a tree that would be too deep
                raise Conflict(" ".join(refused.messages)) from None
        return Response(MergeSerializer(plan).data)


ROUTES = {"external-ids": ExternalIdViewSet, f"{OF_ACCOUNT}/merge": MergeViewSet}
