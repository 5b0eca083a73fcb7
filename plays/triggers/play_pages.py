"""Further pages of a play: its calendar, what it would start, and when it starts as a form."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from plays.definitions import services as definitions
from plays.definitions.models import PlayVersion
from plays.definitions.registry import PlayPage, play_pages, trigger_kinds
from plays.triggers import openings
from plays.triggers.forms import FORMS, TriggerForm, filled
from plays.triggers.preview import preview
from retention.evaluation.rules import catalogue


def calendar_page(page: Any, request: HttpRequest, version: PlayVersion) -> HttpResponse:
    """The next ten times, and the past ones with how each ended."""
    user = reader(request)
    context = {
        "calendar": openings.calendar_of(version.play),
        "coming": openings.coming(version, user=user, at=now()),
        "past": openings.past(version.play, user=user),
    }
    return _page(page, request, version, "calendar", "Calendar of", context)


def preview_page(page: Any, request: HttpRequest, version: PlayVersion) -> HttpResponse:
    """What it would have started, or starts next."""
    found = preview(version, user=reader(request), at=now())
    count = "1 account" if found.count == 1 else f"{found.count} accounts" if found.count else "no account"
    context = {"found": found, "sentence": found.sentence.format(count)}
    return _page(page, request, version, "preview", "Preview of", context)


def trigger_page(page: Any, request: HttpRequest, version: PlayVersion) -> HttpResponse:
    """Changes when the play starts; what it changes becomes a new version."""
    form = FORMS[version.starts_on](request.POST or None, initial=filled(version))
    if request.method == "POST" and form.is_valid() and _is_published(form, version, request):
        return HttpResponseRedirect(reverse("admin:plays_play_change", args=[version.play_id]))
    return _page(page, request, version, "trigger", "When it starts:", {"form": form})


def _is_published(form: TriggerForm, version: PlayVersion, request: HttpRequest) -> bool:
    kind = trigger_kinds[version.starts_on]
    trigger = form.trigger(version.trigger)
    for trouble in kind.check(trigger, catalogue()):
        name = trouble.path.removeprefix(".").partition(".")[0]
        form.add_error(name if name in form.fields else None, f"{trouble.message[:1].upper()}{trouble.message[1:]}.")
    if form.errors:
        return False
    draft = replace(definitions.draft_of(version), trigger=kind.meant(trigger), **form.beside())
    try:
        published = definitions.publish(draft, by=reader(request), at=now())
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return False
    if published.pk == version.pk:
        messages.info(request, "Nothing was changed.")
    else:
        messages.success(request, f"Version {published.number} is in force; runs that are open go on as they began.")
    return True


def _page(
    page: Any, request: HttpRequest, version: PlayVersion, name: str, title: str, context: dict[str, Any]
) -> HttpResponse:
    shared = {
        **page.admin_site.each_context(request),
        "title": f"{title} {version.play.name}",
        "play": version.play,
        "version": version,
        "words": trigger_kinds[version.starts_on].words(version),
    }
    form = context.get("form")
    status = 400 if form is not None and form.errors else 200
    return render(request, f"plays/play/{name}.html", shared | context, status=status)


play_pages.add("preview", PlayPage("What it would start", preview_page))
play_pages.add("calendar", PlayPage("Its calendar", calendar_page, suits=openings.is_by_calendar))
play_pages.add("trigger", PlayPage("Change when it starts", trigger_page, edits=True))
