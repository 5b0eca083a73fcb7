"""Plans on the REST API: what one sends."""

from typing import Any

from django.db.models import Model
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import empty

from accounts.foundation.records import Record
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team.rest import KeyField, PersonField, Strict
from retention.success_plans.languages import LANGUAGES
from retention.success_plans.links import DAYS, MOST_DAYS
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.template_models import PlanTemplate, PlanTemplateVersion
from retention.success_plans.templates import latest_of

LARGEST = 2**63 - 1
NUMBER: dict[str, Any] = {"max_digits": 18, "decimal_places": 4, "required": False, "allow_null": True}
VERSION = "The version that you read; 409 where somebody saved the row since, with both values of each field."


class RowField(serializers.IntegerField):
    """Names a row by its number; one that the caller may not see does not exist. Validates to the row."""

    def __init__(self, model: type[Record], **kwargs: Any) -> None:
        kwargs.setdefault("help_text", f"Number of the {model._meta.verbose_name}.")
        super().__init__(min_value=1, max_value=LARGEST, **kwargs)
        self.model = model

    def run_validation(self, data: Any = empty) -> Any:
        """The row itself; None where none is named."""
        number = super().run_validation(data)
        if number is None:
            return None
        rows: Any = self.model.objects.all()
        row: Model | None = rows.for_user(self.context["request"].user).filter(pk=number).first()
        if row is None:
            raise ValidationError(f"There is no {self.model._meta.verbose_name} {number}.")
        return row


class TemplateField(KeyField):
    """Names a template by its key; validates to its version in force."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(PlanTemplate, scoped=False, listed=True, **kwargs)

    def run_validation(self, data: Any = empty) -> Any:
        """The version in force."""
        template = super().run_validation(data)
        found: PlanTemplateVersion | None = latest_of(template.key) if template else None
        if template and found is None:
            raise ValidationError("Nothing of this template is published yet.")
        return found


class PlanDraft(Strict):
    """A plan to start."""

    account = KeyField(Account, help_text="Key of the account.")
    template = TemplateField(required=False, allow_null=True, help_text="Key; null: the plan that fits the account.")
    path = TemplateField(required=False, allow_null=True, help_text="Key of an integration path; null: none.")
    lists = serializers.ListField(
        child=TemplateField(), required=False, max_length=10, help_text="Keys of task lists that are added."
    )
    name = serializers.CharField(required=False, allow_blank=True, max_length=200)


class PlanChange(Strict):
    """What may be changed of a plan."""

    name = serializers.CharField(required=False, max_length=200)
    review_days = serializers.IntegerField(required=False, min_value=1, max_value=366)


class ListDraft(Strict):
    """Tasks that are added together."""

    template = TemplateField(help_text="Key of a task list or integration path.")


class Holding(Strict):
    """Why a plan rests."""

    reason = serializers.CharField(max_length=500)


class _Objective(Strict):
    goal = serializers.CharField(max_length=250)
    measure = serializers.CharField(required=False, allow_blank=True, max_length=250)
    baseline = serializers.DecimalField(**NUMBER)
    target = serializers.DecimalField(**NUMBER)
    value = serializers.DecimalField(**NUMBER, help_text="Where no fact measures it.")
    unit = serializers.CharField(required=False, allow_blank=True, max_length=40)
    fact = serializers.CharField(required=False, allow_blank=True, max_length=80, help_text="Key of a fact; or empty.")
    alert_percent = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=100)
    our_owner = PersonField(required=False, allow_null=True, help_text="Username or e-mail address.")
    their_owner = RowField(Stakeholder, required=False, allow_null=True)
    effort = serializers.CharField(required=False, allow_blank=True, max_length=120)
    due_on = serializers.DateField(required=False, allow_null=True)
    evidence = serializers.CharField(required=False, allow_blank=True, max_length=5000)
    evidence_url = serializers.CharField(required=False, allow_blank=True, max_length=500)
    next_step = serializers.CharField(required=False, allow_blank=True, max_length=500)
    is_shared = serializers.BooleanField(required=False)


class ObjectiveDraft(_Objective):
    """An objective to add."""

    plan = RowField(SuccessPlan)


class ObjectiveChange(_Objective):
    """What is changed of an objective; what is left out stays."""

    goal = serializers.CharField(required=False, max_length=250)
    version = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text=VERSION)


class ObjectiveClosing(_Objective):
    """An objective is reached: what is sent is saved with it, and all of it or nothing."""

    goal = serializers.CharField(required=False, max_length=250)
    version = serializers.IntegerField(required=False, min_value=1, max_value=LARGEST, help_text=VERSION)


class Dropping(Strict):
    """Why an objective is given up."""

    reason = serializers.CharField(max_length=500)


class _Task(Strict):
    title = serializers.CharField(max_length=250)
    result = serializers.CharField(required=False, allow_blank=True, max_length=500, help_text="What comes of it.")
    objective = RowField(PlanObjective, required=False, allow_null=True)
    minutes = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10_000)
    our_owner = PersonField(required=False, allow_null=True, help_text="Username or e-mail address.")
    their_owner = RowField(Stakeholder, required=False, allow_null=True)
    due_on = serializers.DateField(required=False, allow_null=True)
    repeat_days = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=366)
    is_shared = serializers.BooleanField(required=False)


class TaskDraft(_Task):
    """A task to add."""

    plan = RowField(SuccessPlan)
    side = serializers.ChoiceField(choices=PlanTask.Side.choices)


class TaskChange(_Task):
    """What is changed of a task; what is left out stays."""

    title = serializers.CharField(required=False, max_length=250)
    version = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text=VERSION)


class _Win(Strict):
    title = serializers.CharField(max_length=250, help_text="What became better.")
    before = serializers.CharField(max_length=120)
    after = serializers.CharField(max_length=120)
    happened_on = serializers.DateField()
    told = serializers.CharField(required=False, allow_blank=True, max_length=2000, help_text="In their words.")
    thanks_to = RowField(Stakeholder, required=False, allow_null=True)
    objective = RowField(PlanObjective, required=False, allow_null=True)
    is_shared = serializers.BooleanField(required=False)


class WinDraft(_Win):
    """A win to write down."""

    plan = RowField(SuccessPlan)


class WinChange(_Win):
    """What is changed of a win; what is left out stays."""

    version = serializers.IntegerField(min_value=1, max_value=LARGEST, help_text=VERSION)

    def get_fields(self) -> dict[str, Any]:
        """The same fields, none of them needed but the version."""
        found = super().get_fields()
        for name, field in found.items():
            field.required = name == "version"
        return found


class LinkDraft(Strict):
    """A link to make."""

    plan = RowField(SuccessPlan)
    stakeholder = RowField(Stakeholder, help_text="Number of whom it is for; what they tick is ticked in their name.")
    language = serializers.ChoiceField(choices=list(LANGUAGES.items()), required=False)
    days = serializers.IntegerField(required=False, min_value=1, max_value=MOST_DAYS, help_text=f"{DAYS} if left out.")
