from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, blame, reader
from accounts.foundation.scope import Area
from retention.audiences import export, judging, queries, services
from retention.audiences.drafts import ROLES, TOPICS, draft_of
from retention.audiences.forms import AudienceForm, WhoForm, free_key
from retention.audiences.members import Members
from retention.audiences.models import Audience
from retention.audiences.queries import Size
from retention.evaluation.reading import in_words

AUDIENCES, PEOPLE, EXAMPLES = 25, 50, 5


@admin.register(Audience)
class AudienceAdmin(ConsoleAdmin):
    """Audiences of stakeholders: whom each means, how many that is, who is in it and who is left out."""

    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("new/", wrap(self.edit_view), name="retention_audience_new"),
            path("size/", wrap(self.size_view), name="retention_audience_size"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="retention_audience_edit"),
            path("<int:pk>/remove/", wrap(self.remove_view), name="retention_audience_remove"),
            path("<int:pk>/export.csv", wrap(self.export_view), name="retention_audience_export"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All audiences, with how many people are in each of those whom one may see."""
        user = reader(request)
        if user.reach(Audience.AREA) is None:
            raise PermissionDenied
        found = Paginator(self.get_queryset(request), AUDIENCES).get_page(request.GET.get("page"))
        sizes = queries.sizes(found, user=user, at=now())
        rows = [(one, _words(one), sizes.get(one.key)) for one in found]
        return self._page(request, "list", "Audiences", found=found, rows=rows)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One audience: whom it means, who is in it, and who is left out for which reason."""
        audience, at = self._audience(request, object_id), now()
        context: dict[str, Any] = {"audience": audience, "words": _words(audience), "reasons": queries.LEFT_OUT}
        if trouble := queries.trouble(audience):
            return self._page(request, "page", audience.name, **context, trouble=trouble)
        members = Members(audience, request.GET, user=reader(request), at=at)
        found = Paginator(members.rows(), PEOPLE).get_page(request.GET.get("page"))
        size = queries.size(audience, user=reader(request), at=at)
        people = judging.told(audience, list(judging.with_parts(found.object_list)), at=at)
        context |= {"members": members, "found": found, "people": people, "size": size, "roles": ROLES.items()}
        return self._page(request, "page", audience.name, **context, missed=_missed(size))

    def export_view(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        """Who is in it, or is shown on its page, as a file."""
        audience, at = self._audience(request, pk), now()
        if reader(request).reach(Area.ACCOUNTS) is None:
            raise PermissionDenied
        if queries.trouble(audience):
            return _page_of(audience)
        members = Members(audience, request.GET, user=reader(request), at=at)
        return export.answer(audience.key, members.rows(), at=at)

    def edit_view(self, request: HttpRequest, pk: int | None = None) -> HttpResponse:
        """Whom an audience means, with who would be in it while one edits."""
        self._must_edit(request)
        audience = self._audience(request, pk) if pk is not None else None
        initial = AudienceForm.of(draft_of(audience)) if audience else {}
        form = AudienceForm(request.POST or None, initial=initial)
        if request.method == "POST" and form.is_valid() and (row := self._defined(request, form, audience)):
            return _page_of(row)
        title = f"Change {audience.name}" if audience else "New audience"
        status = 400 if form.errors else 200
        return self._page(request, "edit", title, status=status, form=form, audience=audience)

    def size_view(self, request: HttpRequest) -> HttpResponse:
        """Who would be in an audience that is being edited: a part of its page."""
        if reader(request).reach(Audience.AREA) is None:
            raise PermissionDenied
        form, at = WhoForm(request.POST or None), now()
        if not form.is_valid():
            return render(request, "retention/audience/size.html", {"is_open": form.errors.keys() <= {"__all__"}})
        size, people = judging.in_time(form.draft(), user=reader(request), at=at, most=EXAMPLES)
        context = {"size": size, "missed": _missed(size), "people": people, "rest": size.people - len(people)}
        return render(request, "retention/audience/size.html", context)

    def remove_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes an audience away."""
        self._must_edit(request)
        audience = self._audience(request, pk)
        if request.method != "POST":
            return _page_of(audience)
        services.remove(audience, by=reader(request), at=now())
        messages.success(request, f"{audience} is gone. The people in it stay as they are.")
        return HttpResponseRedirect(reverse("admin:retention_audience_changelist"))

    def _defined(self, request: HttpRequest, form: AudienceForm, audience: Audience | None) -> Audience | None:
        taken = set(Audience.objects.values_list("key", flat=True))
        key = audience.key if audience else free_key(form.cleaned_data["name"], taken)
        try:
            row = services.define(form.draft(key), by=reader(request), at=now())
        except ValidationError as refused:
            blame(form, refused)
            return None
        messages.success(request, f"{row} is saved.")
        return row

    def _audience(self, request: HttpRequest, object_id: Any) -> Audience:
        row: Audience | None = self.get_object(request, str(object_id))
        if row is None:
            raise Http404("There is no such audience, or it is not yours to see.")
        return row

    def _must_edit(self, request: HttpRequest) -> None:
        if not reader(request).may_edit(Audience.AREA):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, title: str, *, status: int = 200, **context: Any) -> HttpResponse:
        user = reader(request)
        frame = self.admin_site.each_context(request) | {"title": title, "may_edit": user.may_edit(Audience.AREA)}
        context |= {"sees": user.reach(Area.ACCOUNTS) is not None}
        return render(request, f"retention/audience/{name}.html", frame | context, status=status)


def _page_of(audience: Audience) -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:retention_audience_change", args=[audience.pk]))


def _words(audience: Audience) -> dict[str, Any]:
    """Whom an audience means, in words."""
    return {
        "roles": [ROLES[one] for one in audience.roles],
        "topics": [TOPICS[one] for one in audience.topics],
        "accounts": in_words(audience.condition) if audience.condition else "",
    }


def _missed(size: Size) -> list[tuple[str, str, int]]:
    """Who is left out: the reason, its words, how many."""
    return [(key, words, size.left_out[key]) for key, words in queries.LEFT_OUT.items() if key in size.left_out]
