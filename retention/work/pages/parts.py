"""What the pages of work have in common: whose items they change, what they answer, and how it is taken back."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect, JsonResponse
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.portfolio.quick import is_fetched
from accounts.team.models import User
from retention.work import effort, putting_off, services, thread
from retention.work.models import WorkComment, WorkItem, WorkTime

SALT = "work.undo"
UNDO_FOR = dt.timedelta(minutes=10)
Step = dict[str, Any]
"""One change that can be taken back: the verb, the row, and what was there before."""


def must_edit(request: HttpRequest) -> User:
    """The reader, who may change work; refused otherwise."""
    user: User = reader(request)
    if not user.may_edit(WorkItem.AREA):
        raise PermissionDenied
    return user


def item_of(request: HttpRequest, pk: int) -> WorkItem:
    """The work that the reader may see and change; 404 where there is none."""
    user = must_edit(request)
    rows = WorkItem.objects.for_user(user).select_related("account", "assignee", "clock")
    item = rows.filter(pk=pk).first()
    if item is None:
        raise Http404("There is no such work, or it is not yours to see.")
    return item


def said(request: HttpRequest, message: str, *steps: Step) -> HttpResponse:
    """Says what was done, and, with steps, offers to take it back."""
    if is_fetched(request):
        undo = signing.dumps([reader(request).pk, steps], salt=SALT) if steps else ""
        return JsonResponse({"message": message, "undo": undo, "undo_at": reverse("admin:retention_workitem_undo")})
    messages.success(request, message)
    return HttpResponseRedirect(reverse("admin:retention_workitem_mine"))


def refused(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Says why a button did nothing."""
    text = " ".join(error.messages)
    if is_fetched(request):
        return JsonResponse({"message": text}, status=409)
    messages.error(request, text)
    return HttpResponseRedirect(reverse("admin:retention_workitem_mine"))


def undo_view(request: HttpRequest) -> HttpResponse:
    """Takes back what the reader just did: all of it, or nothing."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    user = must_edit(request)
    try:
        whose, steps = signing.loads(request.POST.get("undo", ""), salt=SALT, max_age=UNDO_FOR)
    except signing.BadSignature:
        return JsonResponse({"message": "This cannot be taken back any more."}, status=409)
    if whose != user.pk:
        return JsonResponse({"message": "Somebody else did this."}, status=409)
    try:
        with transaction.atomic():
            for step in steps:
                _undo(request, step)
    except ValidationError as error:
        return JsonResponse({"message": " ".join(error.messages)}, status=409)
    return JsonResponse({"message": "Taken back."})


def _undo(request: HttpRequest, step: Step) -> None:
    at, what = now(), step["what"]
    if what == "snooze":
        item, was = item_of(request, step["pk"]), step["was"]
        until = dt.datetime.fromisoformat(was) if was else None
        if until and until > at:
            putting_off.snooze(item, until=until, by=reader(request), at=at)
        else:
            putting_off.wake(item, by=reader(request), at=at)
    elif what == "delegate":
        _take_over_again(request, step, at)
    elif what == "comment":
        thread.take_back(_own(WorkComment, step["pk"]), by=reader(request), at=at)
    else:
        effort.take_back(_own(WorkTime, step["pk"]), by=reader(request), at=at)


def _take_over_again(request: HttpRequest, step: Step, at: dt.datetime) -> None:
    """Gives it back to who had it, unless somebody did something else with it meanwhile.

    Who handed it on may not see it any more: the signed step says that they did so a moment ago.
    """
    item = WorkItem.objects.select_for_update(of=("self",)).filter(pk=step["pk"], assignee=step["to"]).first()
    if item is None:
        raise ValidationError("Somebody handed it on meanwhile. Nothing was changed.")
    was = User.objects.filter(pk=step["was"]).first() if step["was"] else None
    services.reassign(item, to=was, by=reader(request), at=at)


def _own(model: Any, pk: int) -> Any:
    row = model.objects.filter(pk=pk).select_related("item").first()
    if row is None:
        raise ValidationError("It was taken back before.")
    return row
