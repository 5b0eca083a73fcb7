"""Tickets on the REST API."""

import datetime as dt
from typing import Any

from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.foundation.scope import Area
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.support.drafts import LONGEST_TAG, MOST_TAGS, TicketDraft, problems_of
from accounts.support.models import BEST, MILDEST, SEVEREST, WORST, Ticket
from accounts.support.queries import OPEN
from accounts.support.services import in_turn, save_tickets
from accounts.team.filters import FlagFilter, InstantFilter
from accounts.team.rest import KeyField, Listed, NumberedViewSet, Strict
from accounts.workspace.models import Source

SAID = ["subject", "severity", "state", "tags", "opened_at", "updated_at", "satisfaction", "satisfaction_at"]


class TicketSerializer(serializers.ModelSerializer):
    """A request for help, as a help desk knows it."""

    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    account = serializers.CharField(source="account.key", read_only=True)
    requester = serializers.IntegerField(
        source="requester_id", allow_null=True, read_only=True, help_text="Id of a stakeholder."
    )
    severity = serializers.IntegerField(read_only=True, help_text="1 (nothing works) to 4 (a question).")
    tags = serializers.ListField(child=serializers.CharField(), read_only=True)
    reopened_at = serializers.SerializerMethodField(help_text="When it was solved and turned out not to be.")

    class Meta:
        model = Ticket
        fields = [
            *("id", "source", "external_id", "account", "requester", *SAID),
            *("first_solved_at", "solved_at", "reopened_at", "recorded_at"),
        ]
        read_only_fields = fields

    def get_reopened_at(self, ticket: Ticket) -> list[dt.datetime]:
        return [reopening.at for reopening in ticket.reopenings.all()]


class TicketBody(Strict):
    """One update of a ticket: what it says after it."""

    source = KeyField(Source, scoped=False, listed=True, help_text="Key of the help desk.")  # type: ignore[assignment]
    external_id = serializers.CharField(max_length=200, help_text="What the source calls it.")
    account = KeyField(Account, help_text="Key of the account.")
    requester = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=2**62, help_text="Id of a stakeholder of the account."
    )
    subject = serializers.CharField(required=False, allow_blank=True, max_length=500)
    severity = serializers.IntegerField(
        required=False, min_value=SEVEREST, max_value=MILDEST, help_text="1 (nothing works) to 4 (a question)."
    )
    state = serializers.ChoiceField(Ticket.State.choices, required=False)
    tags = serializers.ListField(
        child=serializers.CharField(max_length=LONGEST_TAG), required=False, max_length=MOST_TAGS
    )
    opened_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(
        required=False, help_text="By the clock of the source; an older update changes nothing. Now where left out."
    )
    solved_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="When it was last solved, where the source says so."
    )
    satisfaction = serializers.IntegerField(
        required=False, allow_null=True, min_value=WORST, max_value=BEST, help_text="1 (worst) to 5 (best)."
    )
    satisfaction_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        source, account, requester = attrs.pop("source"), attrs.pop("account"), attrs.pop("requester", None)
        self._check_requester(requester, account)
        attrs["tags"] = tuple(attrs.get("tags", ()))
        attrs.setdefault("updated_at", now())
        draft = TicketDraft(account_id=account.pk, requester_id=requester, **attrs)
        if problems := problems_of(draft):
            raise ValidationError(problems)
        return {"source": source, "draft": draft}

    def _check_requester(self, requester: int | None, account: Account) -> None:
        if requester and not Stakeholder.objects.filter(pk=requester, account=account).exists():
            raise ValidationError({"requester": "This is no stakeholder of the account."})


class TicketFilters(filters.FilterSet):
    account = filters.CharFilter("account__key", label="Key of the account.")
    source = filters.CharFilter("source__key", label="Key of the help desk.")
    external_id = filters.CharFilter(label="What the source calls it.")
    state = filters.ChoiceFilter(choices=Ticket.State.choices, label="State of the ticket.")
    severity = filters.ChoiceFilter(choices=Ticket.Severity.choices, label="Severity, 1 to 4.")
    is_open = FlagFilter(method="still_open", label="Neither solved nor closed.")
    opened_after = InstantFilter("opened_at", lookup_expr="gt", label="Opened after this instant.")
    opened_before = InstantFilter("opened_at", lookup_expr="lt", label="Opened before this instant.")

    def still_open(self, rows: Any, name: str, value: bool) -> Any:
        return rows.filter(OPEN) if value else rows.exclude(OPEN)


EXAMPLE = OpenApiExample(
    "A ticket that was solved",
    request_only=True,
    value={
        "source": "helpdesk",
        "external_id": "4711",
        "account": "northwind-traders",
        "subject": "Export ends with an error",
        "severity": 2,
        "state": "solved",
        "tags": ["export"],
        "opened_at": "2026-01-15T09:00:00Z",
        "updated_at": "2026-01-16T14:30:00Z",
    },
)


class TicketViewSet(Listed, NumberedViewSet):
    """Requests for help, newest first."""

    area = Area.ACCOUNTS
    queryset = Ticket.objects.select_related("source", "account").prefetch_related("reopenings")
    serializer_class = TicketSerializer
    filterset_class = TicketFilters
    order = "-opened_at"

    @extend_schema(request=TicketBody, responses={201: TicketSerializer, 200: TicketSerializer}, examples=[EXAMPLE])
    def create(self, request: Request) -> Response:
        """Saves an update of a ticket: 201 where the source told of it for the first time, else 200."""
        values = self.body(TicketBody)
        source, draft = values["source"], values["draft"]
        with in_turn(source):
            is_known = self.is_known(source=source, external_id=draft.external_id)
            [ticket] = save_tickets([draft], source=source, by=self.caller, at=now())
        return self.answer(ticket, code=200 if is_known else 201)


ROUTES = {"tickets": TicketViewSet}
