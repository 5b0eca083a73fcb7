from dataclasses import replace
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from unfold.decorators import display

from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from accounts.workspace.queries import base_currency, today
from retention.evaluation.reading import in_words
from retention.evaluation.sampling import fingerprint
from retention.risks import pages, plan, queries, rating
from retention.risks.forms import SignalForm, TierForm
from retention.risks.models import Risk, RiskModelVersion
from retention.risks.panels import SHAPES
from retention.risks.preview import preview


@admin.register(Risk)
class RiskAdmin(ConsoleAdmin):
    """Risks that people raised, with what is at stake; and one risk with its get-well plan."""

    list_display = ("title", "account", "category", "at_stake", "step", "owner", "shown_state")
    list_filter = ("state", "category", "owner")
    list_select_related = ("account", "owner")
    search_fields = ("title", "account__name")
    ordering = ("-state", "next_step_on", "-arr_minor", "id")
    list_fullwidth = True
    list_before_template = "retention/risk/before.html"

    @display(description="ARR at risk", ordering="arr_minor")
    def at_stake(self, risk: Risk) -> str:
        return "–" if risk.arr_minor is None else money.shown(risk.arr_minor, base_currency())

    @display(description="Next step", ordering="next_step_on")
    def step(self, risk: Risk) -> str:
        if not risk.is_open:
            return "–"
        return f"{risk.next_step}, by {risk.next_step_on:%d %b}" if risk.next_step_on else "none planned"

    @display(description="State", label={"Open": "warning", "Closed": "success"})
    def shown_state(self, risk: Risk) -> str:
        return risk.get_state_display()

    def get_urls(self) -> list[URLPattern]:
        return pages.urls(self.admin_site.admin_view) + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list, headed by what all open risks come to."""
        found = queries.at_risk(reader(request))
        told = {"at_risk": found, "at_risk_arr": money.shown(found.arr_minor, base_currency())}
        return super().changelist_view(request, told | (extra_context or {}))

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One risk: what is at stake, its next step, the get-well plan and every look at it."""
        rows = self.get_queryset(request).select_related("account", "owner", "raised_by", "closed_by", "work_item")
        rows = rows.prefetch_related("remedies", "reviews__by")
        risk = rows.filter(pk=object_id).first() if str(object_id).isdigit() else None
        if risk is None:
            raise Http404("There is no such risk, or it is not yours to see.")
        at = now()
        day = today(at)
        context = {
            **self.admin_site.each_context(request),
            "title": risk.title,
            "risk": risk,
            "arr": "" if risk.arr_minor is None else money.shown(risk.arr_minor, base_currency()),
            "late": queries.is_late(risk, day=day),
            "remedies": [(one, one.done_at is None and one.due_on < day) for one in risk.remedies.all()],
            "review_due": plan.review_due(risk),
            "review_late": plan.review_due(risk) < at,
            "may_edit": risk.is_open and reader(request).may_edit(Account.AREA),
        }
        return render(request, "retention/risk/page.html", context)


@admin.register(RiskModelVersion)
class RiskModelAdmin(ConsoleAdmin):
    """How renewal risk is rated: signals with their points, tiers, and how the book stands."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("signal/", wrap(self.signal_view), name="retention_riskmodelversion_add_signal"),
            path("signal/<str:key>/", wrap(self.signal_view), name="retention_riskmodelversion_signal"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The version in force as a form, and how many accounts with how much ARR stand in each tier."""
        user, version = reader(request), rating.in_force()
        if user.reach(RiskModelVersion.AREA) is None:
            raise PermissionDenied
        words = [in_words(one.when) for one in version.signals.all()] if version else []
        may_edit = bool(version and user.may_edit(RiskModelVersion.AREA))
        form = (
            TierForm(request.POST or None, draft=rating.draft_of(version), words=words)
            if version and may_edit
            else None
        )
        shown: dict[str, Any] = {}
        if request.method == "POST" and form and form.is_valid():
            shown = self._looked_at(request, form.draft(), form)
            if shown.get("is_agreed") and self._published(request, form.draft(), form):
                return _here()
        currency = base_currency()
        sizes = queries.tiers(user) if user.reach(Account.AREA) else []
        context = {
            **self._context(request, "Renewal risk"),
            **shown,
            "version": version,
            "versions": RiskModelVersion.objects.select_related("published_by")[:20],
            "signals": list(zip(version.signals.all(), words, strict=True)) if version else [],
            "form": form,
            "sizes": [(one, SHAPES[one.tier], money.shown(one.arr_minor, currency)) for one in sizes],
            "rated": sum(one.accounts for one in sizes),
        }
        return render(request, "retention/risk/model.html", context, status=400 if form and form.errors else 200)

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is in force stands on the one page."""
        return self.changelist_view(request)

    def signal_view(self, request: HttpRequest, key: str = "") -> HttpResponse:
        """One signal: its condition and points."""
        if not reader(request).may_edit(RiskModelVersion.AREA):
            raise Http404
        version = rating.in_force()
        draft = rating.draft_of(version) if version else rating.RiskDraft([])
        signal = next((one for one in draft.signals if one.key == key), None)
        if key and signal is None:
            raise Http404("There is no such signal any more.")
        form, shown = SignalForm(request.POST or None, initial=vars(signal) if signal else {}), dict[str, Any]()
        if request.method == "POST" and form.is_valid():
            made = rating.SignalDraft(key=key or _free_key(form.cleaned_data["name"], draft), **form.cleaned_data)
            signals = [made if one.key == key else one for one in draft.signals] + ([] if key else [made])
            shown = self._looked_at(request, replace(draft, signals=signals), form)
            if shown.get("is_agreed") and self._published(request, replace(draft, signals=signals), form):
                return _here()
        context = {**self._context(request, signal.name if signal else "New risk signal"), "form": form, **shown}
        return render(request, "retention/risk/signal.html", context, status=400 if form.errors else 200)

    def _looked_at(self, request: HttpRequest, draft: rating.RiskDraft, form: Any) -> dict[str, Any]:
        """What the draft would do, and whether that was seen, and confirmed where it does something large."""
        try:
            rating.check(draft)
        except ValidationError as refused:
            _blame(form, refused)
            return {}
        found, seen = preview(draft, user=reader(request), at=now()), fingerprint(draft)
        wants, was_seen = request.POST.get("do") == "publish", request.POST.get("seen") == seen
        is_agreed = wants and was_seen and bool(request.POST.get("confirmed") or not found.questions)
        tiers = [(SHAPES[tier], tier.label, was, then) for tier, was, then in found.rows]
        shown = {"preview": found, "tiers": tiers, "seen": seen, "is_agreed": is_agreed}
        return {**shown, "is_stale": wants and not was_seen, "is_unsure": wants and was_seen and not is_agreed}

    def _published(self, request: HttpRequest, draft: rating.RiskDraft, form: Any) -> bool:
        try:
            version = rating.publish(draft, by=reader(request), at=now())
        except ValidationError as refused:
            _blame(form, refused)
            return False
        messages.success(request, f"Version {version.number} is in force. Every account is rated by it.")
        return True

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        may_edit = reader(request).may_edit(RiskModelVersion.AREA)
        return {**self.admin_site.each_context(request), "title": title, "may_edit": may_edit}


def _blame(form: Any, refused: ValidationError) -> None:
    """Puts what was refused beside the fields it speaks of."""
    found = refused.message_dict if hasattr(refused, "error_dict") else {"": refused.messages}
    for place, texts in found.items():
        name = place.rpartition("].")[2].partition(".")[0]
        form.add_error(name if name in form.fields else None, texts)


def _here() -> HttpResponse:
    return HttpResponseRedirect(reverse("admin:retention_riskmodelversion_changelist"))


def _free_key(name: str, draft: rating.RiskDraft) -> str:
    return rating.free_key(name, {one.key for one in draft.signals})
