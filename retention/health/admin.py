from collections.abc import Iterable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from retention.evaluation.overtaking import overtaking
from retention.evaluation.rules import catalogue
from retention.evaluation.sampling import fingerprint
from retention.health import pages, wording
from retention.health.checking import wrong_with
from retention.health.differences import differences
from retention.health.drafts import HealthDraft
from retention.health.drawing import curve
from retention.health.forms import HealthForm
from retention.health.models import Band, HealthModel, HealthModelVersion
from retention.health.preview import Preview, broken_down, preview
from retention.health.queries import index
from retention.health.services import publish
from retention.health.wording import SHAPES, TONES


@admin.register(HealthModel)
class HealthModelAdmin(ConsoleAdmin):
    """Health models: what counts how much, and what a change would do to the book before it is published."""

    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("versions__measures", "versions__caps")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("<int:pk>/edit/", wrap(self.edit_view), name="retention_healthmodel_edit"),
            path("override/<int:pk>/end/", wrap(pages.end_view), name="retention_healthoverride_end"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All models in the order in which they are asked, and how healthy the book is."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = [(model, _latest(model)) for model in self.get_queryset(request)]
        ordered = sorted([(one, version) for one, version in found if version], key=lambda pair: pair[1].precedence)
        user = reader(request)
        book = index(user) if user.reach(Account.AREA) else None
        context = {
            **self.admin_site.each_context(request),
            "title": "Health models",
            "models": [(one, version, wording.condition(version.applies)) for one, version in ordered],
            "book": book,
            "bands": _bands(book.counts) if book else [],
        }
        return render(request, "retention/health/list.html", context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One model: its measures with weights and curves, bands, caps, versions and their differences."""
        model, version = self._model(request, object_id)
        context = {
            **self._context(request, model, version, model.name),
            "measures": [
                {"row": one, "words": wording.scale(one.scale), "curve": curve(one.scale), "worst": _worst(one)}
                for one in version.measures.all()
            ],
            "caps": [(one, wording.condition(one.when)) for one in version.caps.all()],
            "contradiction": _contradiction(version),
            "versions": _versions(model),
        }
        return render(request, "retention/health/page.html", context)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The numbers of a model as a form; what a change does is shown before it is published."""
        model, version = self._model(request, pk)
        if not reader(request).may_edit(HealthModel.AREA):
            raise Http404
        form = HealthForm(request.POST or None, version=version)
        newer = overtaking(request, version.number, lambda: _versions(model))
        shown, one, user = None, None, reader(request)
        if request.method == "POST" and form.is_valid():
            draft = form.draft()
            if _is_right(draft, form):
                shown = preview(draft, model, user=user, at=now())
                is_agreed = _is_agreed(form, draft, shown) and not newer["overtaken"]
                if is_agreed and self._publish(request, model, form):
                    return HttpResponseRedirect(reverse("admin:retention_healthmodel_change", args=[model.pk]))
                asked = request.POST.get("account", "")
                one = broken_down(draft, model, shown, account_id=asked, user=user, at=now())
        context = self._context(request, model, version, f"Change {model.name}")
        context |= {"form": form, "preview": shown, "one": one, "seen": fingerprint(form.draft()) if shown else ""}
        context |= newer
        wants = bool(shown and form.data.get("do") == "publish" and not newer["overtaken"])
        context["is_stale"] = wants and not _is_seen(form, form.draft())
        context["is_unsure"] = wants and not context["is_stale"] and not form.cleaned_data.get("confirmed")
        return render(request, "retention/health/edit.html", context, status=400 if form.is_wrong else 200)

    def _publish(self, request: HttpRequest, model: HealthModel, form: HealthForm) -> bool:
        before = model.versions.first()
        try:
            version = publish(
                form.draft(), key=model.key, name=model.name, meaning=model.meaning, by=reader(request), at=now()
            )
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            return False
        if before and version.pk == before.pk:
            messages.info(request, "Nothing was changed.")
        else:
            messages.success(request, f"Version {version.number} is published. Every account is scored by it.")
        return True

    def _model(self, request: HttpRequest, object_id: Any) -> tuple[HealthModel, HealthModelVersion]:
        model = self.get_queryset(request).filter(pk=object_id).first() if str(object_id).isdigit() else None
        version = _latest(model) if model and self.has_view_permission(request, model) else None
        if model is None or version is None:
            raise Http404("There is no such health model, or it is not yours to see.")
        return model, version

    def _context(
        self, request: HttpRequest, model: HealthModel, version: HealthModelVersion, title: str
    ) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "model": model,
            "version": version,
            "applies": wording.condition(version.applies),
            "may_edit": reader(request).may_edit(HealthModel.AREA),
        }


def _is_seen(form: HealthForm, draft: HealthDraft) -> bool:
    return bool(form.cleaned_data["seen"] == fingerprint(draft))


def _is_agreed(form: HealthForm, draft: HealthDraft, shown: Preview) -> bool:
    """Whether what is sent was looked at, and confirmed where it does something large."""
    is_sure = form.cleaned_data["confirmed"] or not shown.questions
    return form.data.get("do") == "publish" and _is_seen(form, draft) and is_sure


def _is_right(draft: HealthDraft, form: HealthForm) -> bool:
    for place, message in wrong_with(draft, catalogue()):
        form.blame(place, message)
    return not form.is_wrong


def _versions(model: HealthModel) -> list[tuple[HealthModelVersion, list[str]]]:
    """The versions, the newest first, each with what it says otherwise than the one before."""
    versions = list(model.versions.all())
    return [
        (one, differences(before, one) if before else ["The first version."])
        for one, before in zip(versions, [*versions[1:], None], strict=True)
    ]


def _latest(model: HealthModel) -> HealthModelVersion | None:
    return next(iter(model.versions.all()), None)


def _bands(counts: Iterable[tuple[Band, int]]) -> list[tuple[str, str, str, int]]:
    return [(band.label, TONES[band], SHAPES[band], count) for band, count in counts]


def _worst(measure: Any) -> str:
    return wording.condition(measure.worst_where) if measure.worst_where else ""


def _contradiction(version: HealthModelVersion) -> dict[str, Any] | None:
    asked = version.contradiction
    if not asked:
        return None
    names = {one.key: one.name for one in version.measures.all()}
    sides = {name: " and ".join(names.get(key, key) for key in asked[name]) for name in ("one", "other")}
    return {**asked, **sides}
