"""Accounts on the REST API. Rooms above add their fields through `account_fields`."""

import builtins
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models, transaction
from django.http import Http404
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.keys import KEY
from accounts.foundation.registry import Registry
from accounts.foundation.scope import Area
from accounts.portfolio import listing, services
from accounts.portfolio.listing import OfMany
from accounts.portfolio.models import Account, AccountMember
from accounts.portfolio.queries import LISTED
from accounts.team.models import User
from accounts.team.rest import KeyField, Listed, PersonField, ScopedViewSet, Strict, optional

Part = AccountMember.Part
PROFILE = [
    "name",
    "domain",
    "state",
    "industry",
    "employees",
    "region",
    "time_zone",
    "use_case",
    "complexity",
    "tech_stack",
    "goals",
    "fiscal_year_end_month",
    "budget_month",
    "acquisition_source",
    "campaign",
]
MONTH = {"min_value": 1, "max_value": 12}


@dataclass(frozen=True)
class AccountField:
    """A field of accounts that a higher room adds: how it is shown, and set when an account is created."""

    shown: Callable[[], serializers.Field]
    draft: Callable[[], serializers.Field] | None = None
    set: Callable[..., None] | None = None
    """Called with the new account, the checked value, `by` and `at`, inside the transaction that creates it."""
    column: str = ""
    """For lists: the column that holds it."""
    of_many: OfMany | None = None
    """For lists, where it is no column: given the ids of a page's accounts, what it is for those that have any."""
    joined: tuple[str, ...] = ()
    prefetched: tuple[str, ...] = ()
    narrowed_by: Mapping[str, filters.Filter] = field(default_factory=dict)


account_fields: Registry[AccountField] = Registry("field of accounts on the API")


class AccountSerializer(serializers.ModelSerializer):
    """A customer company, or one that may become a customer."""

    parent = serializers.CharField(source="parent.key", allow_null=True, read_only=True)  # type: ignore[assignment]
    merged_into = serializers.CharField(source="merged_into.key", allow_null=True, read_only=True)
    use_case = optional(Account.UseCase)
    complexity = optional(Account.Complexity)
    tech_stack = serializers.ListField(child=serializers.CharField(), read_only=True)
    csm = serializers.SerializerMethodField(help_text="Username of the CSM; null where there is none.")
    team = serializers.SerializerMethodField(help_text="Part on the account → username.")

    class Meta:
        model = Account
        fields = ["key", *PROFILE, "parent", "csm", "team", "created_at", "archived_at", "merged_into"]
        read_only_fields = fields

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {name: entry.shown() for name, entry in account_fields.items()}

    def get_csm(self, account: Account) -> str | None:
        return self.get_team(account).get(Part.CSM)

    def get_team(self, account: Account) -> dict[str, str]:
        return {member.part: member.user.username for member in account.members.all()}


class TeamDraft(Strict):
    """Who has which part on the account, by username or e-mail address; null makes a part vacant."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return {part.value: PersonField(required=False, allow_null=True, help_text=part.label) for part in Part}


class AccountChange(Strict, serializers.ModelSerializer):
    """What may be changed of an account."""

    parent = KeyField(Account, required=False, allow_null=True, help_text="Key of the account above it.")  # type: ignore[assignment]
    tech_stack = serializers.ListField(
        child=serializers.CharField(max_length=80), required=False, max_length=100, help_text="Names of tools."
    )
    csm = PersonField(
        required=False, allow_null=True, help_text="Username or e-mail address of the CSM; short for team.csm."
    )
    team = TeamDraft(required=False)

    class Meta:
        model = Account
        fields = [*PROFILE, "parent", "csm", "team"]
        extra_kwargs = {
            "employees": {"min_value": 0, "max_value": 10_000_000},
            "goals": {"max_length": 10_000},
            "fiscal_year_end_month": MONTH,
            "budget_month": MONTH,
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The account team in one place: `csm` is short for `team.csm`."""
        team = attrs.pop("team", {})
        if "csm" in attrs:
            if "csm" in team:
                raise ValidationError({"csm": "Name the CSM once: as csm, or as team.csm."})
            team["csm"] = attrs.pop("csm")
        return attrs | {"team": team}


class AccountDraft(AccountChange):
    """A new account: its profile, its team, and what other systems call it, in one call."""

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {name: entry.draft() for name, entry in account_fields.items() if entry.draft}


class AccountFilters(filters.FilterSet):
    state = filters.ChoiceFilter(choices=Account.State.choices, label="State of the account.")
    owner = filters.CharFilter(method="owned", label="Username of the CSM.")
    parent = filters.CharFilter("parent__key", label="Key of the account above.")
    search = filters.CharFilter("name", lookup_expr="icontains", label="Part of the name.")

    def owned(self, rows: models.QuerySet[Any], name: str, value: str) -> models.QuerySet[Any]:
        return rows.filter(members__part=Part.CSM, members__user__username=value)


@cache
def _filters() -> type[AccountFilters]:
    added: dict[str, Any] = {}
    for entry in account_fields.values():
        added |= entry.narrowed_by
    return type("AccountFilters", (AccountFilters,), added)


@cache
def _page() -> listing.Page:
    return listing.Page(dict(account_fields.items()))


CREATE = OpenApiExample(
    "A new account",
    request_only=True,
    value={
        "name": "Northwind Traders",
        "industry": "Food",
        "employees": 240,
        "csm": "amelia",
        "external_ids": [{"source": "product", "id": "acct-42"}],
    },
)


class AccountViewSet(Listed, ScopedViewSet):
    """Accounts: the customers and prospects whom the caller reaches."""

    area = Area.ACCOUNTS
    queryset = Account.objects.all()
    serializer_class = AccountSerializer

    @property
    def filterset_class(self) -> type[AccountFilters]:
        """The filters of this room and of those that add fields."""
        return _filters()

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows.filter(LISTED) if self.action == "list" else _with_all_that_is_shown(rows)

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        found = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response(_page().shown(found or []))

    def fetch_page(self, rows: models.QuerySet[Any]) -> builtins.list[tuple[Any, ...]]:
        """The rows of a page, as the pagination asks for them."""
        return _page().read(rows)

    @extend_schema(request=AccountDraft, responses={201: AccountSerializer}, examples=[CREATE])
    def create(self, request: Request) -> Response:
        """Creates an account with its team and external ids: all of it, or nothing and every field that is wrong."""
        values = self.body(AccountDraft)
        account = _create(values, by=self.caller)
        return self.answer(account, code=201)

    @extend_schema(request=AccountChange, responses=AccountSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Changes the fields that are given, and leaves the others as they are."""
        account = self.get_object()
        values = self.body(AccountChange, partial=True)
        team = values.pop("team")
        with transaction.atomic():
            at = now()
            account = services.change(account, by=self.caller, at=at, **values)
            _staff(account, team, by=self.caller, at=at)
        return self.answer(account)


def _with_all_that_is_shown(rows: models.QuerySet[Any]) -> models.QuerySet[Any]:
    added = account_fields.values()
    joined = ["parent", "merged_into", *(name for entry in added for name in entry.joined)]
    return rows.select_related(*joined).prefetch_related(
        "members__user", *(name for entry in added for name in entry.prefetched)
    )


@transaction.atomic
def _create(values: dict[str, Any], *, by: User) -> Account:
    at = now()
    team = values.pop("team")
    added = {name: values.pop(name) for name in account_fields if name in values}
    account = services.create(by=by, at=at, **values)
    _staff(account, team, by=by, at=at)
    for name, value in added.items():
        account_fields[name].set(account, value, by=by, at=at)  # type: ignore[misc]
    if not Account.objects.for_user(by).filter(pk=account.pk).exists():
        raise ValidationError({"team": "You would not see this account: put yourself on its team, such as csm."})
    return account


def _staff(account: Account, team: dict[str, User | None], *, by: User, at: Any) -> None:
    for part, user in team.items():
        services.assign(account, part=part, user=user, by=by, at=at)


class OfAccountViewSet(ScopedViewSet):
    """What belongs to one account, below /accounts/<key>/."""

    def account(self) -> Account:
        """The account that the address names; 404 where the caller does not see one."""
        key = self.kwargs["account"]
        rows = Account.objects.for_user(self.caller)
        found = rows.called(key).first() if KEY.fullmatch(key) else None
        if found is None:
            raise Http404
        return found


OF_ACCOUNT = r"accounts/(?P<account>[^/]+)"
ROUTES = {"accounts": AccountViewSet}
