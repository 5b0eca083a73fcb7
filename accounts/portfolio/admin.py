import functools
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio import services
from accounts.portfolio.forms import AccountForm, AssignForm
from accounts.portfolio.models import Account
from accounts.portfolio.registry import (
    RAIL,
    TABS,
    Column,
    Page,
    Panel,
    Together,
    columns,
    headlines,
    pages,
    panels,
    together,
)
from accounts.workspace.queries import base_currency


def _list_column(column: Column, currency: str) -> Any:
    """`column` as the function that the list of accounts calls for each row."""

    def value(account: Account) -> Any:
        return column.value(account, currency)

    value.short_description = column.title  # type: ignore[attr-defined]
    value.admin_order_field = column.sort or None  # type: ignore[attr-defined]
    return value


def _for_many(deed: Together) -> Any:
    """`deed` as the function that the list calls with what was chosen."""

    def view(page: Any, request: HttpRequest, chosen: models.QuerySet[Any]) -> HttpResponse:
        return deed.view(page, request, chosen)

    return view


@admin.register(Account)
class AccountAdmin(ConsoleAdmin):
    """The list of accounts, and the page that holds everything about one."""

    nothing_yet = (
        "There is no account that you may see yet. Add one, or let your CRM tell of them over the API; those of other "
        "teams are not listed."
    )
    search_fields = ("name", "domain", "key")
    list_filter = ("state", "use_case", "complexity", "region")
    ordering = ("name", "id")
    list_fullwidth = True

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        """Name, and what the rooms above want shown beside it."""
        currency = base_currency()
        return ["name", *(_list_column(column, currency) for column in _ordered(columns.values()))]

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        related = {name for column in columns.values() for name in column.related}
        rows = super().get_queryset(request).filter(merged_into=None)
        return rows.select_related(*sorted(related)).prefetch_related("members__user") if related else rows

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(Account.AREA))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """What the rooms above do for many accounts, for those who may."""
        may = {name: one for name, one in together.items() if self._may(request, one.area)}
        return {name: (_for_many(one), name, one.label) for name, one in may.items()}

    def _may(self, request: HttpRequest, area: str) -> bool:
        return bool(reader(request).may_edit(Account.AREA) and reader(request).may_edit(area))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("add/", wrap(self.new_view), name="accounts_account_add"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="accounts_account_edit"),
            path("<int:pk>/assign/", wrap(self.assign_view), name="accounts_account_assign"),
        ]
        added = [
            path(
                f"<int:pk>/{name}/", wrap(functools.partial(self.page_view, page=page)), name=f"accounts_account_{name}"
            )
            for name, page in pages.items()
        ]
        return own + added + super().get_urls()

    def page_view(self, request: HttpRequest, pk: int, *, page: Page) -> HttpResponse:
        """A further page of one account, which another room made."""
        account = self._account(request, pk)
        if not self._may(request, page.area):
            raise Http404
        return page.view(self, request, account)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The account page: headline figures, tabs, and the panels of the chosen tab."""
        account = self._account(request, object_id)
        if account.merged_into:
            messages.info(request, f"{account.name} turned out to be {account.merged_into}. This is the one account.")
            return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account.merged_into_id]))
        tab = request.GET.get("tab", "overview")
        if tab not in TABS:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": account.name,
            "account": account,
            "figures": [(one.label, *one.value(account, reader(request))) for one in _ordered(headlines.values())],
            "tabs": TABS.items(),
            "tab": tab,
            "panels": _filled(tab, account, request),
            "rail": _filled(RAIL, account, request),
            "may_edit": reader(request).may_edit(Account.AREA),
            "pages": [
                (f"admin:accounts_account_{name}", page.label)
                for name, page in pages.items()
                if reader(request).may_edit(page.area)
            ],
        }
        return render(request, "accounts/account/page.html", context)

    def _account(self, request: HttpRequest, object_id: Any) -> Account:
        account = Account.objects.for_user(reader(request)).select_related("merged_into").filter(pk=object_id).first()
        if account is None:
            raise Http404("There is no such account, or it is not yours to see.")
        return account

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Creates an account."""
        if not self.has_add_permission(request):
            raise Http404
        save = functools.partial(services.create, by=reader(request))
        return self._form(request, "New account", Account(), save)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Changes the profile of an account."""
        account = self._account(request, pk)
        if not reader(request).may_edit(Account.AREA):
            raise Http404
        save = functools.partial(services.change, account, by=reader(request))
        return self._form(request, f"Edit {account.name}", account, save)

    def assign_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Puts somebody on the account's team, or makes a part vacant."""
        account = self._account(request, pk)
        if request.method != "POST" or not reader(request).may_edit(Account.AREA):
            raise Http404
        form = AssignForm(request.POST, user=reader(request))
        if form.is_valid():
            services.assign(account, by=reader(request), at=now(), **form.cleaned_data)
            messages.success(request, f"The team of {account.name} is changed.")
        else:
            messages.error(request, "Choose a part and a colleague; nothing was changed.")
        return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account.pk]) + "?tab=people")

    def _form(self, request: HttpRequest, title: str, account: Account, save: Any) -> HttpResponse:
        form = AccountForm(request.POST or None, instance=account, user=reader(request))
        if request.method == "POST" and form.is_valid():
            try:
                saved = save(at=now(), **form.cleaned_data)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                messages.success(request, f"{saved.name} is saved.")
                return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[saved.pk]))
        context = {**self.admin_site.each_context(request), "title": title, "form": form, "account": account}
        return render(request, "accounts/account/form.html", context, status=400 if form.errors else 200)


def _filled(tab: str, account: Account, request: HttpRequest) -> list[tuple[Panel, dict[str, Any]]]:
    """The panels of one tab, each with what its template shows."""
    found = []
    for panel in _ordered(one for one in panels.values() if one.tab == tab):
        asked = (request.GET,) if panel.asks else ()
        found.append((panel, panel.context(account, reader(request), *asked)))
    return found


def _ordered(entries: Any) -> list[Any]:
    return sorted(entries, key=lambda entry: entry.order)
