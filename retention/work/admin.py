from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, blame, reader
from retention.evaluation.reading import read
from retention.slas.models import Pause
from retention.work import queries, services
from retention.work.forms import CloseForm, NewWorkForm, WaitForm
from retention.work.models import WorkItem
from retention.work.pages import bulk, mine, parts, verbs
from retention.work.registry import work_kinds

VERBS = {
    "complete": verbs.complete_view,
    "snooze": verbs.snooze_view,
    "wake": verbs.wake_view,
    "take": verbs.take_view,
    "delegate": verbs.delegate_view,
    "comment": verbs.comment_view,
    "minutes": verbs.minutes_view,
}
"""What can be done to one piece of work from any list, by the last part of its address."""


@admin.register(WorkItem)
class WorkItemAdmin(ConsoleAdmin):
    """All work one may see, and the page on which a piece of work is read and done."""

    nothing_yet = "There is no work yet. Plays and clocks make it; add some of your own on the page of an account."
    list_display = ("title", "account", "assignee", "due_at", "shown_state")
    list_filter = ("state", "kind")
    list_select_related = ("account", "assignee", "clock")
    search_fields = ("title", "account__name")
    ordering = ("state", "due_at", "id")
    list_fullwidth = True

    @display(
        description="State", label={"Open": "info", "Waiting": "warning", "Done": "success", "Dismissed": "warning"}
    )
    def shown_state(self, item: WorkItem) -> str:
        return "Waiting" if item.is_waiting else item.get_state_display()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(WorkItem.AREA))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("add/", wrap(self.new_view), name="retention_workitem_add"),
            path("<int:pk>/close/", wrap(self.close_view), name="retention_workitem_close"),
            path("<int:pk>/wait/", wrap(self.wait_view), name="retention_workitem_wait"),
            path("<int:pk>/go-on/", wrap(self.go_on_view), name="retention_workitem_go_on"),
            path("mine/", wrap(mine.page), name="retention_workitem_mine"),
            path("undo/", wrap(parts.undo_view), name="retention_workitem_undo"),
            path("many/<slug:verb>/", wrap(bulk.view), name="retention_workitem_bulk"),
            *(path(f"<int:pk>/{name}/", wrap(view), name=f"retention_workitem_{name}") for name, view in VERBS.items()),
        ]
        return own + super().get_urls()

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One piece of work: what to do, why it came, and the form that closes it; or the page of its own."""
        item = self._item(request, object_id)
        page = work_kinds[item.kind].page
        if item.is_open and page and (address := page(item)):
            return HttpResponseRedirect(address)
        return self._page(request, item)

    def close_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Closes the item with its outcome and goes on to the next."""
        if request.method != "POST":
            return _page_of(pk)
        item = self._editable(request, pk)
        form = CloseForm(request.POST, item=item)
        if form.is_valid():
            try:
                services.close(item, by=reader(request), at=now(), **form.cleaned_data)
            except ValidationError as error:
                blame(form, error)
            else:
                label = work_kinds[item.kind].label_of(item.outcome)
                messages.success(request, f"“{item.title}” is closed: {label}.")
                return HttpResponseRedirect(reverse("admin:index"))
        return self._page(request, item, close_form=form, status=400)

    def wait_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lets the clock of the item stand still."""
        form = WaitForm(request.POST or None)
        if request.method != "POST" or not form.is_valid():
            return _page_of(pk)
        label = dict(Pause.Reason.choices)[form.cleaned_data["reason"]]
        return self._timed(request, pk, services.wait, f"The clock stands still: {label.lower()}.", **form.cleaned_data)

    def go_on_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Lets the clock of the item go on."""
        return (
            self._timed(request, pk, services.go_on, "The clock goes on.") if request.method == "POST" else _page_of(pk)
        )

    def _timed(
        self, request: HttpRequest, pk: int, verb: Callable[..., WorkItem], said: str, **values: Any
    ) -> HttpResponse:
        try:
            verb(self._editable(request, pk), by=reader(request), at=now(), **values)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        else:
            messages.success(request, said)
        return _page_of(pk)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Adds work by hand."""
        if not self.has_add_permission(request):
            raise Http404
        initial = {"account": request.GET.get("account")} if request.GET.get("account", "").isdigit() else {}
        form = NewWorkForm(request.POST or None, user=reader(request), initial=initial)
        if request.method == "POST" and form.is_valid():
            item = services.open_item(**form.cleaned_data, by=reader(request), at=now())
            messages.success(request, f"“{item.title}” is added.")
            return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[item.account_id]))
        context = {**self.admin_site.each_context(request), "title": "Add work", "form": form}
        return render(request, "retention/work/new.html", context, status=400 if form.errors else 200)

    def _item(self, request: HttpRequest, object_id: Any) -> WorkItem:
        rows: models.QuerySet[Any] = self.get_queryset(request).select_related(
            "account", "assignee", "closed_by", "clock__calendar"
        )
        item = rows.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if item is None:
            raise Http404("There is no such work, or it is not yours to see.")
        return item

    def _editable(self, request: HttpRequest, pk: int) -> WorkItem:
        item = self._item(request, pk)
        if not reader(request).may_edit(WorkItem.AREA):
            raise Http404
        return item

    def _page(
        self,
        request: HttpRequest,
        item: WorkItem,
        *,
        close_form: forms.Form | None = None,
        status: int = 200,
    ) -> HttpResponse:
        reason = queries.reason(item)
        context = {
            **self.admin_site.each_context(request),
            "title": item.title,
            "item": item,
            "overdue": queries.is_overdue(item, at=now()),
            "reason": reason,
            "is_snoozed": item.is_snoozed(now()),
            "comments": item.comments.select_related("author"),
            "readings": read(reason.clauses) if reason else [],
            "outcome": work_kinds[item.kind].label_of(item.outcome),
            "may_edit": reader(request).may_edit(WorkItem.AREA),
            "close_form": close_form or CloseForm(item=item),
            "clock": queries.clock_face(item, at=now()) if item.clock else None,
            "wait_form": WaitForm(),
        }
        return render(request, "retention/work/page.html", context, status=status)


def _page_of(pk: int) -> HttpResponse:
    """The item's page: where a reloaded form leads back to."""
    return HttpResponseRedirect(reverse("admin:retention_workitem_change", args=[pk]))
