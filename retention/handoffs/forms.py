"""What is typed on the page of a handoff. Saving is the services' business."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.foundation.console import reader
from accounts.foundation.dates import DayField
from accounts.stakeholders.models import Stakeholder
from accounts.team.models import User
from accounts.team.queries import colleagues
from retention.handoffs.models import Handoff, HandoffItem, HandoffTemplate, ItemReturn, Promise
from retention.slas.models import Pause
from retention.success_plans.models import SuccessPlan

Evidence = HandoffItem.Evidence
NEW = "new"
FLAGS = {"yes": True, "no": False}


def typed(request: HttpRequest, handoff: Handoff, item: HandoffItem) -> Any:
    """What was typed for an item, as the service wants it; a choice that nobody was offered is refused."""
    said = request.POST.get("value", "").strip()
    if item.evidence == Evidence.FILE:
        return request.FILES.get("value")
    if item.evidence in (Evidence.YES_NO, Evidence.PROMISES):
        return FLAGS.get(said)
    if item.evidence == Evidence.STAKEHOLDER and said == NEW:
        given = {name: request.POST.get(f"new_{name}", "").strip() for name in ("name", "email", "title")}
        if not given["name"]:
            raise ValidationError("Type the name of whom you add.")
        return given
    if item.evidence == Evidence.STAKEHOLDER and said:
        found = Stakeholder.objects.filter(pk=said, account=handoff.account_id).first() if said.isdecimal() else None
        if found is None:
            raise ValidationError("Choose somebody of this customer, or add them.")
        return found
    if item.evidence == Evidence.PLAN and said:
        plans = SuccessPlan.objects.for_user(reader(request)).filter(account=handoff.account_id)
        if (plan := plans.filter(pk=said).first() if said.isdecimal() and len(said) < 19 else None) is None:
            raise ValidationError("Choose a plan of this customer, or draft one.")
        return plan
    return said or None


class PromiseForm(forms.Form):
    """One promise."""

    what = forms.CharField(max_length=500, label="What was promised?")
    to_whom = forms.CharField(max_length=200, required=False, label="To whom?")
    promised_by: forms.ModelChoiceField = forms.ModelChoiceField(None, required=False, label="Who promised it?")
    due_on = DayField(required=False, label="By when?")
    evidence = forms.CharField(max_length=1000, required=False, label="Where does it stand written?")

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **{"auto_id": "promise_%s"} | kwargs)
        self.fields["promised_by"].queryset = colleagues(user)  # type: ignore[attr-defined]


class JudgeForm(forms.Form):
    """Whether a promise can be kept."""

    verdict = forms.ChoiceField(choices=Promise.Verdict.choices, error_messages={"required": "Choose one."})
    note = forms.CharField(max_length=500, required=False)


class ReasonForm(forms.Form):
    """Why it is called off, or taken all the same."""

    note = forms.CharField(max_length=500, error_messages={"required": "Say why."})


class WaitForm(forms.Form):
    """For whom one waits."""

    reason = forms.ChoiceField(choices=Pause.Reason.choices)


class StartForm(forms.Form):
    """Which handoff, and who is on which side."""

    template: forms.ModelChoiceField = forms.ModelChoiceField(None, label="Which handoff?", empty_label="Choose")
    giver: forms.ModelChoiceField = forms.ModelChoiceField(
        None, required=False, label="Who hands over?", empty_label="As the account's team says"
    )
    receiver: forms.ModelChoiceField = forms.ModelChoiceField(
        None, required=False, label="Who takes over?", empty_label="As the account's team says"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["template"].queryset = HandoffTemplate.objects.all()  # type: ignore[attr-defined]
        for side in ("giver", "receiver"):
            self.fields[side].queryset = colleagues(user)  # type: ignore[attr-defined]


def returned(request: HttpRequest, handoff: Handoff) -> list[tuple[HandoffItem, str, str]]:
    """The items that the receiver ticked, each with its reason and note."""
    items = {item.key: item for item in handoff.version.items.filter(key__in=request.POST.getlist("return"))}
    found = []
    for key, item in items.items():
        reason, note = request.POST.get(f"reason_{key}", ""), request.POST.get(f"note_{key}", "")
        if reason not in ItemReturn.Reason.values:
            raise ValidationError(f"Choose why you return “{item}”.")
        found.append((item, reason, note[:500]))
    return found
