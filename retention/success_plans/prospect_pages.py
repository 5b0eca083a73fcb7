"""Pages for prospects in the console: all that one sees of them, a new one, and taking one back."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.deals.models import Deal
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm, carry_out, must_edit, posted, row_of, saved
from retention.success_plans import prospects
from retention.success_plans.choosing import Choice, people_by_role
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.links import DAYS, MOST_DAYS
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.starting import CHAMPION
from retention.success_plans.template_models import PlanTemplate


class ShowForm(ShortForm):
    """What a prospect is shown, and in which language."""

    template = forms.ModelChoiceField(
        PlanTemplate.objects.filter(kind__in=prospects.SHOWN, versions__isnull=False).distinct(),
        label="What they see",
        empty_label=None,
    )
    company = forms.CharField(
        max_length=120, required=False, label="Name of their company", help_text="Stands on top. May stay empty."
    )
    language = forms.ChoiceField(choices=list(LANGUAGES.items()), label="Language of the page")
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, initial=DAYS, label="Open for days")


def new(request: HttpRequest) -> HttpResponse:
    """Makes a page for a prospect: of a template, or for the deal of a handoff, with what fits chosen already."""
    must_edit(request)
    deal = _named(request, Deal, "deal")
    initial: dict[str, Any] = {"template": request.GET.get("template")}
    if deal:
        fits = Choice().plan(deal.account, people_by_role(deal.account).get(CHAMPION))
        initial = {"template": fits.template_id if fits else None, "company": deal.account.name[:120]}

    def made(template: PlanTemplate, **values: Any) -> tuple[Account | None, str]:
        prospects.show(template, deal=deal, by=reader(request), at=now(), **values)
        return (deal.account if deal else None), "The page is made; copy its link and send it."

    form = ShowForm(posted(request), initial=initial)
    answer = carry_out(request, form, made, title="Show the first 90 days", button="Make a page")
    return _back(answer)


def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes a page back."""
    if request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    link: ProspectLink = row_of(request, ProspectLink, pk)
    try:
        prospects.revoke(link, by=reader(request), at=now())
        told = "The page opens nothing any more."
    except ValidationError as error:
        told = " ".join(error.messages)
    return _back(saved(request, None, told))


def _named(request: HttpRequest, model: Any, name: str) -> Any:
    """The row that the address names, among those that the reader may see; None where it names none."""
    number = request.GET.get(name, "")
    if not number:
        return None
    rows = model.objects.for_user(reader(request)).select_related("account")
    row = rows.filter(pk=number).first() if number.isdecimal() and len(number) < 19 else None
    if row is None:
        raise Http404("There is no such deal, or it is not yours to see.")
    return row


def _back(answer: HttpResponse) -> HttpResponse:
    is_saved = isinstance(answer, HttpResponseRedirect)
    return HttpResponseRedirect(reverse("admin:retention_prospectlink_changelist")) if is_saved else answer


@admin.register(ProspectLink)
class ProspectLinkAdmin(ConsoleAdmin):
    """The pages that prospects were sent: who made them, when they were looked at, and which still open."""

    fields = ("template", "company", "deal", "language", "made_by", "made_at", "ends_at", "revoked_at", "last_seen_at")
    search_fields = ("company", "template__name")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("new/", wrap(new), name="retention_prospectlink_new"),
            path("<int:pk>/revoke/", wrap(revoke), name="retention_prospectlink_revoke"),
        ]
        return own + super().get_urls()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The newest pages that the reader may see."""
        user = reader(request)
        if user.reach(ProspectLink.AREA) is None:
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Pages for prospects",
            "prospect_links": prospects.listed(ProspectLink.objects.all(), user, at=now()),
            "may_show": user.may_edit(ProspectLink.AREA),
        }
        return render(request, "retention/success_plan/prospects.html", context)
