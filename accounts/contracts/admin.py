from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern
from unfold.decorators import display

from accounts.contracts import pages, services
from accounts.contracts.models import Contract, Invoice
from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader

STATUSES = {Contract.Status.ACTIVE.label: "success", Contract.Status.CANCELLED.label: "danger"}
BILLING = {
    Contract.Billing.CURRENT.label: "success",
    Contract.Billing.ON_HOLD.label: "info",
    Contract.Billing.OVERDUE.label: "warning",
    Contract.Billing.FAILED.label: "danger",
}
STATES = {Invoice.State.OPEN.label: "warning", Invoice.State.PAID.label: "success", Invoice.State.VOID.label: "info"}


@admin.register(Contract)
class ContractAdmin(ConsoleAdmin):
    """What was signed; and what may change of it without a new contract."""

    nothing_yet = "No contract is known yet. Your CRM or billing tells of them over the API; a won deal leads to one."
    list_display = ("__str__", "shown_arr", "product", "tier", "ends_on", "shown_billing", "shown_status")
    list_filter = ("status", "billing_status", "product", "auto_renews")
    list_select_related = ("account", "product")
    search_fields = ("account__name", "key", "sow")
    ordering = ("status", "ends_on", "id")
    list_fullwidth = True
    signed = (
        *("account", "shown_status", "shown_arr", "seats", "signed_at", "cancelled_at", "starts_on", "ends_on"),
        *("notice_days", "auto_renews", "product", "replaces"),
    )
    fields = (
        *(("account", "shown_status"), ("shown_arr", "seats"), ("starts_on", "ends_on"), ("signed_at", "cancelled_at")),
        *(("notice_days", "auto_renews"), ("product", "replaces"), ("tier", "billing_status"), "sow"),
        *("usage_fact", ("usage_target", "fair_use_limit")),
    )
    readonly_fields = signed
    editable = True

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_history = obj is not None and obj.status == Contract.Status.SUPERSEDED
        return not is_history and super().has_change_permission(request, obj)

    def get_urls(self) -> list[URLPattern]:
        return [*pages.urls(self.admin_site.admin_view), *super().get_urls()]

    def save_model(self, request: HttpRequest, obj: Contract, form: Any, change: bool) -> None:
        """Changes the fields that the person changed, through the service."""
        changed = {name: form.cleaned_data[name] for name in form.changed_data}
        services.change(Contract.objects.get(pk=obj.pk), by=reader(request), at=now(), **changed)

    @admin.display(description="ARR", ordering="arr_minor")
    def shown_arr(self, contract: Contract) -> str:
        return money.shown(contract.arr_minor, contract.currency)

    @display(description="Billing", ordering="billing_status", label=BILLING)
    def shown_billing(self, contract: Contract) -> str:
        is_history = contract.status == Contract.Status.SUPERSEDED
        return "–" if is_history else str(contract.get_billing_status_display())

    @display(description="State", ordering="status", label=STATUSES)
    def shown_status(self, contract: Contract) -> str:
        return str(contract.get_status_display())


@admin.register(Invoice)
class InvoiceAdmin(ConsoleAdmin):
    """Invoices of all customers, newest first."""

    nothing_yet = "No invoice is known yet. Your billing tells of them over the API."
    list_display = ("__str__", "account", "shown_amount", "issued_on", "due_on", "shown_state", "payment_failed_at")
    list_filter = ("state", "is_recurring", "source")
    list_select_related = ("account",)
    search_fields = ("number", "external_id", "account__name")
    ordering = ("-issued_on", "-id")
    list_fullwidth = True
    fields = (
        *(("account", "contract"), ("number", "shown_amount"), ("issued_on", "due_on"), ("shown_state", "paid_on")),
        *("payment_failed_at", "is_recurring", ("source", "external_id")),
    )
    readonly_fields = ("shown_amount", "shown_state")

    @admin.display(description="Amount", ordering="amount_minor")
    def shown_amount(self, invoice: Invoice) -> str:
        return money.shown(invoice.amount_minor, invoice.currency)

    @display(description="State", ordering="state", label=STATES)
    def shown_state(self, invoice: Invoice) -> str:
        return str(invoice.get_state_display())
