"""What the pages of the quarantine are sent."""

from typing import Any

from django import forms
from django.http import QueryDict

from accounts.ingestion.models import QuarantinedItem
from accounts.ingestion.quarantine.queries import Selection

Reason = QuarantinedItem.Reason
MOST_CHOSEN = 200
NONE = ((0, ""),)
"""No group has this place: a form in which nothing was ticked selects nothing, and not everything."""


def selection(data: QueryDict, *, reason: str) -> Selection:
    """The groups that a request speaks of; what makes no sense in it selects nothing."""
    upto = data.get("upto", "")
    chosen = tuple(filter(None, map(place, data.getlist("group")[:MOST_CHOSEN])))
    if data.get("only") == "chosen" and not chosen:
        chosen = NONE
    return Selection(
        reason=reason,
        source=_plain(data.get("source", "")),
        search=_plain(data.get("q", ""))[:200],
        chosen=chosen,
        upto=int(upto) if upto.isascii() and upto.isdigit() and len(upto) < 19 else None,
    )


def _plain(text: str) -> str:
    """`text` without what PostgreSQL cannot take, and without space around it."""
    return text.replace("\x00", "").strip()


def place(token: str) -> tuple[int, str] | None:
    """The group that `token` names: source id and the value there."""
    number, colon, value = token.replace("\x00", "").partition(":")
    return (int(number), value) if colon and number.isascii() and number.isdigit() and len(number) < 19 else None


def reason_of(data: QueryDict) -> str:
    """The reason that a request names, empty where it names none that there is."""
    named = data.get("reason", "")
    return named if named in Reason.values else ""


class NewAccountForm(forms.Form):
    """The account that a group becomes, filled in with what its calls tell."""

    name = forms.CharField(max_length=200)
    domain = forms.CharField(max_length=253, required=False)
    industry = forms.CharField(max_length=80, required=False)
    employees = forms.IntegerField(required=False, min_value=1, max_value=10_000_000)

    def told(self) -> dict[str, Any]:
        """What was filled in."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
