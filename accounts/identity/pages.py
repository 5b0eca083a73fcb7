"""Merging two accounts in the console: find the other one, see the plan, do it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.records import OnMerge
from accounts.identity.merging import MergePlan, merge, plan_merge
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.portfolio.registry import Page, pages

SHOWN = 20
WORDS = {
    OnMerge.MOVE: "Moves over",
    OnMerge.UNION: "Is joined with what is there",
    OnMerge.DROP: "Is made again from the rest",
    OnMerge.STAY: "Stays in the archive of the old name",
}


def merge_page(page: Any, request: HttpRequest, account: Account) -> HttpResponse:
    """Step 1 finds the account that stays, step 2 shows the plan, and the button does exactly that."""
    others = listed().for_user(reader(request)).exclude(pk=account.pk)  # type: ignore[attr-defined]
    given = request.POST if request.method == "POST" else request.GET
    plan = plan_merge(account, into=_chosen(others, given["into"])) if given.get("into") else None
    if request.method == "POST" and plan:
        try:
            merged = merge(account, into=plan.into, by=reader(request), at=now())
        except ValidationError as refused:
            plan.obstacles = list(refused.messages)
        else:
            messages.success(request, f"{account.name} and {merged.name} are one account now.")
            return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[merged.pk]))
    searched = given.get("q", "").replace("\x00", "").strip()[:200]
    context = {
        **page.admin_site.each_context(request),
        "title": f"Merge {account.name}",
        "account": account,
        "searched": searched,
        "found": [] if plan else list(_like(others, account, searched)[:SHOWN]),
        "plan": plan,
        "effects": _effects(plan) if plan else [],
    }
    return render(request, "accounts/account/merge.html", context)


def _chosen(others: Any, number: str) -> Account:
    is_id = number.isascii() and number.isdigit() and len(number) < 19
    found: Account | None = others.filter(pk=int(number)).first() if is_id else None
    if found is None:
        raise Http404("There is no such account, or it is not yours to see.")
    return found


def _like(others: Any, account: Account, searched: str) -> Any:
    """The accounts that a search finds; before one, those that look like the same company."""
    if searched:
        return others.filter(Q(name__icontains=searched) | Q(domain__icontains=searched) | Q(key=searched))
    alike = Q(name__istartswith=account.name.split()[0])
    return others.filter(alike | Q(domain__iexact=account.domain)) if account.domain else others.filter(alike)


def _effects(plan: MergePlan) -> list[tuple[str, list[tuple[str, int]]]]:
    """What becomes of what, as it concerns people most; each kind of rows with how many there are."""
    found = [(words, plan.counts.get(rule, {})) for rule, words in WORDS.items()]
    return [(words, sorted(counts.items())) for words, counts in found if counts]


pages.add("merge", Page("Merge…", merge_page))
