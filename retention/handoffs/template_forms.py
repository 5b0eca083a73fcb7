"""One item, and one checklist as a whole, as forms."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.deals.models import Deal
from accounts.facts.lookup import catalogue
from accounts.portfolio.models import AccountMember
from accounts.stakeholders.models import StakeholderRole
from retention.builder.fields import ConditionField
from retention.handoffs.drafts import ItemDraft, SectionDraft, TemplateDraft
from retention.handoffs.models import HandoffItem
from retention.raci.parts import Function, Part, ordered, problems
from retention.slas.models import validate_duration

PARTS = [("", "As its section"), *((part.value, part.label) for part in Part)]
RACI = tuple(f"raci_{name}" for name in Function.values)


class ItemForm(forms.Form):
    """One item of a checklist; one that is there already can go to another of its `sections` (key → name)."""

    RACI_HINT = "Leave all empty, and it is as its section says."
    name = forms.CharField(max_length=200, label="What must be known?")
    help = forms.CharField(
        max_length=500, required=False, label="What a good answer says", widget=forms.Textarea(attrs={"rows": 2})
    )
    evidence = forms.ChoiceField(choices=HandoffItem.Evidence.choices, label="Evidence")
    role = forms.ChoiceField(
        choices=[("", "Any"), *StakeholderRole.Role.choices],
        required=False,
        help_text="Of an item about a person at the customer.",
    )
    facts = forms.MultipleChoiceField(
        required=False, label="Facts", help_text="Shown beside it; known ones fill it in.", widget=forms.SelectMultiple
    )
    due = forms.CharField(
        max_length=10,
        required=False,
        validators=[validate_duration],
        label="Due after",
        help_text="From the start on: 4 bh, 1 bd or 14 d. Empty: with the whole handoff.",
    )
    due_at_commit = forms.BooleanField(required=False, label="Due before the deal is won, as soon as it is in commit")
    is_blocking = forms.BooleanField(required=False, label="Blocks: nobody hands over without it")
    blocks_when = ConditionField(
        required=False, label="Blocks only when", help_text="Empty: it blocks for every customer."
    )

    def __init__(self, *args: Any, sections: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if sections:
            help_text = "In another section it stands last."
            self.fields["section"] = forms.ChoiceField(
                choices=list(sections.items()), required=False, help_text=help_text
            )
        known = sorted((fact.label, key) for key, fact in catalogue().items())
        self.fields["facts"].choices = [(key, label) for label, key in known]  # type: ignore[attr-defined]
        for function in Function:
            field = forms.ChoiceField(required=False, choices=PARTS, label=function.label)
            self.fields[f"raci_{function.value}"] = field

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        for name, said in problems(_raci(given)).items():
            self.add_error(f"raci_{name}" if name else "raci_sales", said)
        return given

    def draft(self, key: str) -> ItemDraft:
        """What the form says, as the service wants it."""
        apart = ("raci_", "section")
        said = {name: value for name, value in self.cleaned_data.items() if not name.startswith(apart)}
        said["blocks_when"] = said["blocks_when"] or None
        said["is_blocking"] = said["is_blocking"] or said["blocks_when"] is not None
        return ItemDraft(key=key, **said | {"raci": _raci(self.cleaned_data)})


class SectionForm(forms.Form):
    """One section of a checklist, and who answers for its items."""

    RACI_HINT = "It counts for every item of the section that says nothing else. Exactly one is accountable."
    name = forms.CharField(max_length=120, label="What is it about?")
    meaning = forms.CharField(max_length=250, required=False, label="In a sentence", help_text="Shown beside its name.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for function in Function:
            choices = [("", "No part in it"), *PARTS[1:]]
            self.fields[f"raci_{function.value}"] = forms.ChoiceField(
                required=False, choices=choices, label=function.label
            )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        wrong = problems(_raci(given)) if _raci(given) else {"": "Say who is accountable, and who does it."}
        for name, said in wrong.items():
            self.add_error(f"raci_{name}" if name else "raci_sales", said)
        return given

    def draft(self, key: str, items: list[ItemDraft]) -> SectionDraft:
        """What the form says, with these items."""
        said = self.cleaned_data
        return SectionDraft(key=key, name=said["name"], meaning=said["meaning"], raci=_raci(said), items=items)


def _raci(given: Mapping[str, Any]) -> dict[str, str]:
    return ordered({name: given.get(f"raci_{name}") or "" for name in Function.values})


def filled(draft: ItemDraft | SectionDraft) -> dict[str, Any]:
    """What the form of an item or a section shows first."""
    said = {name: value for name, value in vars(draft).items() if name not in ("key", "raci", "items")}
    return said | {f"raci_{name}": part for name, part in draft.raci.items()}


class TemplateForm(forms.Form):
    """What holds for a checklist as a whole."""

    name = forms.CharField(max_length=120)
    meaning = forms.CharField(max_length=250, required=False, label="When it is used")
    starts_with = forms.ChoiceField(
        choices=[("", "Nothing: it is started by hand"), *Deal.Type.choices],
        required=False,
        label="Starts with a won deal of type",
    )
    starts_on_change_of = forms.ChoiceField(
        choices=[("", "Nothing"), *AccountMember.Part.choices],
        required=False,
        label="Starts when a customer gets another",
        help_text="The one before hands over to the one from now on. Their open work goes along.",
    )
    giver = forms.ChoiceField(choices=AccountMember.Part.choices, label="Who hands over")
    receiver = forms.ChoiceField(choices=AccountMember.Part.choices, label="Who takes over")
    complete_within = forms.CharField(
        max_length=10, validators=[validate_duration], label="To complete within", help_text="4 bh, 1 bd or 14 d."
    )
    accept_within = forms.CharField(max_length=10, validators=[validate_duration], label="To accept within")

    @classmethod
    def of(cls, draft: TemplateDraft) -> dict[str, Any]:
        """What it shows first."""
        return {name: getattr(draft, name) for name in cls.base_fields}
