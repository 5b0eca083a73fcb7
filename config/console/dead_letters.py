"""Dead letters in the console: what the machine gave up, why, and two buttons that decide."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.urls import path, reverse

from accounts.events import dead_letters
from accounts.events.dead_letters import AT_ONCE, VERBS, Pile
from accounts.foundation import claims
from accounts.foundation.claims import Claimable
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.scope import Area

ROWS = 50
SAID = {"retry": "to be tried again", "discard": "discarded"}


def page(request: HttpRequest) -> HttpResponse:
    """The dead letters of one kind: the one that the address names, or the first that has any."""
    _must_define(request)
    piles = dead_letters.piles(reader(request))
    shown = _shown(request, piles)
    found = Paginator(dead_letters.rows(shown.name, reader(request)), ROWS).get_page(request.GET.get("page"))
    doubtful = dead_letters.doubtful(shown.name, reader(request))
    context = {
        "title": "Dead letters",
        "piles": piles,
        "shown": shown,
        "found": found,
        "letters": dead_letters.letters(shown.name, list(found.object_list)),
        "doubtful": doubtful,
        "sure": shown.count - doubtful,
        "at_once": min(AT_ONCE, shown.count - doubtful),
    }
    return render(request, "holdfast/dead_letters.html", admin.site.each_context(request) | context)


def decide(request: HttpRequest) -> HttpResponse:
    """Tries again or discards what is ticked, or the whole kind; or tries one again that may have been done."""
    _must_define(request)
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    shown = _shown(request, dead_letters.piles(reader(request)))
    verb = request.POST.get("verb", "")
    rows = dead_letters.rows(shown.name, reader(request))
    if "again" in request.POST:
        _try_one(request, rows.filter(pk__in=_numbers(request, "again")).first())
        return redirect(f"{reverse('dead_letters')}?kind={shown.name}")
    if "all" not in request.POST:
        rows = rows.filter(pk__in=_numbers(request, "ids"))
    if verb in VERBS and (done := dead_letters.decide(shown.name, verb, rows, by=reader(request), at=now())):
        messages.success(request, f"{done} {shown.kind.label if done == 1 else shown.name} {SAID[verb]}.")
    else:
        messages.warning(request, "Nothing was changed: tick what you mean, then choose what becomes of it.")
    return redirect(f"{reverse('dead_letters')}?kind={shown.name}")


def _try_one(request: HttpRequest, row: Claimable | None) -> None:
    try:
        if row is not None:
            claims.retry(row, by=reader(request), at=now())
            messages.success(request, "It is tried again.")
            return
    except claims.NotGivenUp:
        pass
    messages.warning(request, "Nothing was changed: somebody decided about it before.")


def _must_define(request: HttpRequest) -> None:
    if not reader(request).may_edit(Area.DEFINITIONS):
        raise PermissionDenied


def _shown(request: HttpRequest, piles: list[Pile]) -> Pile:
    wanted = request.POST.get("kind") or request.GET.get("kind")
    named = [pile for pile in piles if pile.name == wanted]
    return (named or [pile for pile in piles if pile.count] or piles)[0]


def _numbers(request: HttpRequest, name: str) -> list[int]:
    texts: list[Any] = request.POST.getlist(name)
    return [int(text) for text in texts if text.isdecimal() and len(text) < 19]


urlpatterns = [
    path("", admin.site.admin_view(page), name="dead_letters"),
    path("decide/", admin.site.admin_view(decide), name="dead_letters_decide"),
]
