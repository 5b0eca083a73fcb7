"""Work on many groups: first the plan, then piece after piece, with a bar that says how far it is."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.scope import Area
from accounts.ingestion.quarantine import queries, services
from accounts.ingestion.quarantine.forms import place, reason_of, selection
from accounts.ingestion.quarantine.queries import Reason, Selection

SHOWN = 100
VERBS = {"settle", "replay", "discard"}


def called(text: str) -> Q:
    """Accounts whose name, domain or key holds `text`."""
    return Q(name__icontains=text) | Q(domain__icontains=text) | Q(key__icontains=text)


@dataclass
class Progress:
    """How far the work is; travels with the form from piece to piece."""

    created: int = 0
    matched: int = 0
    items: int = 0
    handled: int = 0

    @classmethod
    def of(cls, data: QueryDict) -> "Progress":
        return cls(**{name: number(data, name) for name in ("created", "matched", "items", "handled")})


def number(data: QueryDict, name: str) -> int:
    """A count that came with a form; 0 where it is none."""
    text = data.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0


def _verb(request: HttpRequest) -> str:
    """What is to be done; 404 for whoever may not do it."""
    verb, user = request.POST.get("verb", ""), reader(request)
    areas = (Area.SIGNALS, Area.ACCOUNTS) if verb == "settle" else (Area.SIGNALS,)
    if request.method != "POST" or verb not in VERBS or not all(user.may_edit(area) for area in areas):
        raise Http404
    return verb


def _wanted(request: HttpRequest, verb: str) -> Selection:
    reason = reason_of(request.POST)
    if not reason or (verb == "settle" and reason != Reason.UNKNOWN_ACCOUNT):
        raise Http404
    return selection(request.POST, reason=reason)


def plan(page: ConsoleAdmin, request: HttpRequest, *, error: str = "") -> HttpResponse:
    """What the verb would do with the selection."""
    verb, user = _verb(request), reader(request)
    wanted = _wanted(request, verb)
    found = services.plan_settling(wanted, by=user) if verb == "settle" else None
    groups, signals = (found.groups, found.signals) if found else queries.size(user, wanted)
    context = {
        **page.admin_site.each_context(request),
        "title": {"settle": "Give them accounts", "replay": "Replay", "discard": "Discard"}[verb],
        "verb": verb,
        "selection": wanted,
        "label": Reason(wanted.reason).label,
        "upto": queries.last_id(user, wanted),
        "plan": found,
        "rows": found.rows[:SHOWN] if found else [],
        "groups": groups,
        "signals": signals,
        "more": max(groups - SHOWN, 0),
        "error": error,
    }
    return render(request, "accounts/quarantine/plan.html", context, status=400 if error else 200)


def work(page: ConsoleAdmin, request: HttpRequest) -> HttpResponse:
    """One piece of the work; the answer asks for the next one by itself."""
    verb = _verb(request)
    wanted, done = _wanted(request, verb), Progress.of(request.POST)
    refused = request.POST.getlist("refused")
    try:
        following = _piece(request, verb, wanted, done, refused)
    except ValidationError as error:
        return plan(page, request, error=" ".join(error.messages))
    whole = max(number(request.POST, "whole"), done.handled)
    context: dict[str, Any] = {
        "title": "Done" if following is None else "Working",
        "verb": verb,
        "selection": wanted,
        "done": done,
        "whole": whole,
        "refused": refused[:SHOWN],
        "following": following,
        "match": request.POST.get("match", ""),
        "because": request.POST.get("because", ""),
        "arriving": queries.on_their_way(),
    }
    if request.headers.get("HX-Request"):
        return render(request, "accounts/quarantine/progress.html", context)
    return render(request, "accounts/quarantine/work.html", {**page.admin_site.each_context(request), **context})


def _piece(request: HttpRequest, verb: str, wanted: Selection, done: Progress, refused: list[str]) -> str | None:
    """Does one piece and notes it in `done`; the place where the next one starts, None when nothing is left."""
    by, at = reader(request), now()
    if verb != "settle":
        discard = verb == "discard"
        because = request.POST.get("because", "")
        moved = (
            services.discard(wanted, reason=because, by=by, at=at) if discard else services.replay(wanted, by=by, at=at)
        )
        done.items += moved
        done.handled += moved
        return "" if moved == services.ITEMS_AT_ONCE else None
    start = place(request.POST.get("place", ""))
    found = services.settle(wanted, match=request.POST.get("match") == "1", place=start, by=by, at=at)
    done.created += found.created
    done.matched += found.matched
    done.items += found.items
    done.handled += found.created + found.matched + len(found.refused)
    refused += found.refused
    return f"{found.place[0]}:{found.place[1]}" if found.place else None
