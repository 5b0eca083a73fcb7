"""Facts that the installation adds: their definitions, and values entered by hand."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse

from accounts.facts import import_page, services
from accounts.facts.catalogue import CUSTOM, Fact, Group, Type, Use
from accounts.facts.lookup import find
from accounts.facts.models import AccountFacts, CustomFact
from accounts.facts.queries import BY_HAND, profile
from accounts.facts.services import FactDraft
from accounts.facts.typed import typed
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.foundation.keys import KEY_LENGTH, key_from, validate_key
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed

TYPES = {
    Type.NUMBER: "Number",
    Type.RATIO: "Share (35 %)",
    Type.MONEY: "Money in the base currency",
    Type.TEXT: "Text",
    Type.BOOLEAN: "Yes or no",
    Type.DATE: "Date",
    Type.INSTANT: "Day and time",
    Type.TEXT_LIST: "List of texts",
    Type.NUMBER_LIST: "List of numbers",
}


class FactForm(forms.Form):
    """A fact as a person describes it."""

    label = forms.CharField(max_length=80, help_text="As it stands on the account page, such as Seats in pilot.")
    key = forms.CharField(
        max_length=KEY_LENGTH,
        required=False,
        validators=[validate_key],
        help_text="Names it in conditions, files and the API; made from the label where you leave it empty.",
    )
    type = forms.ChoiceField(choices=[(kind.value, label) for kind, label in TYPES.items()])
    meaning = forms.CharField(max_length=250, help_text="What the value says, in one sentence.")
    unit = forms.CharField(max_length=40, required=False, help_text="Such as seats, days or tickets a month.")
    use = forms.ChoiceField(
        choices=[(use.value, use.value.capitalize()) for use in (Use.INTERNAL, Use.NAMED, Use.NEVER)],
        help_text="Whether texts to the customer may mention it.",
    )

    def draft(self) -> FactDraft:
        """What was described; the key made from the label where none was given."""
        values = dict(self.cleaned_data)
        values["key"] = values["key"] or key_from(values["label"], fallback="fact").replace("-", "_")
        return FactDraft(**values)


@admin.register(CustomFact)
class CustomFactAdmin(ConsoleAdmin):
    """Facts about accounts that this installation adds to those of the product."""

    nothing_yet = (
        "There are only the facts of the product so far. Add one for what your own systems know of an account."
    )
    list_display = ("label", "key", "shown_type", "unit", "meaning", "use")
    list_filter = ("use",)
    search_fields = ("label", "key", "meaning")

    @admin.display(description="Type", ordering="type")
    def shown_type(self, fact: CustomFact) -> str:
        return TYPES[Type(fact.type)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(reader(request).may_edit(CustomFact.AREA))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("add/", wrap(self.new_view), name="accounts_customfact_add"),
            path("import/", wrap(self.import_view), name="accounts_customfact_import"),
            path("value/<int:pk>/<slug:key>/", wrap(self.value_view), name="accounts_customfact_value"),
            *super().get_urls(),
        ]

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """Adds a fact."""
        if not self.has_add_permission(request):
            raise Http404
        return self._form(request, None)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Changes how a fact is called, what it means and what it may be used for; key and type stay."""
        fact = self.get_object(request, str(object_id))
        if fact is None or not self.has_view_permission(request):
            raise Http404("There is no such fact, or it is not yours to see.")
        return self._form(request, fact)

    def _form(self, request: HttpRequest, fact: CustomFact | None) -> HttpResponse:
        before = {name: getattr(fact, name) for name in FactForm.base_fields} if fact else None
        form = FactForm(request.POST or None, initial=before)
        for name in ("key", "type") if fact else ():
            form.fields[name].disabled = True
            form.fields[name].help_text = "Stays: conditions and values rely on it."
        if request.method == "POST":
            if not self.has_add_permission(request):
                raise Http404
            if form.is_valid() and self._defined(request, form, is_new=fact is None):
                return HttpResponseRedirect(reverse("admin:accounts_customfact_changelist"))
        context = {
            **self.admin_site.each_context(request),
            "title": f"Edit {fact.label}" if fact else "Add a fact",
            "form": form,
            "may_edit": self.has_add_permission(request),
        }
        return render(request, "accounts/facts/form.html", context, status=400 if form.errors else 200)

    def _defined(self, request: HttpRequest, form: FactForm, *, is_new: bool) -> bool:
        draft = form.draft()
        if is_new and CustomFact.objects.filter(key=draft.key).exists():
            form.add_error("key", f"There is a fact with the key {draft.key} already; choose another.")
            return False
        try:
            services.define(draft, by=reader(request), at=now())
        except ValidationError as error:
            form.add_error(None, error)
            return False
        messages.success(request, f"{draft.label} is saved. It stands on every account page, unknown until it is told.")
        return True

    def import_view(self, request: HttpRequest) -> HttpResponse:
        """Sets values of many accounts from a file."""
        return import_page.view(self, request)

    def value_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Sets one value of one account as it was typed; what cannot be read is said beside it."""
        rows: Any = listed()
        account = rows.for_user(reader(request)).filter(pk=pk).first()
        fact = find(key)
        is_custom = fact is not None and fact.column == CUSTOM and fact.group is Group.CUSTOM
        if request.method != "POST" or account is None or not is_custom or not reader(request).may_edit(Account.AREA):
            raise Http404("There is no such account or fact, or it is not yours to change.")
        assert fact is not None
        text = request.POST.get("value", "")
        error = self._set(request, account, fact, text)
        if not request.headers.get("HX-Request"):
            if error:
                messages.error(request, f"{fact.label}: {error}")
            return HttpResponseRedirect(reverse("admin:accounts_account_change", args=[account.pk]))
        known = profile(AccountFacts.objects.filter(account=account).first())
        row = next(one for one in known if one.fact.key == key)
        context = {"row": row, "account": account, "may_edit": True, "error": error, "typed": text}
        return render(request, "accounts/facts/row.html", context)

    def _set(self, request: HttpRequest, account: Account, fact: Fact, text: str) -> str:
        """Sets the value; what is wrong with it, empty where nothing is."""
        try:
            values = {fact.key: typed(text, fact)}
            services.set_told(account, values, source=BY_HAND, by=reader(request), at=now())
        except ValueError as error:
            return f"{error}.".capitalize()
        except ValidationError as error:
            return " ".join(error.messages).removeprefix(f"{fact.label}: ")
        return ""
