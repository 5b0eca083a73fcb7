"""What one types about a plan: objectives, tasks, wins, links."""

from decimal import Decimal
from typing import Any

from django import forms

from accounts.facts.lookup import catalogue
from accounts.foundation.dates import DayField
from accounts.portfolio.models import Account
from accounts.portfolio.quick import ShortForm
from accounts.stakeholders.models import Stakeholder
from accounts.team.rest import people
from retention.success_plans.choosing import Choice
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.links import DAYS, MOST_DAYS
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.objectives import MEASURING
from retention.success_plans.outcome_models import PlanWin
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion


def _ours(user: Any, **options: Any) -> forms.ModelChoiceField:
    rows = people().filter(is_active=True).for_user(user).order_by("first_name", "username")
    return forms.ModelChoiceField(rows, required=False, **options)


def _theirs(account: Account, **options: Any) -> forms.ModelChoiceField:
    rows = Stakeholder.objects.filter(account=account, left_at=None)
    return forms.ModelChoiceField(rows, **{"required": False} | options)


class RowForm(ShortForm):
    """A form about one row of a plan; it knows which version it began with, so that nothing is saved over."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)


class ObjectiveForm(RowForm):
    """An objective, all but how it ended."""

    goal = forms.CharField(max_length=250, help_text="What is reached, in their words.")
    measure = forms.CharField(max_length=250, required=False, help_text="By what you both see it.")
    baseline = forms.DecimalField(required=False, max_digits=18, decimal_places=4, label="Where it stood")
    target = forms.DecimalField(required=False, max_digits=18, decimal_places=4)
    unit = forms.CharField(max_length=40, required=False)
    fact = forms.ChoiceField(required=False, label="Measured by", help_text="Or enter the value by hand.")
    value = forms.DecimalField(required=False, max_digits=18, decimal_places=4, label="Value now, by hand")
    alert_percent = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=100,
        label="Tell the owner below % of the target",
        help_text="From its date on, or once it was reached.",
    )
    effort = forms.CharField(max_length=120, required=False, help_text="Such as 2 hours a week.")
    due_on = DayField(required=False, label="Date")
    next_step = forms.CharField(max_length=500, required=False)
    is_shared = forms.BooleanField(required=False, initial=True, label="The customer sees it")
    field_order = ["goal", "measure", "baseline", "target", "unit", "fact", "value", "our_owner", "their_owner"]

    def __init__(self, *args: Any, plan: SuccessPlan, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["our_owner"] = _ours(user, label="Owner with us")
        self.fields["their_owner"] = _theirs(plan.account, label="Owner at the customer")
        facts = [(key, fact.label) for key, fact in catalogue().items() if fact.type in MEASURING]
        self.fields["fact"].choices = [("", "By hand"), *sorted(facts, key=lambda one: one[1])]  # type: ignore[attr-defined]
        self.order_fields(self.field_order)

    @staticmethod
    def of(row: PlanObjective) -> dict[str, Any]:
        """What the form shows of an objective."""
        names = [*ObjectiveForm.base_fields, "our_owner", "their_owner"]
        return {name: _plain(getattr(row, name)) for name in names}


def _plain(value: Any) -> Any:
    """A figure without the zeros that its column pads it with."""
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class CloseForm(RowForm):
    """What an objective cannot be closed without."""

    evidence = forms.CharField(
        required=False, max_length=5000, widget=forms.Textarea(attrs={"rows": 3}), help_text="A sentence is enough."
    )
    evidence_url = forms.CharField(required=False, max_length=500, label="Link to evidence")
    next_step = forms.CharField(max_length=500, required=False, help_text="What comes after it.")
    effort = forms.CharField(max_length=120, required=False, help_text="Such as 2 hours a week.")
    due_on = DayField(required=False, label="Date by which it was agreed")

    def __init__(self, *args: Any, plan: SuccessPlan, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["our_owner"] = _ours(user, label="Owner with us")
        self.fields["their_owner"] = _theirs(plan.account, label="Owner at the customer")

    @staticmethod
    def of(row: PlanObjective) -> dict[str, Any]:
        """What is known of it already."""
        names = [*CloseForm.base_fields, "our_owner", "their_owner"]
        return {name: getattr(row, name) for name in names}


class DropForm(RowForm):
    """Why an objective is given up."""

    reason = forms.CharField(max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))


class TaskForm(RowForm):
    """A task."""

    title = forms.CharField(max_length=250, label="What is to be done")
    side = forms.ChoiceField(choices=PlanTask.Side.choices, label="Whose it is")
    due_on = DayField(required=False, label="Due")
    minutes = forms.IntegerField(required=False, min_value=1, max_value=10_000, label="Minutes it takes")
    result = forms.CharField(max_length=500, required=False, label="What comes of it")
    repeat_days = forms.IntegerField(required=False, min_value=1, max_value=366, label="Comes again after days")
    is_shared = forms.BooleanField(required=False, initial=True, label="The customer sees it")
    field_order = ["title", "side", "our_owner", "their_owner", "due_on", "minutes", "objective", "result"]

    def __init__(self, *args: Any, plan: SuccessPlan, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["our_owner"] = _ours(user, label="Who of us")
        self.fields["their_owner"] = _theirs(plan.account, label="Who at the customer")
        self.fields["objective"] = forms.ModelChoiceField(plan.objectives.all(), required=False, label="Towards")
        self.order_fields(self.field_order)

    @staticmethod
    def of(row: PlanTask) -> dict[str, Any]:
        """What the form shows of a task."""
        return {name: getattr(row, name) for name in [*TaskForm.base_fields, "our_owner", "their_owner", "objective"]}


class WinForm(RowForm):
    """What became better."""

    title = forms.CharField(max_length=250, label="What became better")
    before = forms.CharField(max_length=120, help_text="Such as 4 hours a week.")
    after = forms.CharField(max_length=120, help_text="Such as 20 minutes.")
    happened_on = DayField(label="When")
    told = forms.CharField(
        required=False, max_length=2000, label="In their words", widget=forms.Textarea(attrs={"rows": 2})
    )
    is_shared = forms.BooleanField(required=False, initial=True, label="The customer sees it")

    def __init__(self, *args: Any, plan: SuccessPlan, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["thanks_to"] = _theirs(plan.account, label="Thanks to")
        self.fields["objective"] = forms.ModelChoiceField(plan.objectives.all(), required=False, label="Of")

    @staticmethod
    def of(row: PlanWin) -> dict[str, Any]:
        """What the form shows of a win."""
        return {name: getattr(row, name) for name in [*WinForm.base_fields, "thanks_to", "objective"]}


class ShareForm(ShortForm):
    """For whom a link is, and for how long."""

    language = forms.ChoiceField(choices=list(LANGUAGES.items()), label="Language of the page")
    days = forms.IntegerField(min_value=1, max_value=MOST_DAYS, initial=DAYS, label="Open for days")

    def __init__(self, *args: Any, plan: SuccessPlan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "What is ticked there counts as done by them."
        self.fields["stakeholder"] = _theirs(plan.account, required=True, label="For whom", help_text=help_text)
        self.order_fields(["stakeholder"])


def _versions(choice: Choice, kinds: list[str]) -> tuple[list[tuple[str, str]], dict[str, PlanTemplateVersion]]:
    found = {one.key: one for kind in kinds for one in choice.of_kind(kind)}
    choices = [(key, f"{one.name}: {one.meaning}" if one.meaning else one.name) for key, one in found.items()]
    return choices, {key: one.versions.all()[0] for key, one in found.items()}


class PlanForm(ShortForm):
    """What a plan is called, and how often it is looked at."""

    name = forms.CharField(max_length=200, help_text="The customer reads it.")
    review_days = forms.IntegerField(
        min_value=1, max_value=366, label="Days between reviews", help_text="The next review moves with it."
    )


class StartForm(ShortForm):
    """What a plan is made from."""

    template = forms.ChoiceField(label="Plan")
    path = forms.ChoiceField(required=False, label="Integration path")
    onboarding = forms.BooleanField(required=False, label="Add the tasks of a new customer")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choice = Choice()
        for name, kind in (("template", PlanTemplate.Kind.PLAN), ("path", PlanTemplate.Kind.PATH)):
            choices, versions = _versions(self.choice, [kind])
            field: Any = self.fields[name]
            field.choices = choices if name == "template" else [("", "None"), *choices]
            setattr(self, f"_{name}", versions)

    def clean_template(self) -> PlanTemplateVersion:
        """The version in force."""
        return self._template[self.cleaned_data["template"]]  # type: ignore[attr-defined]

    def clean_path(self) -> PlanTemplateVersion | None:
        """The version in force, or none."""
        return self._path.get(self.cleaned_data["path"])  # type: ignore[attr-defined]


class ListForm(ShortForm):
    """Which path or list is added to a plan."""

    template = forms.ChoiceField(label="Tasks to add")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices, self._versions = _versions(Choice(), [PlanTemplate.Kind.TASKS, PlanTemplate.Kind.PATH])
        self.fields["template"].choices = choices  # type: ignore[attr-defined]

    def clean_template(self) -> PlanTemplateVersion:
        """The version in force."""
        return self._versions[self.cleaned_data["template"]]
