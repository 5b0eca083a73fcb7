"""Privacy in the console: find a person, see what we hold, hand out a copy, erase; and what was done so far."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.foundation.commands import counted
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from accounts.privacy import mentions, services
from accounts.privacy.finding import LONGEST, may_decide, who
from accounts.privacy.mentions import Mention, Place
from accounts.privacy.models import PersonRequest
from accounts.privacy.person import gather
from accounts.privacy.searching import Search
from accounts.team.models import User
from accounts.trail.reading import page_of

SURE = "erase"
LATEST = 20


class FindForm(forms.Form):
    """By what to look for a person."""

    q = forms.CharField(label="E-mail address, or their id in the product", max_length=LONGEST)


@admin.register(PersonRequest)
class PersonRequestAdmin(ConsoleAdmin):
    """What people asked about their data, and what was done."""

    nothing_yet = "Nobody has asked about their data yet. Look for a person to give them a copy or to erase them."
    list_display = ("at", "kind", "by", "told", "state")
    list_filter = ("kind",)
    list_select_related = ("by",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("person/", wrap(self.person_view), name="accounts_personrequest_person"),
            path("person/words/", wrap(self.words_view), name="accounts_personrequest_words"),
            path("person/copy/", wrap(require_POST(self.copy_view)), name="accounts_personrequest_copy"),
            path("person/erase/", wrap(require_POST(self.erase_view)), name="accounts_personrequest_erase"),
            path("<int:pk>/settle/", wrap(require_POST(self.settle_view)), name="accounts_personrequest_settle"),
            *super().get_urls(),
        ]

    @admin.display(description="Concerned")
    def told(self, request: PersonRequest) -> str:
        return counted(request.count, "row")

    @admin.display(description="State")
    def state(self, request: PersonRequest) -> str:
        return f"{counted(len(request.mentions), 'mention')} to look at" if request.is_open else "Done"

    def person_view(self, request: HttpRequest) -> HttpResponse:
        """Looks for a person, and shows what we hold about them."""
        self._must_decide(request)
        return self._person(request, request.GET)

    def _person(self, request: HttpRequest, asked: Any, *, error: str = "") -> HttpResponse:
        person = who(asked, asking=reader(request))
        plan = services.plan(person) if person else None
        context = {
            "title": "Personal data",
            "form": FindForm({"q": asked.get("q", "")} if "q" in asked else None),
            "asked": _named(asked),
            "plan": plan,
            "colleagues": _colleagues(request, asked.get("q", "")) if plan and not plan.holdings else [],
            "called": ", ".join(sorted(plan.person.names or plan.person.emails)) if plan else "",
            "words": f"{reverse('admin:accounts_personrequest_words')}?{urlencode(_named(asked))}",
            "latest": [] if plan else self.get_queryset(request).select_related("by")[:LATEST],
            "error": error,
            "sure": SURE,
        }
        return self._page(request, "person", context, status=400 if error else 200)

    def words_view(self, request: HttpRequest) -> HttpResponse:
        """The next piece of the search for words that name the person, with how far it is."""
        self._must_decide(request)
        person = who(request.GET, asking=reader(request))
        if person is None:
            return HttpResponse(status=404)
        place, found = Place.of(request.GET.get("place", "")), _number(request.GET.get("found", ""))
        piece = mentions.piece(gather(person), place, found=found)
        found += len(piece.found)
        following = [*_named(request.GET), ("place", piece.place), ("found", found)]
        context = {
            "piece": piece,
            "found": found,
            "most": mentions.MOST,
            "mentions": list(zip(piece.found, _links(piece.found), strict=True)),
            "following": f"{reverse('admin:accounts_personrequest_words')}?{urlencode(following)}",
        }
        return render(request, "accounts/privacy/words.html", context)

    def copy_view(self, request: HttpRequest) -> HttpResponseBase:
        """A file with everything we hold about the person."""
        self._must_decide(request)
        person = who(request.POST, asking=reader(request))
        if person is None:
            return HttpResponseRedirect(reverse("admin:accounts_personrequest_person"))
        try:
            _, copy = services.copy_of(person, by=reader(request), at=now())
        except services.NobodyFound as refused:
            return self._person(request, request.POST, error=" ".join(refused.messages))
        answer = StreamingHttpResponse(copy.text(), content_type="application/json")
        answer["Content-Disposition"] = f'attachment; filename="personal-data-{now():%Y-%m-%d}.json"'
        return answer

    def erase_view(self, request: HttpRequest) -> HttpResponse:
        """Erases the person, once the word that confirms it was typed and all words that name them are found.

        Looking for those goes on piece by piece, each asked for by the answer before; until its end nothing changes.
        """
        self._must_decide(request)
        person = who(request.POST, asking=reader(request))
        if person is None:
            return HttpResponseRedirect(reverse("admin:accounts_personrequest_person"))
        if request.POST.get("sure", "").strip().lower() != SURE:
            return self._person(request, request.POST, error=f"Type “{SURE}” to confirm. Nothing was changed.")
        asked = f"{reader(request).pk}?{urlencode(_named(request.POST))}"
        try:
            search = services.look(person, request.POST.get("so_far", ""), asked=asked)
            if not search.is_end:
                return self._going_on(request, search, search.sealed(asked))
            done = services.erase(person, search=search, by=reader(request), at=now())
        except services.NobodyFound as refused:
            if request.headers.get("HX-Request"):  # somebody else was faster
                messages.warning(request, " ".join(refused.messages))
                return _leads_to(request, reverse("admin:accounts_personrequest_person"))
            return self._person(request, request.POST, error=" ".join(refused.messages))
        messages.success(request, "The person is erased, and nothing will bring them back by itself.")
        return _leads_to(request, reverse("admin:accounts_personrequest_change", args=[done.pk]))

    def _going_on(self, request: HttpRequest, search: Search, so_far: str) -> HttpResponse:
        """How far the search before an erasure is; the page asks for the next piece by itself."""
        asked = [*_named(request.POST), ("sure", SURE)]
        context = {"title": "Erasing", "search": search, "asked": asked, "so_far": so_far}
        if request.headers.get("HX-Request"):
            return render(request, "accounts/privacy/searching.html", context)
        return self._page(request, "erasing", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One request: what it concerned, and the words that still have to be looked at."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        number = int(object_id) if object_id.isdecimal() and len(object_id) < 19 else 0
        row = get_object_or_404(self.get_queryset(request).select_related("by"), pk=number)
        context = {
            "title": str(row),
            "row": row,
            "rows": [(_words(label, count), count) for label, count in sorted(row.rows.items())],
            "mentions": [(_words(one["model"], 1), _link(one["model"], one["id"])) for one in row.mentions],
            "may_edit": may_decide(reader(request)),
        }
        return self._page(request, "request", context)

    def settle_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Says that the words were looked at."""
        self._must_decide(request)
        row = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            services.settle(row, by=reader(request), at=now())
        except ValidationError as refused:
            messages.warning(request, " ".join(refused.messages))
        else:
            messages.success(request, "Noted: the words that named the person were looked at.")
        return HttpResponseRedirect(reverse("admin:accounts_personrequest_change", args=[pk]))

    def _must_decide(self, request: HttpRequest) -> None:
        if not may_decide(reader(request)):
            raise PermissionDenied

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        whole = {**self.admin_site.each_context(request), **context}
        return render(request, f"accounts/privacy/{name}.html", whole, status=status)


def _colleagues(request: HttpRequest, text: str) -> list[tuple[str, str]]:
    """Who of us has this address or user name, and their page: people of the installation are dealt with there."""
    wanted = text.replace("\x00", "").strip()[:LONGEST]
    found = (
        User.objects.for_user(reader(request)).filter(Q(email__iexact=wanted) | Q(username=wanted)) if wanted else []
    )
    return [(str(one), page_of(User, one.pk)) for one in found]


def _words(label: str, count: int) -> str:
    names = apps.get_model(label)._meta
    return str(names.verbose_name if count == 1 else names.verbose_name_plural)


def _named(asked: Any) -> list[tuple[str, Any]]:
    """What names the person in a request, to be asked again."""
    besides = ("csrfmiddlewaretoken", "sure", "so_far", "place", "found")
    return [(name, asked[name]) for name in asked if name not in besides]


def _leads_to(request: HttpRequest, address: str) -> HttpResponse:
    """Brings whoever asked to a page, also where it was the page that asked by itself."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else 0


def _links(found: list[Mention]) -> list[str]:
    """Beside each mention the page of its row, or of the account it belongs to; a query for each kind of row."""
    accounts: dict[tuple[Any, Any], Any] = {}
    for model in {one.model for one in found if one.model.ACCOUNT_PATH}:
        rows = model._base_manager.filter(pk__in={one.pk for one in found if one.model is model})
        accounts |= {(model, pk): account for pk, account in rows.values_list("pk", str(model.ACCOUNT_PATH))}
    return [page_of(one.model, one.pk) or _page_of_account(accounts.get((one.model, one.pk))) for one in found]


def _page_of_account(account: Any) -> str:
    return page_of(Account, account) if account else ""


def _link(label: str, pk: Any) -> str:
    """The page of a row, or of the account it belongs to; empty where it is gone."""
    model: Any = apps.get_model(label)
    row = model._base_manager.filter(pk=pk).first()
    if row is None:
        return ""
    account = audit.account_of(row)
    return page_of(model, pk) or (page_of(Account, account) if account else "")
