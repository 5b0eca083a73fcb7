"""Pages that change the sections of a checklist: added, worded, moved, taken out; each change is a new version."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern

from retention.handoffs.drafts import SectionDraft, TemplateDraft
from retention.handoffs.template_forms import SectionForm, filled
from retention.handoffs.template_pages import Shown, changed_to, edited, key_for, moved, posted, route


def urls(page: Any) -> list[URLPattern]:
    """The addresses of these pages, below the list of checklists."""
    return [
        route(page, "sections/", "add_section", add_page),
        route(page, "sections/<slug:key>/edit/", "edit_section", edit_page),
        route(page, "sections/<slug:key>/remove/", "remove_section", remove_page),
        route(page, "sections/<slug:key>/shift/", "shift_section", shift_page),
    ]


def add_page(found: Shown) -> HttpResponse:
    """Adds a section at the end, without items yet."""
    form = SectionForm(posted(found))
    taken = {one.key for one in found.draft.sections}

    def changed() -> TemplateDraft:
        new = form.draft(key_for(form.cleaned_data["name"], taken), [])
        return replace(found.draft, sections=[*found.draft.sections, new])

    return edited(found, form, changed, "Add a section")


def edit_page(found: Shown, key: str) -> HttpResponse:
    """Changes what a section is called, and who answers for it."""
    before = _section(found, key)
    form = SectionForm(posted(found), initial=filled(before))

    def changed() -> TemplateDraft:
        new = form.draft(key, before.items)
        return replace(found.draft, sections=[new if one.key == key else one for one in found.draft.sections])

    return edited(found, form, changed, f"Change “{before.name}”")


def remove_page(found: Shown, key: str) -> HttpResponse:
    """Takes a section out that has no items; one that has some keeps them."""
    section = _section(found, key)
    if section.items:
        messages.error(found.request, f"“{section.name}” has items. Take them out first; nothing was changed.")
        return HttpResponseRedirect(found.address)
    others = [one for one in found.draft.sections if one.key != key]
    return changed_to(found, replace(found.draft, sections=others), f"“{section.name}” is taken out")


def shift_page(found: Shown, key: str) -> HttpResponse:
    """Moves a section one place, with its items."""
    name, to = _section(found, key).name, found.request.POST.get("to", "")
    sections = moved(found.draft.sections, key, to)
    return changed_to(found, replace(found.draft, sections=sections), f"“{name}” is moved")


def _section(found: Shown, key: str) -> SectionDraft:
    section = next((one for one in found.draft.sections if one.key == key), None)
    if section is None:
        raise Http404("There is no such section any more.")
    return section
