from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from unfold.decorators import display

from accounts.catalogue import services
from accounts.catalogue.models import Product
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader


@admin.register(Product)
class ProductAdmin(ConsoleAdmin):
    """What we sell: plans, add-ons, services."""

    nothing_yet = "Nothing is on sale yet. Add what you sell, or import a playbook with products files."
    list_display = ("name", "kind", "description", "state")
    list_filter = ("kind", "is_active")
    search_fields = ("name", "key")
    fields = ("name", "key", "kind", "description", "is_active")
    editable = True

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("key",) if obj else ()

    @display(description="State", label={"Sold": "success", "No longer sold": "warning"})
    def state(self, product: Product) -> str:
        return "Sold" if product.is_active else "No longer sold"

    def save_model(self, request: HttpRequest, obj: Product, form: Any, change: bool) -> None:
        """Creates the product, or changes the fields that the person changed, through the service."""
        by, at = reader(request), now()
        if change:
            services.change(obj, by=by, at=at, **{name: form.cleaned_data[name] for name in form.changed_data})
        else:
            obj.pk = services.create(by=by, at=at, **form.cleaned_data).pk
