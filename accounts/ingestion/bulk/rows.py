"""The kinds of bulk items whose rooms stand below: tickets, invoices, touches, answers to surveys."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError

from accounts.contracts.api import in_minor_units
from accounts.contracts.invoice_api import SAID, InvoiceBody
from accounts.contracts.invoices import InvoiceDraft, save_invoices
from accounts.contracts.invoices import problems_of as problems_of_invoice
from accounts.contracts.models import Contract, Invoice
from accounts.ingestion.bulk.items import BulkItem, Named, StakeholderId, by_key, kinds, must_be_at
from accounts.ingestion.models import QuarantinedItem
from accounts.portfolio.models import Account
from accounts.support.api import TicketBody
from accounts.support.drafts import TicketDraft
from accounts.support.drafts import problems_of as problems_of_ticket
from accounts.support.models import Ticket
from accounts.support.services import save_tickets
from accounts.touches.models import SurveyResponse, Touch
from accounts.touches.services import SurveyDraft, TouchDraft, log_many, record_surveys
from accounts.touches.services.imports import check_survey, check_touch
from accounts.workspace.models import Source

WAITING = 0
"""Stands for the id of an account that is not known yet, in drafts that are checked and not stored."""
EXTERNAL_ID = "What the source calls it."


@kinds.register("tickets")
class TicketItem(BulkItem, TicketBody):  # type: ignore[misc]
    """One update of a ticket: what it says after it."""

    KIND = QuarantinedItem.Kind.TICKET
    MODEL = Ticket

    source = None  # type: ignore[assignment]
    requester = StakeholderId(required=False, allow_null=True, help_text="Id of a stakeholder of the account.")
    updated_at = serializers.DateTimeField(help_text="By the clock of the source; an older update changes nothing.")

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> TicketDraft:
        requester = values.pop("requester", None)
        must_be_at(account, [requester] if requester else [], field="requester")
        values["tags"] = tuple(values.get("tags", ()))
        requester_id = requester.pk if requester else None
        draft = TicketDraft(account_id=account.pk or WAITING, requester_id=requester_id, **values)
        _refuse(problems_of_ticket(draft))
        return draft

    @staticmethod
    def store(drafts: Sequence[TicketDraft], *, source: Source, by: Any, at: dt.datetime) -> int:
        rows = save_tickets(drafts, source=source, by=by, at=at)
        return len({row.pk for row in rows if row.recorded_at == at})


by_key(Contract, "contract")


@kinds.register("invoices")
class InvoiceItem(BulkItem, InvoiceBody):  # type: ignore[misc]
    """An invoice as its source tells of it."""

    KIND = QuarantinedItem.Kind.INVOICE
    MODEL = Invoice

    source = None  # type: ignore[assignment]
    contract = Named(  # type: ignore[assignment]
        Contract, required=False, allow_null=True, help_text="Key of the contract it is for."
    )

    class Meta(InvoiceBody.Meta):
        fields = ["external_id", "account", "account_id", "contract", "amount", *SAID]

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> InvoiceDraft:
        contract = values.pop("contract", None)
        if contract and account.pk and contract.account_id != account.pk:
            raise ValidationError({"contract": "This is a contract of another account."})
        told = in_minor_units(values, "amount", what="Invoices")
        contract_id = contract.pk if contract else None
        draft = InvoiceDraft(account_id=account.pk or WAITING, contract_id=contract_id, **told)
        _refuse(problems_of_invoice(draft))
        return draft

    @staticmethod
    def store(drafts: Sequence[InvoiceDraft], *, source: Source, by: Any, at: dt.datetime) -> int:
        rows = save_invoices(drafts, source=source, by=by, at=at)
        return len({row.pk for row in rows if row.recorded_at == at})


@kinds.register("touches")
class TouchItem(BulkItem):
    """A touch that happened, as the system that holds it tells."""

    KIND = QuarantinedItem.Kind.TOUCH
    MODEL = Touch

    external_id = serializers.CharField(max_length=200, help_text=EXTERNAL_ID)
    kind = serializers.ChoiceField(Touch.Kind.choices)
    purpose = serializers.ChoiceField(Touch.Purpose.choices, required=False, help_text="Other where left out.")
    direction = serializers.ChoiceField(Touch.Direction.choices, required=False, help_text="From us where left out.")
    is_two_way = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="Where left out: calls, meetings and e-mails from them went both ways.",
    )
    happened_at = serializers.DateTimeField()
    minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=1440, help_text="Time we spent on it."
    )
    text = serializers.CharField(
        required=False, allow_blank=True, max_length=20_000, help_text="What was said or agreed."
    )
    stakeholders = serializers.ListField(
        child=StakeholderId(), required=False, max_length=100, help_text="Ids of the people who took part."
    )

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> TouchDraft:
        people = values.pop("stakeholders", [])
        must_be_at(account, people, field="stakeholders")
        draft = TouchDraft(account=account, stakeholders=tuple(person.pk for person in people), **values)
        check_touch(draft, at=at)
        return draft

    @staticmethod
    def store(drafts: Sequence[TouchDraft], *, source: Source, by: Any, at: dt.datetime) -> int:
        taken = log_many(drafts, source=source, by=by, at=at)
        return taken.created + taken.changed


@kinds.register("survey-responses")
class SurveyItem(BulkItem):
    """An answer to a survey, as the system that asked tells."""

    KIND = QuarantinedItem.Kind.SURVEY
    MODEL = SurveyResponse

    external_id = serializers.CharField(max_length=200, help_text=EXTERNAL_ID)
    stakeholder = StakeholderId(required=False, allow_null=True, help_text="Id of whoever answered.")
    kind = serializers.ChoiceField(SurveyResponse.Kind.choices, help_text="Kind of survey.")
    score = serializers.IntegerField(min_value=0, max_value=10, help_text="NPS: 0 to 10. CSAT: 1 to 5.")
    comment = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    asked_at = serializers.DateTimeField(required=False, allow_null=True)
    received_at = serializers.DateTimeField()

    def draft(self, account: Account, values: dict[str, Any], *, at: dt.datetime) -> SurveyDraft:
        person = values.get("stakeholder")
        must_be_at(account, [person] if person else [], field="stakeholder")
        draft = SurveyDraft(account=account, **values)
        check_survey(draft, at=at)
        return draft

    @staticmethod
    def store(drafts: Sequence[SurveyDraft], *, source: Source, by: Any, at: dt.datetime) -> int:
        taken = record_surveys(drafts, source=source, by=by, at=at)
        return taken.created + taken.changed


def _refuse(problems: dict[str, str]) -> None:
    if problems:
        raise ValidationError(problems)
