"""Doing something to one piece of work from wherever it is listed: one short form, saved at once."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.foundation.console import filled_in, reader
from accounts.portfolio.quick import FORM, posted, show
from retention.work import delegating, effort, putting_off, queries, services, thread
from retention.work.models import WorkItem
from retention.work.pages.forms import CommentForm, CompleteForm, DelegateForm, MinutesForm, SnoozeForm
from retention.work.pages.parts import Step, item_of, must_edit, refused, said
from retention.work.registry import work_kinds


def complete_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Closes it with an outcome."""
    item = item_of(request, pk)
    kind, is_raised = work_kinds[item.kind], queries.reason(item) is not None
    form = CompleteForm(posted(request), kinds=[kind], is_raised=is_raised, initial={"outcome": _first(request, kind)})
    closed = filled_in(request, form, lambda **values: services.close(item, **values))
    if closed is None:
        return show(request, FORM, item.title, form, button="Close work")
    return said(request, f"“{item.title}” is closed: {kind.label_of(closed.outcome)}.")


def _first(request: HttpRequest, kind: Any) -> str:
    """The outcome that the button names."""
    named = request.GET.get("outcome", "")
    return named if named in {**kind.done, **kind.dismissed} else ""


def snooze_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Puts it out of sight until one of the presets, or a moment of one's own."""
    user, at = must_edit(request), now()
    item = item_of(request, pk)
    was = item.snoozed_until
    form = SnoozeForm(posted(request), user=user, at=at)
    done = filled_in(request, form, lambda **values: putting_off.snooze(item, **values))
    if done is None:
        context = {"late": item.due_at, "is_snoozed": item.is_snoozed(at), "item": item}
        return show(request, "retention/work/snooze.html", f"Snooze “{item.title}”", form, **context)
    return said(request, f"Out of sight until {shown(done.snoozed_until)}.", before_snooze(item, was))


def before_snooze(item: WorkItem, was: dt.datetime | None) -> Step:
    """The step by which a snooze is taken back."""
    return {"what": "snooze", "pk": item.pk, "was": was.isoformat() if was else ""}


def shown(instant: dt.datetime | None) -> str:
    """An instant in the reader's zone."""
    return f"{timezone.localtime(instant):%a %d %b, %H:%M}" if instant else ""


def wake_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Brings it back into sight."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    item = item_of(request, pk)
    was = item.snoozed_until
    try:
        putting_off.wake(item, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, error)
    return said(request, f"“{item.title}” is back.", before_snooze(item, was))


def take_view(request: HttpRequest, pk: int) -> HttpResponse:
    """The reader takes work that nobody has."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    item, user = item_of(request, pk), must_edit(request)
    if item.assignee_id is not None:
        return refused(request, ValidationError(f"{item.assignee} took it before. Nothing was changed."))
    try:
        services.reassign(item, to=user, by=reader(request), at=now())
    except ValidationError as error:
        return refused(request, error)
    return said(request, f"“{item.title}” is yours.", before_delegation(item, None))


def delegate_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Hands it to a colleague who sees the account."""
    user, item = must_edit(request), item_of(request, pk)
    was = item.assignee_id
    form = DelegateForm(posted(request), user=user, items=[item])
    done = filled_in(request, form, lambda **values: delegating.delegate(item, **values))
    if done is None:
        return show(request, FORM, f"Delegate “{item.title}”", form, button="Delegate")
    return said(request, f"“{item.title}” is now with {done.assignee}.", before_delegation(item, was))


def before_delegation(item: WorkItem, was: int | None) -> Step:
    """The step by which handing it on is taken back."""
    return {"what": "delegate", "pk": item.pk, "was": was, "to": item.assignee_id}


def comment_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Shows what was said about it, and adds to it."""
    item = item_of(request, pk)
    form = CommentForm(posted(request))
    row = filled_in(request, form, lambda **values: thread.comment(item, **values))
    if row is None:
        comments = item.comments.select_related("author")
        title = f"Comments on “{item.title}”"
        return show(request, "retention/work/comment.html", title, form, button="Comment", comments=comments)
    return said(request, "Your comment is added.", {"what": "comment", "pk": row.pk})


def minutes_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Notes minutes spent on it."""
    item = item_of(request, pk)
    form = MinutesForm(posted(request))
    row = filled_in(request, form, lambda **values: effort.spend(item, **values))
    if row is None:
        return show(request, FORM, f"Minutes for “{item.title}”", form, button="Add minutes")
    message = f"{row.minutes} minutes added; {item.minutes} in all."
    return said(request, message, {"what": "minutes", "pk": row.pk})
