"""Doing the same to many pieces of work: the form says first what it will do, then all of it is done, or nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse

from accounts.foundation.clock import now
from accounts.foundation.console import blame, reader
from accounts.portfolio.quick import posted, show
from retention.work import delegating, putting_off, queries, services
from retention.work.models import WorkItem
from retention.work.pages.forms import CompleteForm, DelegateForm, SnoozeForm
from retention.work.pages.parts import Step, must_edit, said
from retention.work.pages.verbs import before_delegation, before_snooze
from retention.work.registry import work_kinds

AT_MOST = 200
NAMED = 8


@dataclass(frozen=True)
class Verb:
    """One thing that can be done to many: its words, its form and what it does to each."""

    title: str
    button: str
    form: Callable[[HttpRequest, list[WorkItem]], forms.Form]
    do: Callable[..., Step | None]


def _close(item: WorkItem, **values: Any) -> None:
    services.close(item, **values)


def _snooze(item: WorkItem, **values: Any) -> Step:
    was = item.snoozed_until
    return before_snooze(putting_off.snooze(item, **values), was)


def _delegate(item: WorkItem, **values: Any) -> Step | None:
    was = item.assignee_id
    if was == values["to"].pk:
        return None  # they have it: nothing changes hands
    return before_delegation(delegating.delegate(item, **values), was)


VERBS = {
    "complete": Verb(
        "Close", "Close work", lambda request, items: CompleteForm(posted(request), kinds=_kinds(items)), _close
    ),
    "snooze": Verb(
        "Snooze", "Snooze", lambda request, items: SnoozeForm(posted(request), user=reader(request), at=now()), _snooze
    ),
    "delegate": Verb(
        "Delegate",
        "Delegate",
        lambda request, items: DelegateForm(posted(request), user=reader(request), items=items),
        _delegate,
    ),
}


def _kinds(items: list[WorkItem]) -> list[Any]:
    return [work_kinds[name] for name in dict.fromkeys(item.kind for item in items)]


def view(request: HttpRequest, verb: str) -> HttpResponse:
    """Shows what will be done to the ticked work; posted, does it to all of it or to none."""
    must_edit(request)
    chosen = VERBS.get(verb)
    if chosen is None:
        raise Http404("There is no such verb.")
    items = _chosen(request)
    form = chosen.form(request, items) if items else forms.Form()
    if items and request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                done = [_one(request, chosen, item, form) for item in items]
        except ValidationError as error:
            blame(form, error)
        else:
            return said(request, f"{chosen.button}: done for {count(items)}.", *filter(None, done))
    plan = {"items": items[:NAMED], "more": max(0, len(items) - NAMED), "notes": _notes(items), "verb": verb}
    return show(
        request, "retention/work/bulk.html", f"{chosen.title} {count(items)}", form, button=chosen.button, **plan
    )


def _one(request: HttpRequest, verb: Verb, item: WorkItem, form: forms.Form) -> Step | None:
    """Does it to one, and names it where it is refused."""
    try:
        return verb.do(item, by=reader(request), at=now(), **form.cleaned_data)
    except ValidationError as error:
        if hasattr(error, "error_dict"):
            raise
        raise ValidationError(f"{item.title}, {item.account}: {' '.join(error.messages)}") from error


def count(items: list[WorkItem]) -> str:
    """So many pieces of work, in words."""
    return "1 piece of work" if len(items) == 1 else f"{len(items)} pieces of work"


def _notes(items: list[WorkItem]) -> list[str]:
    """What somebody should know before they do it to all of these."""
    at = now()
    late = sum(queries.is_overdue(item, at=at) for item in items)
    clocks = sum(item.clock_id is not None for item in items)
    accounts = len({item.account_id for item in items})
    found = [f"{accounts} account{'' if accounts == 1 else 's'}"]
    if late:
        found.append(f"{late} overdue")
    if clocks:
        found.append(f"{clocks} with a clock")
    return found


def _chosen(request: HttpRequest) -> list[WorkItem]:
    """The open work that is ticked, as far as the reader may change it."""
    ids = [int(text) for text in request.GET.get("ids", "").split(",") if text.isdecimal() and len(text) < 19]
    rows = WorkItem.objects.for_user(must_edit(request)).filter(pk__in=ids[:AT_MOST], state=WorkItem.State.OPEN)
    return list(rows.select_related("account", "assignee", "clock").order_by("due_at", "pk"))
