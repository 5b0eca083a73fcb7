"""Editing a dimension: a draft, what publishing it would do, and then publishing it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.keys import key_from
from accounts.portfolio.queries import listed
from retention.evaluation.overtaking import overtaking
from retention.segments import services
from retention.segments.drafts import SegmentDraft, check, drafts_of
from retention.segments.forms import DimensionForm, SegmentForms
from retention.segments.lines import in_trouble, lines
from retention.segments.models import Dimension
from retention.segments.planning import Moves, Plan, plan
from retention.segments.queries import Size, current_version, sizes, versions

START = [
    SegmentDraft("", "", None),
    SegmentDraft("", "", None),
    SegmentDraft("unknown", "Unknown", None, meaning="Nobody can tell."),
]


LIVE_AT_MOST = 5000
"""Accounts up to which it is told at each key who would move; of more, when it is asked for."""


def view(page: Any, request: HttpRequest, dimension: Dimension | None) -> HttpResponse:
    """The form of a dimension, with what publishing it would do below."""
    version = current_version(dimension) if dimension else None
    drafts = drafts_of(version) if version else START
    data = request.POST if request.method == "POST" else None
    initial = {"name": dimension.name, "meaning": dimension.meaning} if dimension else {}
    form, segments = DimensionForm(data, initial=initial), SegmentForms(data, drafts)
    newer = overtaking(request, version.number, lambda: versions(version.dimension)) if version else {}
    found: Plan | None = None
    asked: list[str] = []
    if data is not None and data.get("do") == "live":
        return _live(request, dimension, form, segments)
    if data is not None and all([form.is_valid(), segments.is_valid()]):
        try:
            wanted = segments.drafts()
            check(wanted, dimension=dimension.key if dimension else "")
            found = plan(wanted, dimension=dimension, at=now(), user=reader(request))
            if data.get("do") == "publish" and not found.obstacles and not newer.get("overtaken"):
                return _published(request, form, dimension, wanted)
        except services.MustBeConfirmed as refused:
            asked = refused.messages  # of the whole book: the plan on the page is about what its reader may see
        except ValidationError as error:
            segments.blame(error, form)
            found = None if form.errors else found
    rows = lines(segments, _now(dimension, request), found.sizes if found else None, opened=request.GET.get("segment"))
    context = {
        **page.admin_site.each_context(request),
        "title": f"Edit {dimension.name}" if dimension else "New dimension",
        "dimension": dimension,
        "form": form,
        "lines": rows,
        "wrong": in_trouble(rows),
        **newer,
        **_planned(found, _names(drafts, segments.drafts() if found else []), asked),
    }
    is_wrong = bool(form.errors or context["wrong"])
    return render(request, "retention/dimension/edit.html", context, status=400 if is_wrong else 200)


def _planned(found: Plan | None, names: dict[str, str], asked: list[str]) -> dict[str, Any]:
    """What the page tells of a plan; `asked` is what must be confirmed, of the whole book."""
    return {
        "plan": found,
        "sizes": [(names[key], size) for key, size in found.sizes.items()] if found else [],
        "moves": _named(found, names) if found else [],
        "asked": [text for text in asked if found and text not in found.questions],
        "is_asking": bool(asked or found and found.questions),
        "is_unsure": bool(asked),
    }


def _now(dimension: Dimension | None, request: HttpRequest) -> dict[str, Size]:
    """Key of each segment in force → its accounts that the reader may see."""
    version = current_version(dimension) if dimension else None
    if dimension is None or version is None:
        return {}
    found = sizes(reader(request), dimension=dimension)
    return {one.key: found.get((dimension.key, one.key), Size()) for one in version.segments.all()}


def _names(before: list[SegmentDraft], after: list[SegmentDraft]) -> dict[str, str]:
    return {draft.key: draft.name for draft in [*before, *after]}


def _named(found: Plan, names: dict[str, str]) -> list[tuple[str, str, Moves]]:
    return [(names.get(one.before, one.before), names.get(one.after, one.after), one) for one in found.moves]


def _live(
    request: HttpRequest, dimension: Dimension | None, form: DimensionForm, segments: SegmentForms
) -> HttpResponse:
    """Who would move, as the form stands while somebody types; in a form that is not right yet, that."""
    context: dict[str, Any] = {"is_large": listed().count() > LIVE_AT_MOST}
    version = current_version(dimension) if dimension else None
    if not context["is_large"] and all([form.is_valid(), segments.is_valid()]):
        wanted = segments.drafts()
        try:
            check(wanted, dimension=dimension.key if dimension else "")
        except ValidationError:
            pass  # what is wrong is told beside its field once it is asked for
        else:
            found = plan(wanted, dimension=dimension, at=now(), user=reader(request), with_findings=False)
            names = _names(drafts_of(version) if version else [], wanted)
            context |= {"plan": found, "moves": _named(found, names)}
            context["lines"] = lines(segments, _now(dimension, request), found.sizes)
    return render(request, "retention/dimension/live.html", context)


def _published(
    request: HttpRequest, form: DimensionForm, dimension: Dimension | None, drafts: list[SegmentDraft]
) -> HttpResponse:
    version = services.publish(
        key=dimension.key if dimension else key_from(form.cleaned_data["name"], fallback="dimension").replace("-", "_"),
        **form.cleaned_data,
        segments=drafts,
        by=reader(request),
        at=now(),
        confirmed=bool(request.POST.get("confirmed")),
    )
    messages.success(request, f"{version.dimension} is published as version {version.number}.")
    return HttpResponseRedirect(reverse("admin:retention_dimension_change", args=[version.dimension_id]))
