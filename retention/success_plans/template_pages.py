"""A template as one reads and changes it in the console; saving publishes a new version."""

from dataclasses import replace
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.foundation.keys import key_from
from retention.success_plans import prospects, templates
from retention.success_plans.content import (
    MANY,
    MOST_TIMES,
    OURS,
    ROLES,
    SIDES,
    WEEKDAYS,
    Content,
    ObjectiveDraft,
    OfficeHoursDraft,
    PointDraft,
    TaskDraft,
)
from retention.success_plans.customer import groups
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion

Kind = PlanTemplate.Kind
_ROLES = [
    ("", "–"),
    *((f"{side}:{key}", f"{SIDES[side]}: {name}") for side, all_ in ROLES.items() for key, name in all_.items()),
]


class HeadForm(forms.Form):
    """What a template is called, and whom it fits."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, required=False, label="When one uses it")
    titles = forms.CharField(required=False, label="Champion's title has one of", help_text="Separated by commas.")
    stacks = forms.CharField(required=False, label="They work with one of", help_text="Separated by commas.")
    is_fallback = forms.BooleanField(required=False, label="Chosen where nothing else fits")
    on_won = forms.BooleanField(required=False, label="Added when a deal is won")


class RowForm(forms.Form):
    """One row of a template; a row without its first field is left out."""

    key = forms.CharField(required=False, widget=forms.HiddenInput)


class ObjectiveRow(RowForm):
    """One objective."""

    goal = forms.CharField(max_length=250, required=False)
    measure = forms.CharField(max_length=250, required=False)
    due = forms.CharField(max_length=10, required=False, help_text="Such as 14 d or 5 bd.")
    effort = forms.CharField(max_length=120, required=False)
    baseline = forms.CharField(max_length=14, required=False)
    target = forms.CharField(max_length=14, required=False)
    unit = forms.CharField(max_length=40, required=False)
    is_shared = forms.BooleanField(required=False, initial=True, label="Shared")


class TaskRow(RowForm):
    """One task."""

    title = forms.CharField(max_length=250, required=False)
    whose = forms.ChoiceField(choices=_ROLES, required=False)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=10_000)
    due = forms.CharField(max_length=10, required=False, help_text="Such as 14 d or 5 bd.")
    result = forms.CharField(max_length=500, required=False, label="What comes of it")
    objective = forms.CharField(required=False, widget=forms.HiddenInput)
    is_shared = forms.BooleanField(required=False, initial=True, label="Shared")


class PointRow(RowForm):
    """One point of an agenda."""

    title = forms.CharField(max_length=250, required=False)
    minutes = forms.IntegerField(required=False, min_value=1, max_value=600)
    text = forms.CharField(max_length=500, required=False)


class HoursRow(RowForm):
    """Office hours."""

    title = forms.CharField(max_length=120, required=False)
    role = forms.ChoiceField(choices=list(ROLES[OURS].items()), initial="csm", required=False, label="Who holds them")
    weekday = forms.ChoiceField(
        choices=[(day, day.capitalize()) for day in WEEKDAYS], initial="tuesday", required=False
    )
    time = forms.CharField(max_length=5, initial="15:00", required=False, help_text="By the customer's clock.")
    minutes = forms.IntegerField(required=False, min_value=1, max_value=480, initial=45)
    starts = forms.CharField(max_length=10, required=False, label="Begin after", help_text="Such as 7 d.")
    every_weeks = forms.IntegerField(required=False, min_value=1, max_value=12, initial=1, label="Every so many weeks")
    times = forms.IntegerField(required=False, min_value=1, max_value=MOST_TIMES, help_text="Empty: without an end.")


SETS: dict[str, tuple[type[RowForm], type[Any], str]] = {
    "objectives": (ObjectiveRow, ObjectiveDraft, "goal"),
    "tasks": (TaskRow, TaskDraft, "title"),
    "agenda": (PointRow, PointDraft, "title"),
    "office_hours": (HoursRow, OfficeHoursDraft, "title"),
}
PARTS: dict[str, tuple[str, ...]] = {
    Kind.PLAN: ("objectives", "tasks", "office_hours"),
    Kind.PATH: ("tasks",),
    Kind.TASKS: ("tasks", "office_hours"),
    Kind.AGENDA: ("agenda",),
}


def urls(page: Any) -> list[URLPattern]:
    """The addresses below the list of templates."""

    def wrapped(view: Any) -> Any:
        return page.admin_site.admin_view(lambda request, pk: view(page, request, pk))

    views = {"edit": edit}
    return [
        path(f"<int:pk>/{name}/", wrapped(view), name=f"retention_plantemplate_{name}") for name, view in views.items()
    ]


def _template(
    page: Any, request: HttpRequest, pk: Any, *, edits: bool = False
) -> tuple[PlanTemplate, PlanTemplateVersion]:
    template = page.get_object(request, str(pk)) if page.has_view_permission(request) else None
    version = template.versions.first() if template else None
    if template is None or version is None or edits and not reader(request).may_edit(PlanTemplate.AREA):
        raise Http404("There is no such template, or it is not yours to see.")
    return template, version


def overview(page: Any, request: HttpRequest, pk: Any) -> HttpResponse:
    """What a template says, its versions, and which prospects see it."""
    template, version = _template(page, request, pk)
    context = {
        **page.admin_site.each_context(request),
        "title": template.name,
        "template": template,
        "version": version,
        "content": version.content,
        "groups": groups(version.content),
        "versions": template.versions.select_related("published_by"),
        "can_be_shown": template.kind in prospects.SHOWN and reader(request).reach(ProspectLink.AREA) is not None,
        "prospect_links": prospects.listed(template.prospect_links.all(), reader(request), at=now()),
        "may_show": reader(request).may_edit(ProspectLink.AREA),
        "new_address": f"?template={template.pk}",
        "may_edit": reader(request).may_edit(PlanTemplate.AREA),
    }
    return render(request, "retention/success_plan/template.html", context)


def edit(page: Any, request: HttpRequest, pk: int) -> HttpResponse:
    """All of a template on one page; saving publishes a new version, and plans under way keep theirs."""
    template, version = _template(page, request, pk, edits=True)
    draft = templates.draft_of(template, version)
    data = request.POST if request.method == "POST" else None
    head = HeadForm(data, initial=_head(draft))
    sets = {name: _formset(name)(data, initial=_rows(draft.content, name), prefix=name) for name in PARTS[draft.kind]}
    if data is not None and head.is_valid() and all(one.is_valid() for one in sets.values()):
        try:
            made = templates.publish(_published(draft, head, sets), by=reader(request), at=now())
        except ValidationError as error:
            for field, texts in error.message_dict.items():
                head.add_error(None, [f"{_place(field)}: {text}" for text in texts])
        else:
            messages.success(request, f"{made.template.name}: version {made.number} is in force.")
            return HttpResponseRedirect(reverse("admin:retention_plantemplate_change", args=[template.pk]))
    context = {
        **page.admin_site.each_context(request),
        "title": f"Change {template.name}",
        "template": template,
        "form": head,
        "sets": [(name.replace("_", " ").capitalize(), one) for name, one in sets.items()],
    }
    return render(request, "retention/success_plan/edit.html", context, status=400 if data else 200)


def _place(field: str) -> str:
    """`tasks[2].due` reads Tasks 3, due."""
    part, _, rest = field.partition("[")
    number, _, name = rest.partition("].")
    part = part.replace("_", " ")
    return f"{part.capitalize()} {int(number) + 1}, {name.replace('_', ' ')}" if rest else part.capitalize()


def _formset(name: str) -> Any:
    return forms.formset_factory(SETS[name][0], extra=2, max_num=MANY, can_order=True, can_delete=True)


def _head(draft: templates.TemplateDraft) -> dict[str, Any]:
    found = {name: getattr(draft, name) for name in HeadForm.base_fields}
    return found | {name: ", ".join(found[name]) for name in ("titles", "stacks")}


def _rows(content: Content, name: str) -> list[dict[str, Any]]:
    rows = [dict(vars(row)) for row in getattr(content, name)]
    return [row | {"whose": f"{row['side']}:{row['role']}"} for row in rows] if name == "tasks" else rows


def _published(draft: templates.TemplateDraft, head: HeadForm, sets: dict[str, Any]) -> templates.TemplateDraft:
    said = dict(head.cleaned_data)
    for name in ("titles", "stacks"):
        said[name] = [word.strip() for word in said[name].split(",") if word.strip()]
    made = {name: _typed(draft.content, name, one) for name, one in sets.items()}
    return replace(draft, **said, content=replace(draft.content, **made))


def _typed(before: Content, name: str, formset: Any) -> list[Any]:
    """The rows as they were typed, in the order that was asked for; what the page does not show stays as it was."""
    _, draft, first = SETS[name]
    known = {row.key: row for row in getattr(before, name) if hasattr(row, "key")}
    taken, found = set(known), []
    for form in formset.ordered_forms:
        values = {key: value for key, value in form.cleaned_data.items() if key not in ("ORDER", "DELETE", "whose")}
        if not values.get(first):
            continue
        if name == "office_hours":
            values = {key: value for key, value in values.items() if value is not None or key == "times"}
        if name == "tasks":
            side, _, role = (form.cleaned_data.get("whose") or "ours:").partition(":")
            values |= {"side": side, "role": role}
        key = values.pop("key", "")
        if name == "agenda":
            found.append(draft(**values))
            continue
        if key not in known:
            key = _new_key(values[first], taken)
        found.append(replace(known[key], **values) if key in known else draft(key=key, **values))
    return found


def _new_key(text: str, taken: set[str]) -> str:
    base = key_from(text, fallback="entry")[:40].strip("-_").replace("-", "_")
    key, number = base, 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    taken.add(key)
    return key
