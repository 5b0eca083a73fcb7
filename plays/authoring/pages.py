"""A play written in the console: when it starts, for whom, its steps; then what it would do; then publishing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from plays.authoring.forms import step_forms
from plays.authoring.planning import PlayPlan, plan
from plays.authoring.sheet import MOST, Sheet
from plays.definitions import services
from plays.definitions.models import Play, PlayVersion
from plays.definitions.registry import ListPage, PlayPage, list_pages, play_pages
from plays.playbook.kinds.play import check, draft_from
from plays.steps.registry import step_kinds
from plays.triggers.forms import FORMS
from retention.builder.fields import ConditionField
from retention.evaluation.rules import catalogue

JUDGED = ("preview", "publish")


def edit_page(page: Any, request: HttpRequest, version: PlayVersion) -> HttpResponse:
    """Changes a play; what was changed becomes a new version."""
    return _view(page, request, version)


def new_page(page: Any, request: HttpRequest) -> HttpResponse:
    """Writes a play that is not there yet."""
    if not reader(request).may_edit(Play.AREA):
        raise Http404
    return _view(page, request, None)


def _view(page: Any, request: HttpRequest, version: PlayVersion | None) -> HttpResponse:
    if request.method != "POST":
        return _page(page, request, Sheet.of(version), None)
    do, sent = request.POST.get("do", ""), request.POST
    chosen, shown = sent.get("play-starts_on"), sent.get("kind")
    if do not in JUDGED or (chosen != shown and chosen in FORMS):
        return _page(page, request, Sheet.again(sent, version, do=do), None)
    sheet = Sheet.sent(sent, version)
    found = _planned(sheet, request)
    if found and do == "publish" and (published := _published(sheet, request)):
        return HttpResponseRedirect(reverse("admin:plays_play_change", args=[published.play_id]))
    return _page(page, request, sheet, found if not sheet.has_errors else None)


def _planned(sheet: Sheet, request: HttpRequest) -> PlayPlan | None:
    """What it would do; None where something is wrong, which then stands beside its field."""
    if not sheet.is_valid:
        return None
    body = sheet.body()
    sheet.refuse_taken(body["key"])
    sheet.blame(check(body, catalogue()))
    if not sheet.has_errors:
        return plan(draft_from(body), sheet.version, user=reader(request), at=now())
    return None


def _published(sheet: Sheet, request: HttpRequest) -> PlayVersion | None:
    try:
        version = services.publish(draft_from(sheet.body()), by=reader(request), at=now())
    except ValidationError as refused:
        sheet.trigger.add_error(None, refused.messages)
        return None
    if sheet.version and version.pk == sheet.version.pk:
        messages.info(request, "Nothing was changed.")
    elif version.play.is_active:
        messages.success(request, f"Version {version.number} is in force; runs that are open go on as they began.")
    else:
        messages.success(request, f"Version {version.number} is published. It starts nothing until it is activated.")
    return version


def _page(page: Any, request: HttpRequest, sheet: Sheet, found: PlayPlan | None) -> HttpResponse:
    play, shown = sheet.version.play if sheet.version else None, sheet.trigger.visible_fields()
    context = {
        **page.admin_site.each_context(request),
        "title": f"Edit {play.name}" if play else "New play",
        "play": play,
        "sheet": sheet,
        "conditions": [one for one in shown if isinstance(one.field, ConditionField)],
        "simple": [one for one in shown if not isinstance(one.field, ConditionField)],
        "plan": found,
        "addable": [(name, step_kinds[name].label.lower()) for name in step_forms] if len(sheet.steps) < MOST else [],
        "is_active": bool(play and play.is_active),
    }
    return render(request, "plays/play/edit.html", context, status=400 if sheet.has_errors else 200)


play_pages.add("edit", PlayPage("Edit", edit_page, edits=True))
list_pages.add("new", ListPage("New play", new_page, edits=True))
