from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from retention.conditions.refusal import ConditionRefused
from retention.coverage import queries
from retention.coverage.assessing import Policy
from retention.coverage.drawing import cells, lines, members, title_of
from retention.coverage.forms import DimensionForm, LineForm
from retention.coverage.models import CoveragePolicyVersion
from retention.coverage.policy import LineDraft, PolicyDraft, draft_of, in_force, publish, wrong_places, wrong_with
from retention.coverage.preview import preview
from retention.evaluation.rules import catalogue

PAGE = 50


@admin.register(CoveragePolicyVersion)
class CoveragePolicyAdmin(ConsoleAdmin):
    """Whom we must know at a customer: the policy over segments and stages, and its holes over the book."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("line/", wrap(self.line_view), name="retention_coveragepolicyversion_line"),
            path("dimension/", wrap(self.dimension_view), name="retention_coveragepolicyversion_dimension"),
            path("holes/", wrap(self.holes_view), name="retention_coveragepolicyversion_holes"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The matrix of segments and stages with the holes among one's accounts, and the lines of the policy."""
        user, version = self._reader(request), in_force()
        context = {
            **self._context(request, "Coverage policy"),
            "version": version,
            "versions": CoveragePolicyVersion.objects.select_related("published_by")[:20],
        }
        if version:
            policy = Policy(draft_of(version))
            found = queries.holes(policy, user) if user.reach(Account.AREA) else {}
            segments, stages = queries.names_of(policy, found)
            context |= {
                "segments": segments,
                "rows": cells(policy, found, segments, stages),
                "lines": lines(policy, segments, stages),
                "accounts": sum(one.accounts for one in found.values()),
                "short": sum(one.short for one in found.values()),
            }
        return render(request, "retention/coverage/page.html", context)

    def change_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """What is in force stands on the one page."""
        return self.changelist_view(request)

    def holes_view(self, request: HttpRequest) -> HttpResponse:
        """The accounts with one hole, of those that one may see."""
        user, version = reader(request), in_force()
        if user.reach(Account.AREA) is None:
            raise PermissionDenied
        asked = {name: request.GET.get(name, queries.ANY)[:80] for name in ("segment", "stage")}
        hole = request.GET.get("hole", queries.SHORT)
        if version is None or hole not in queries.HOLES:
            raise Http404("There is no such hole.")
        policy = Policy(draft_of(version))
        try:
            rows = queries.accounts_with(queries.condition_of(policy, **asked, hole=hole), user, at=now())
        except ConditionRefused:  # its dimension is gone
            raise Http404("There is no such hole any more.") from None
        page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
        context = {
            **self._context(request, title_of(policy, **asked, hole=hole)),
            "page": page,
            "rows": members(list(page)),
            "query": urlencode(asked | {"hole": hole}),
        }
        return render(request, "retention/coverage/holes.html", context)

    def line_view(self, request: HttpRequest) -> HttpResponse:
        """One line of the policy: it is changed by a new version, after a look at what that would do."""
        if not reader(request).may_edit(CoveragePolicyVersion.AREA):
            raise Http404
        version = in_force()
        policy = draft_of(version) if version else None
        line = self._line(request, policy)
        form = LineForm(request.POST or None, policy=policy, line=line)
        shown = None
        if request.method == "POST" and form.is_valid():
            draft = _without(policy, line) if policy and line and "remove" in request.POST else form.draft()
            if "publish" not in request.POST:
                shown = self._previewed(request, draft, form)
            elif self._published(request, draft, form):
                return HttpResponseRedirect(reverse("admin:retention_coveragepolicyversion_changelist"))
        title = "New line" if line is None else title_of(Policy(policy or PolicyDraft("")), line.segment, line.stage)
        context = {
            **self._context(request, title),
            "form": form,
            "line": line,
            "preview": shown,
            "removes": "remove" in request.POST,
        }
        return render(request, "retention/coverage/line.html", context, status=400 if form.errors else 200)

    def dimension_view(self, request: HttpRequest) -> HttpResponse:
        """By which dimension the lines go: changed by a new version, after a look at what that would do."""
        version = in_force()
        if version is None or not reader(request).may_edit(CoveragePolicyVersion.AREA):
            raise Http404
        policy, shown, gone = draft_of(version), None, list[str]()
        form = DimensionForm(request.POST or None, policy=policy)
        if request.method == "POST" and form.is_valid():
            is_seen = request.POST.get("seen") == form.cleaned_data["segments_by"]
            if "publish" in request.POST and is_seen and self._published(request, form.draft(), form):
                return HttpResponseRedirect(reverse("admin:retention_coveragepolicyversion_changelist"))
            gone = [title_of(Policy(policy), line.segment, line.stage) for line in form.gone()]
            shown = None if form.errors else self._previewed(request, form.draft(), form)
        known = dict(form.fields["segments_by"].choices)  # type: ignore[attr-defined]
        context = {**self._context(request, "By which dimension the lines go"), "form": form, "preview": shown}
        context |= {"gone": gone, "now_by": known.get(policy.segments_by, policy.segments_by)}
        return render(request, "retention/coverage/dimension.html", context, status=400 if form.errors else 200)

    def _line(self, request: HttpRequest, policy: PolicyDraft | None) -> LineDraft | None:
        if "segment" not in request.GET or "stage" not in request.GET or policy is None:
            return None
        place = (request.GET["segment"], request.GET["stage"])
        line = next((one for one in policy.lines if (one.segment, one.stage) == place), None)
        if line is None:
            raise Http404("There is no such line any more.")
        return line

    def _previewed(self, request: HttpRequest, draft: PolicyDraft, form: Any) -> Any:
        if wrong := list(_problems(draft)):
            form.add_error(None, wrong)
            return None
        return preview(draft, user=reader(request), at=now())

    def _published(self, request: HttpRequest, draft: PolicyDraft, form: Any) -> bool:
        try:
            version = publish(draft, by=reader(request), at=now())
        except ValidationError as refused:
            form.add_error(None, refused.messages)
            return False
        messages.success(request, f"Version {version.number} is in force. Every account is looked at anew.")
        return True

    def _reader(self, request: HttpRequest) -> Any:
        user = reader(request)
        if user.reach(CoveragePolicyVersion.AREA) is None:
            raise PermissionDenied
        return user

    def _context(self, request: HttpRequest, title: str) -> dict[str, Any]:
        may_edit = reader(request).may_edit(CoveragePolicyVersion.AREA)
        return {**self.admin_site.each_context(request), "title": title, "may_edit": may_edit}


def _without(policy: PolicyDraft, line: LineDraft) -> PolicyDraft:
    return replace(policy, lines=[one for one in policy.lines if one != line])


def _problems(draft: PolicyDraft) -> Iterator[str]:
    from_rules = wrong_with(draft, catalogue()) or wrong_places(draft)
    return (message for _, message in from_rules)
