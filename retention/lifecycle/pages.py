"""Pages of a lifecycle: its stages, one stage, changing it with its effect shown first, and how accounts move."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.console import reader
from retention.conditions.refusal import ConditionRefused
from retention.conditions.wording import for_at_least
from retention.evaluation.differences import told_versions
from retention.evaluation.overtaking import overtaking
from retention.evaluation.reading import in_words
from retention.lifecycle import pace
from retention.lifecycle.forms import StageForm, filled, key_for
from retention.lifecycle.funnel import funnel
from retention.lifecycle.models import Lifecycle, LifecycleVersion, Stage
from retention.lifecycle.preview import StagePlan, plan
from retention.lifecycle.services import StageDraft, drafts_of, publish
from retention.raci.parts import Function, Part

Drafts = Sequence[StageDraft]
CONDITIONS = {"enter": "is entered when", "leave": "is left when"}


@dataclass(frozen=True)
class Shown:
    """One request about one lifecycle, with the version in force."""

    page: Any
    request: HttpRequest
    lifecycle: Lifecycle
    version: LifecycleVersion

    @property
    def user(self) -> Any:
        return reader(self.request)

    @property
    def address(self) -> str:
        """The page of the lifecycle."""
        return reverse("admin:retention_lifecycle_change", args=[self.lifecycle.pk])

    def stage(self, key: str) -> Stage:
        """The stage with this key in the version in force."""
        found = next((one for one in self.version.stages.all() if one.key == key), None)
        if found is None:
            raise Http404("There is no such stage any more.")
        return found

    def render(self, name: str, title: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
        shared = {
            **self.page.admin_site.each_context(self.request),
            "title": title,
            "lifecycle": self.lifecycle,
            "version": self.version,
            "may_edit": self.user.may_edit(Lifecycle.AREA),
        }
        return render(self.request, f"retention/lifecycle/{name}.html", shared | context, status=status)


def words_of(stage: Stage) -> tuple[str, str]:
    """When a stage is entered and left, as phrases."""
    leave = in_words(stage.leave) if stage.leave else "that is no longer true"
    return in_words(stage.enter) + for_at_least(stage.enter_after_days), leave + for_at_least(stage.leave_after_days)


def overview(shown: Shown) -> HttpResponse:
    """All stages with who is in them, and how accounts flow."""
    at = now()
    stages = list(shown.version.stages.all())
    flows = funnel(shown.version, shown.user, at=at)
    return shown.render(
        "page",
        shown.lifecycle.name,
        {
            "rows": [(one, pace.counts(one, shown.user, at=at), _raci(one)) for one in stages],
            "functions": Function.labels,
            "flows": flows,
            "most": max([flow.entered for flow in flows], default=0) or 1,
            "versions": _versions(shown.lifecycle),
        },
    )


def _versions(lifecycle: Lifecycle) -> list[tuple[LifecycleVersion, list[str]]]:
    """The latest versions, the newest first, each with what it says otherwise than the one before."""
    rows = lifecycle.versions.select_related("published_by").prefetch_related("stages")
    labels = {field.name: str(field.verbose_name) for field in Stage._meta.concrete_fields}
    labels |= {"raci": "who answers for it", "is_passing": "passing", "pace_from": "the date from which days count"}
    return told_versions(rows, drafts_of, conditions=CONDITIONS, labels=labels)


def _raci(stage: Stage) -> list[tuple[str, str, str]]:
    """Function, letters and their meaning, for every function."""
    said = stage.raci
    parts = [(one.label, said.get(one.value, "")) for one in Function]
    return [(label, part, Part(part).label if part else "") for label, part in parts]


def stage_page(shown: Shown, key: str) -> HttpResponse:
    """One stage: criteria in words, who answers for it, who is in it and how long."""
    stage, at = shown.stage(key), now()
    enter, leave = words_of(stage)
    found, behind, stuck = pace.counts(stage, shown.user, at=at)
    flow = next(one for one in funnel(shown.version, shown.user, at=at) if one.key == key)
    context = {"stage": stage, "enter": enter, "leave": leave, "raci": _raci(stage), "flow": flow}
    context |= {"count": found, "behind": behind, "stuck": stuck, "rows": pace.in_stage(stage, shown.user, at=at)}
    return shown.render("stage", stage.name, context)


def rule_page(shown: Shown) -> HttpResponse:
    """How accounts move, with examples."""
    return shown.render("rule", "How accounts move", {"stages": list(shown.version.stages.all())})


def edit_page(shown: Shown, key: str) -> HttpResponse:
    """Changes one stage."""
    stage = shown.stage(key)
    form = StageForm(shown.request.POST or None, initial=filled(stage))

    def changed() -> Drafts:
        return [form.draft(key) if one.key == key else one for one in drafts_of(shown.version)]

    return _edited(shown, form, changed, f"Change {stage.name}")


def add_page(shown: Shown) -> HttpResponse:
    """Adds a stage at the end, from where it can be moved."""
    form = StageForm(shown.request.POST or None)

    def changed() -> Drafts:
        drafts = drafts_of(shown.version)
        return [*drafts, form.draft(key_for(form.cleaned_data["name"], {one.key for one in drafts}))]

    return _edited(shown, form, changed, "Add a stage")


def _edited(shown: Shown, form: StageForm, changed: Callable[[], Drafts], title: str) -> HttpResponse:
    if shown.request.method == "POST" and form.is_valid():
        try:
            if "back" not in shown.request.POST:
                return _ask_then_publish(shown, changed(), title)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
    parts = [[form[name] for name in names] for names in (form.CRITERIA, form.PACE, form.RACI)]
    context = {"form": form, "parts": parts, "opened": shown.version.number}
    return shown.render("edit", title, context, status=400 if form.errors else 200)


def shift_page(shown: Shown, key: str) -> HttpResponse:
    """Moves a stage one place in the order of precedence."""
    step = -1 if shown.request.POST.get("to") == "earlier" else 1
    drafts = drafts_of(shown.version)
    place = next(n for n, one in enumerate(drafts) if one.key == shown.stage(key).key)
    if shown.request.method != "POST" or not 0 <= place + step < len(drafts):
        return HttpResponseRedirect(shown.address)
    drafts[place], drafts[place + step] = drafts[place + step], drafts[place]
    return _structure(shown, drafts, f"Move {drafts[place + step].name}")


def remove_page(shown: Shown, key: str) -> HttpResponse:
    """Takes a stage out."""
    stage = shown.stage(key)
    if shown.request.method != "POST":
        return HttpResponseRedirect(shown.address)
    drafts = [one for one in drafts_of(shown.version) if one.key != key]
    return _structure(shown, drafts, f"Remove {stage.name}")


def _structure(shown: Shown, drafts: Drafts, title: str) -> HttpResponse:
    if "back" in shown.request.POST:
        return HttpResponseRedirect(shown.address)
    try:
        return _ask_then_publish(shown, drafts, title)
    except ValidationError as refused:
        messages.error(shown.request, " ".join(refused.messages))
        return HttpResponseRedirect(shown.address)


def _ask_then_publish(shown: Shown, drafts: Drafts, title: str) -> HttpResponse:
    """Shows first what it will do; does exactly that once it was seen, and confirmed where it is much."""
    sent = shown.request.POST
    try:
        found = plan(shown.lifecycle, drafts, user=shown.user, at=now())
    except ConditionRefused as refused:
        raise ValidationError([problem.message for problem in refused.problems]) from refused
    newer = overtaking(shown.request, shown.version.number, lambda: _versions(shown.lifecycle))
    is_seen = sent.get("seen") == found.token and (not found.asks or sent.get("sure") == "yes")
    if not is_seen or newer["overtaken"]:
        return _plan_page(shown, found, title, newer)
    lifecycle = shown.lifecycle
    version = publish(
        key=lifecycle.key, name=lifecycle.name, is_primary=lifecycle.is_primary, stages=drafts, by=shown.user, at=now()
    )
    if version.pk == shown.version.pk:
        messages.info(shown.request, "Nothing was changed.")
    else:
        messages.success(shown.request, f"Version {version.number} is in force; {_moved(found)}.")
    return HttpResponseRedirect(shown.address)


def _moved(found: StagePlan) -> str:
    return f"{found.count} account{'s move' if found.count != 1 else ' moves'}, silently: no play starts because of it"


def _plan_page(shown: Shown, found: StagePlan, title: str, newer: dict[str, Any]) -> HttpResponse:
    own = ("csrfmiddlewaretoken", "seen", "sure", "back", "opened")
    kept = [(name, value) for name, values in shown.request.POST.lists() if name not in own for value in values]
    missed = "seen" in shown.request.POST
    context = {"plan": found, "kept": kept, "missed": missed, **newer}
    return shown.render("plan", title, context, status=400 if missed else 200)
