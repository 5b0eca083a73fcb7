"""The one base of every page that the console generates for a model."""

from typing import Any

from django.db import models
from django.http import HttpRequest
from unfold.admin import ModelAdmin


def reader(request: HttpRequest) -> Any:
    """The signed-in user: the console lets nobody else in, which the request's type cannot say."""
    return request.user


class ConsoleAdmin(ModelAdmin):
    """A list and a page that show what the user may see, and change nothing by themselves.

    A page that changes rows sets `editable` and overrides `save_model` to call its service:
    a form saves nothing past the services.
    """

    editable = False
    list_per_page = 50
    show_full_result_count = False  # a COUNT over all rows on every page costs more than it tells
    list_filter_submit = True
    compressed_fields = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Only what the user may see; lists, pages, search, autocomplete and actions all start here."""
        return super().get_queryset(request).for_user(reader(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices are scoped like everything else."""
        rows = kwargs.get("queryset", db_field.remote_field.model._default_manager.all())
        if hasattr(rows, "for_user"):
            kwargs["queryset"] = rows.for_user(reader(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
