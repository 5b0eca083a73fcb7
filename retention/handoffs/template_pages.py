"""Pages of a checklist: reading it, and changing it item by item; each change is a new version."""

import functools
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.keys import KEY_LENGTH
from retention.handoffs import services
from retention.handoffs.drafts import ItemDraft, SectionDraft, TemplateDraft, draft_of
from retention.handoffs.models import Handoff, HandoffItem, HandoffTemplate, HandoffVersion
from retention.handoffs.template_forms import RACI, ItemForm, TemplateForm, filled

Keyed = TypeVar("Keyed", ItemDraft, SectionDraft)


@dataclass(frozen=True)
class Shown:
    """One request about one checklist, with the version in force."""

    page: Any
    request: HttpRequest
    version: HandoffVersion
    draft: TemplateDraft

    @property
    def user(self) -> Any:
        return reader(self.request)

    @property
    def address(self) -> str:
        """The page of the checklist."""
        return reverse("admin:retention_handofftemplate_change", args=[self.version.template_id])

    def item(self, key: str) -> ItemDraft:
        """The item with this key."""
        found = next((one for section in self.draft.sections for one in section.items if one.key == key), None)
        if found is None:
            raise Http404("There is no such item any more.")
        return found

    def render(self, name: str, title: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {
            **self.page.admin_site.each_context(self.request),
            "title": title,
            "version": self.version,
            "template": self.version.template,
            "draft": self.draft,
            "may_edit": self.user.may_edit(HandoffTemplate.AREA),
        }
        return render(self.request, f"retention/handoff/{name}.html", shared | context, status=status)


def urls(page: Any) -> list[URLPattern]:
    """The addresses of these pages, below the list of checklists."""

    return [
        route(page, "edit/", "edit", settings_page),
        route(page, "sections/<slug:key>/add/", "add_item", add_page),
        route(page, "items/<slug:key>/edit/", "edit_item", edit_page),
        route(page, "items/<slug:key>/remove/", "remove_item", remove_page),
        route(page, "items/<slug:key>/shift/", "shift_item", shift_page),
    ]


def route(page: Any, address: str, name: str, view: Callable[..., HttpResponse]) -> URLPattern:
    """One page below a checklist, for whoever may change it."""
    asked = functools.partial(_editing, page, view)
    return path(f"<int:pk>/{address}", page.admin_site.admin_view(asked), name=f"retention_handofftemplate_{name}")


def _editing(page: Any, view: Callable[..., HttpResponse], request: HttpRequest, pk: int, **named: str) -> HttpResponse:
    found = shown(page, request, str(pk))
    if not found.user.may_edit(HandoffTemplate.AREA):
        raise Http404
    return view(found, **named)


def shown(page: Any, request: HttpRequest, object_id: str) -> Shown:
    """The request, with the version in force; 404 where there is none."""
    template = page.get_object(request, object_id)
    version = template.versions.select_related("template").first() if template else None
    if version is None:
        raise Http404("There is no such checklist, or it is not yours to see.")
    return Shown(page, request, version, draft_of(version))


def overview(found: Shown) -> HttpResponse:
    """Sections and items as they are in force, versions, and how many handoffs run by each."""
    running = Handoff.objects.for_user(found.user).exclude(state__in=["accepted", "cancelled"])
    versions = found.version.template.versions.select_related("published_by")[:10]
    counts = {one.pk: running.filter(version=one).count() for one in versions}
    context = {
        "evidence": dict(HandoffItem.Evidence.choices),
        "versions": [(one, counts[one.pk]) for one in versions],
    }
    return found.render("template", found.draft.name, context)


def settings_page(found: Shown) -> HttpResponse:
    """Changes what holds for the checklist as a whole."""
    form = TemplateForm(posted(found), initial=TemplateForm.of(found.draft))
    return edited(found, form, lambda: replace(found.draft, **form.cleaned_data), f"Change {found.draft.name}")


def edit_page(found: Shown, key: str) -> HttpResponse:
    """Changes one item, or moves it to the end of another section."""
    before = found.item(key)
    at = next(one.key for one in found.draft.sections if before in one.items)
    sections = {one.key: one.name for one in found.draft.sections}
    form = ItemForm(posted(found), initial={**filled(before), "section": at}, sections=sections)

    def changed() -> TemplateDraft:
        new, to = form.draft(key), form.cleaned_data["section"] or at
        if to == at:
            return _with(found, lambda items: [new if one.key == key else one for one in items])
        rest = replace(found.draft, sections=[_without(one, key) for one in found.draft.sections])
        return replace(rest, sections=[_joined(one, new) if one.key == to else one for one in rest.sections])

    return edited(found, form, changed, f"Change “{before.name}”")


def _without(section: SectionDraft, key: str) -> SectionDraft:
    return replace(section, items=[one for one in section.items if one.key != key])


def _joined(section: SectionDraft, item: ItemDraft) -> SectionDraft:
    return replace(section, items=[*section.items, item])


def add_page(found: Shown, key: str) -> HttpResponse:
    """Adds an item at the end of a section."""
    section = next((one for one in found.draft.sections if one.key == key), None)
    if section is None:
        raise Http404("There is no such section any more.")
    form = ItemForm(posted(found))
    taken = {one.key for each in found.draft.sections for one in each.items}

    def changed() -> TemplateDraft:
        new = form.draft(key_for(form.cleaned_data["name"], taken))
        return _with(found, lambda items: [*items, new], only=key)

    return edited(found, form, changed, f"Add an item to {section.name}")


def remove_page(found: Shown, key: str) -> HttpResponse:
    """Takes an item out."""
    name = found.item(key).name
    changed = _with(found, lambda items: [one for one in items if one.key != key])
    return changed_to(found, changed, f"“{name}” is taken out")


def shift_page(found: Shown, key: str) -> HttpResponse:
    """Moves an item one place within its section."""
    name = found.item(key).name
    to = found.request.POST.get("to", "")
    return changed_to(found, _with(found, lambda items: moved(items, key, to)), f"“{name}” is moved")


def moved(rows: list[Keyed], key: str, to: str) -> list[Keyed]:
    """The rows with the one of this key moved one place; as they are where it is at the end, or not among them."""
    keys, step = [one.key for one in rows], -1 if to == "earlier" else 1
    if key not in keys or not 0 <= keys.index(key) + step < len(rows):
        return rows
    place, fresh = keys.index(key), list(rows)
    fresh[place], fresh[place + step] = fresh[place + step], fresh[place]
    return fresh


def _with(found: Shown, change: Callable[[list[ItemDraft]], list[ItemDraft]], only: str = "") -> TemplateDraft:
    """The draft with the items of each section (or of one) changed."""

    def changed(section: SectionDraft) -> SectionDraft:
        return section if only and section.key != only else replace(section, items=change(section.items))

    return replace(found.draft, sections=[changed(section) for section in found.draft.sections])


def key_for(name: str, taken: set[str]) -> str:
    """A key made of `name` that is not taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[: KEY_LENGTH - 4] or "item"
    return next(key for key in (plain, *(f"{plain}_{n}" for n in range(2, 1000))) if key not in taken)


def posted(found: Shown) -> Any:
    """What was posted, for a form; None where nothing was."""
    return found.request.POST if found.request.method == "POST" else None


def edited(found: Shown, form: Any, changed: Callable[[], TemplateDraft], title: str) -> HttpResponse:
    """The form; posted, publishes what it says."""
    if found.request.method == "POST" and form.is_valid():
        try:
            return _published(found, changed(), "Saved")
        except ValidationError as refused:
            form.add_error(None, refused.messages)
    raci = [form[name] for name in RACI if name in form.fields]
    plain = [form[name] for name in form.fields if name not in RACI]
    hint = getattr(form, "RACI_HINT", "")
    context = {"form": form, "fields": plain, "raci": raci, "raci_hint": hint}
    return found.render("edit", title, context, status=400 if form.errors else 200)


def changed_to(found: Shown, draft: TemplateDraft, said: str) -> HttpResponse:
    """Publishes `draft` where the change was posted, and goes back to the checklist."""
    if found.request.method != "POST":
        return HttpResponseRedirect(found.address)
    try:
        return _published(found, draft, said)
    except ValidationError as refused:
        messages.error(found.request, " ".join(refused.messages))
        return HttpResponseRedirect(found.address)


def _published(found: Shown, draft: TemplateDraft, said: str) -> HttpResponse:
    version = services.publish(draft, by=found.user, at=now())
    if version.pk == found.version.pk:
        messages.info(found.request, "Nothing was changed.")
    else:
        text = f"{said}: version {version.number} is in force. Handoffs that run stay on theirs."
        messages.success(found.request, text)
    return HttpResponseRedirect(found.address)
