"""The console's quarantine: what waits, grouped by what would release it, and the verbs that release it."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.scope import Area
from accounts.identity import services as identity
from accounts.ingestion import services as ingestion
from accounts.ingestion.models import QuarantinedItem
from accounts.ingestion.quarantine import pieces, queries, services
from accounts.ingestion.quarantine.forms import NewAccountForm, place, reason_of, selection
from accounts.ingestion.quarantine.queries import Group, Reason, Selection
from accounts.ingestion.quarantine.reading import read
from accounts.ingestion.quarantine.suggestions import guesses
from accounts.ingestion.queries import quarantine_by_kind, quarantine_by_reason
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.workspace.models import Source

PAGE = 25
FOUND = 8
GROUPED = tuple(queries.NAMED_BY)


@admin.register(QuarantinedItem)
class QuarantinedItemAdmin(ConsoleAdmin):
    """What could not be used yet: by what they wait for, and one by one."""

    list_display = ("received_at", "kind", "reason", "source", "group_value", "user_value", "detail")
    list_filter = ("kind", "reason", "source")
    list_select_related = ("source",)
    search_fields = ("group_value", "user_value")

    def get_urls(self) -> list[URLPattern]:
        own = {
            "items": self.items_view,
            "group": self.group_view,
            "accounts": self.accounts_view,
            "plan": self.plan_view,
            "work": self.work_view,
            "left": self.left_view,
            "download": self.download_view,
        }
        wrap = self.admin_site.admin_view
        pages = [path(f"{name}/", wrap(view), name=f"accounts_quarantine_{name}") for name, view in own.items()]
        single = path("<int:pk>/replay/", wrap(self.replay_view), name="accounts_quarantine_replay")
        return [*pages, single, *super().get_urls()]

    def _see(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _may(self, request: HttpRequest, *areas: str) -> bool:
        return all(reader(request).may_edit(area) for area in areas)

    def _must(self, request: HttpRequest, *areas: str) -> None:
        if request.method != "POST" or not self._may(request, *areas):
            raise Http404

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Groups of one reason, the largest first, each with what would release it."""
        self._see(request)
        reasons = quarantine_by_reason(reader(request))
        waiting_for = reason_of(request.GET) or next((reason for reason, _, _ in reasons), Reason.UNKNOWN_ACCOUNT.value)
        wanted = selection(request.GET, reason=waiting_for)
        count, signals = queries.size(reader(request), wanted)
        page = Paginator(range(count), PAGE).get_page(request.GET.get("page"))
        start = page.start_index() - 1 if count else 0
        groups = queries.largest(reader(request), wanted, start=start, end=start + PAGE)
        told = guesses(groups, user=reader(request)) if waiting_for in GROUPED else {}
        context = {
            **self.admin_site.each_context(request),
            "title": "Quarantine",
            "reasons": reasons,
            "selection": wanted,
            "label": Reason(waiting_for).label,
            "count": count,
            "signals": signals,
            "kinds": quarantine_by_kind(reader(request), reason=waiting_for),
            "rows": [(group, told.get(group.place)) for group in groups],
            "page": page,
            "sources": Source.objects.for_user(reader(request)),
            "is_grouped": waiting_for in GROUPED,
            "may_edit": self._may(request, Area.SIGNALS),
            "may_match": self._may(request, Area.SIGNALS, Area.ACCOUNTS),
            "arriving": queries.on_their_way(),
        }
        return render(request, "accounts/quarantine/groups.html", context)

    def items_view(self, request: HttpRequest) -> HttpResponse:
        """All waiting items one by one, to search and filter."""
        return super().changelist_view(request, {"title": "Everything that waits"})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One item in words, and as it came."""
        item = self._item(request, object_id)
        context = {
            **self.admin_site.each_context(request),
            "title": item.get_reason_display(),
            "item": item,
            "reading": read(item.item, item.kind),
            "token": f"{item.source_id}:{item.group_value or item.user_value}",
            "is_grouped": item.reason in GROUPED,
            "may_edit": self._may(request, Area.SIGNALS),
        }
        return render(request, "accounts/quarantine/item.html", context)

    def replay_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replays one item."""
        self._must(request, Area.SIGNALS)
        ingestion.replay([self._item(request, pk)], by=reader(request), at=now())
        messages.success(request, "It is being replayed. If its reason still holds, it comes back here.")
        return HttpResponseRedirect(reverse("admin:accounts_quarantineditem_changelist"))

    def _item(self, request: HttpRequest, object_id: Any) -> QuarantinedItem:
        rows: Any = self.get_queryset(request).select_related("source")
        item = rows.filter(pk=object_id).first() if str(object_id).isdigit() and len(str(object_id)) < 19 else None
        if item is None:
            raise Http404("This no longer waits, or it is not yours to see.")
        return item

    def _group(self, request: HttpRequest) -> Group:
        """The group that the request names; 404 where nothing waits in it any more."""
        data = request.POST if request.method == "POST" else request.GET
        named, reason = place(data.get("group", "")), reason_of(data)
        if named is None or reason not in GROUPED:
            raise Http404("There is no such group.")
        found = queries.largest(reader(request), Selection(reason=reason, chosen=(named,)), start=0, end=1)
        if not found:
            raise Http404("Nothing waits for this any more.")
        return found[0]

    def group_view(self, request: HttpRequest) -> HttpResponse:
        """One group: what its items tell, the account that fits, and the ways to settle it."""
        self._see(request)
        if request.method == "POST":
            return self._settle(request)
        group = self._group(request)
        return self._group_page(request, group, NewAccountForm(initial=_initial(group, reader(request))))

    def _group_page(
        self, request: HttpRequest, group: Group, form: NewAccountForm, *, status: int = 200
    ) -> HttpResponse:
        whole = Selection(reason=group.reason, chosen=(group.place,))
        items = queries.waiting(reader(request), whole).order_by("-id")[:FOUND]
        context = {
            **self.admin_site.each_context(request),
            "title": group.value,
            "group": group,
            "guess": guesses([group], user=reader(request))[group.place],
            "items": [(item, read(item.item, item.kind)) for item in items],
            "form": form,
            "is_account": group.reason == Reason.UNKNOWN_ACCOUNT,
            "may_match": self._may(request, Area.SIGNALS, Area.ACCOUNTS),
        }
        return render(request, "accounts/quarantine/group.html", context, status=status)

    def _settle(self, request: HttpRequest) -> HttpResponse:
        """Matches the group to an account that exists, or creates one for it."""
        self._must(request, Area.SIGNALS, Area.ACCOUNTS)
        group = self._group(request)
        form = NewAccountForm(request.POST)
        try:
            if number := request.POST.get("account"):
                account = self._match(request, group, number)
            elif form.is_valid() and group.reason == Reason.UNKNOWN_ACCOUNT:
                account = services.create_account(
                    source=group.source, value=group.value, by=reader(request), at=now(), **form.told()
                )
            else:
                return self._group_page(request, group, form, status=400)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return self._group_page(request, group, form, status=400)
        messages.success(
            request, f"{group.value} is {account.name}. What waited for it ({group.count}) is being used now."
        )
        return HttpResponseRedirect(f"{reverse('admin:accounts_quarantineditem_changelist')}?reason={group.reason}")

    def _match(self, request: HttpRequest, group: Group, number: str) -> Account:
        rows: Any = listed()
        account = (
            rows.for_user(reader(request)).filter(pk=number).first() if number.isdigit() and len(number) < 19 else None
        )
        if account is None:
            raise ValidationError("There is no such account, or it is not yours to see.")
        by = {"source": group.source, "value": group.value, "by": reader(request), "at": now()}
        if group.reason == Reason.UNKNOWN_ACCOUNT:
            identity.link(account, **by)
        else:
            services.match_user(account, **by)
        return account

    def accounts_view(self, request: HttpRequest) -> HttpResponse:
        """Accounts that a typed text finds, each as a button."""
        self._see(request)
        text = request.GET.get("account_search", "").replace("\x00", "").strip()
        rows: Any = listed()
        found = (
            rows.for_user(reader(request)).filter(pieces.called(text)).order_by("name", "id")[:FOUND] if text else []
        )
        return render(request, "accounts/quarantine/found.html", {"accounts": found, "text": text})

    def plan_view(self, request: HttpRequest) -> HttpResponse:
        """What would be done with the chosen groups; nothing has happened yet."""
        return pieces.plan(self, request)

    def work_view(self, request: HttpRequest) -> HttpResponse:
        """Does a piece of what was planned, and shows how far it is."""
        return pieces.work(self, request)

    def left_view(self, request: HttpRequest) -> HttpResponse:
        """How much is still on its way; the page asks again until there are none."""
        self._see(request)
        return render(request, "accounts/quarantine/left.html", {"arriving": queries.on_their_way()})

    def download_view(self, request: HttpRequest) -> StreamingHttpResponse:
        """The selected items as they came, one a line."""
        self._see(request)
        wanted = selection(request.GET, reason=reason_of(request.GET))
        rows = queries.waiting(reader(request), wanted).order_by("id").values_list("item", flat=True)
        lines = (item.replace("\n", " ") + "\n" for item in rows.iterator(500))
        response = StreamingHttpResponse(lines, content_type="application/x-ndjson")
        response["Content-Disposition"] = f'attachment; filename="quarantine-{wanted.reason or "all"}.jsonl"'
        return response


def _initial(group: Group, user: Any) -> dict[str, Any]:
    told = guesses([group], user=user)[group.place]
    return {"name": told.name or group.value, **told.profile.fields()}
