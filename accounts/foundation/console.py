"""The one base of every page that the console generates for a model."""

from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from unfold.admin import ModelAdmin

from accounts.foundation.clock import now

LONGEST_SEARCH = 100
Saved = TypeVar("Saved")


def reader(request: HttpRequest) -> Any:
    """The signed-in user: the console lets nobody else in, which the request's type cannot say."""
    return request.user


def blame(form: forms.Form, error: ValidationError) -> None:
    """Puts a service's refusal beside the field it speaks of. Amounts are typed in units, and kept in minor ones."""
    if hasattr(error, "error_dict"):
        for name, texts in error.message_dict.items():
            name = name.removesuffix("_minor")
            form.add_error(name if name in form.fields else None, texts)
    else:
        form.add_error(None, error)


def filled_in(request: HttpRequest, form: forms.Form, verb: Callable[..., Saved]) -> Saved | None:
    """What the service `verb` returns for what was typed; None where nothing was, or it was refused."""
    if request.method != "POST" or not form.is_valid():
        return None
    try:
        return verb(by=reader(request), at=now(), **form.cleaned_data)
    except ValidationError as refused:
        blame(form, refused)
        return None


class ScopedChoices(admin.RelatedFieldListFilter):
    """The filter of a list by a row of another kind: it offers those that the reader may see."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        rows = field.remote_field.model._default_manager.all()
        seen = rows.for_user(reader(request)) if hasattr(rows, "for_user") else rows
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, ordering=ordering, limit_choices_to={"pk__in": seen.order_by().values("pk")}
        )


admin.FieldListFilter.register(lambda field: bool(field.remote_field), ScopedChoices, take_priority=True)


class ConsoleAdmin(ModelAdmin):
    """A list and a page that show what the user may see, and change nothing by themselves.

    A page that changes rows sets `editable` and overrides `save_model` to call its service:
    a form saves nothing past the services.
    """

    editable = False
    nothing_yet = ""
    """What an empty list says: what will stand in it, and what to do next. Each list of the theme's has one."""
    list_per_page = 50
    show_full_result_count = False  # a COUNT over all rows on every page costs more than it tells
    list_filter_submit = True
    compressed_fields = True

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        """Only what the user may see; lists, pages, search, autocomplete and actions all start here."""
        return super().get_queryset(request).for_user(reader(request))

    def get_search_results(
        self, request: HttpRequest, queryset: models.QuerySet[Any], search_term: str
    ) -> tuple[models.QuerySet[Any], bool]:
        """The rows that hold each word; what is longer than any name is looked for by its beginning."""
        return super().get_search_results(request, queryset, search_term[:LONGEST_SEARCH])

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.editable and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.editable and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Home, with words that tell nobody whether there is such a row."""
        messages.warning(request, f"There is no such {opts.verbose_name}, or it is not yours to see.")
        return HttpResponseRedirect(reverse("admin:index"))

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leads to the audit trail of the row: that one tells of every change, by whatever way it came."""
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise Http404("There is no such page, or it is not yours to see.")
        query = urlencode({"about": self.opts.model_name, "object": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:accounts_auditentry_changelist')}?{query}")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Choices are scoped like everything else."""
        rows = kwargs.get("queryset", db_field.remote_field.model._default_manager.all())
        if hasattr(rows, "for_user"):
            kwargs["queryset"] = rows.for_user(reader(request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)
