"""Templates of plans, paths, lists and agendas, and their versions."""

from typing import Any

from django.db import models

from accounts.foundation.keys import KEY_LENGTH, validate_key
from accounts.foundation.records import Record
from accounts.foundation.scope import Area
from accounts.team.models import User
from retention.success_plans.content import Content, read


class PlanTemplate(Record):
    """What a plan, an integration path, a list of tasks or an agenda is made from. Ships in playbook files.

    Written by `success_plans.templates`. Its content is that of its latest version; plans keep the version they began
    with.
    """

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    class Kind(models.TextChoices):
        PLAN = "plan", "Plan"
        """Objectives with their tasks."""
        PATH = "path", "Integration path"
        """The tasks that connect a customer's systems; joined to the plan by their stack."""
        TASKS = "tasks", "Task list"
        """Tasks that are added to a plan together."""
        AGENDA = "agenda", "Agenda"
        """Points of a meeting, to be printed."""

    key = models.CharField(max_length=KEY_LENGTH, unique=True, validators=[validate_key])
    name = models.CharField(max_length=120)
    meaning = models.CharField(max_length=250, blank=True, help_text="When one uses it, in a sentence.")
    kind = models.CharField(max_length=6, choices=Kind.choices)
    basis = models.CharField(
        max_length=9, blank=True, choices=[("published", "Published practice"), ("practice", "Our practice")]
    )
    precedence = models.PositiveSmallIntegerField(default=50, help_text="The lowest that fits is chosen.")
    use_cases = models.JSONField(default=list, blank=True, help_text="Use cases that it fits.")
    titles = models.JSONField(default=list, blank=True, help_text="Words in the champion's title that it fits.")
    stacks = models.JSONField(default=list, blank=True, help_text="Systems that it fits.")
    is_fallback = models.BooleanField("where nothing fits", default=False)
    on_won = models.BooleanField("added when a deal is won", default=False)

    class Meta:
        verbose_name = "plan template"
        ordering = ["kind", "precedence", "name"]

    def __str__(self) -> str:
        return self.name


class PlanTemplateVersion(Record):
    """What a template said once it was published. Never edited: a change is a new version."""

    AREA = Area.DEFINITIONS
    ACCOUNT_PATH = None
    PERSONAL = {}

    template = models.ForeignKey(PlanTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    body: Any = models.JSONField(default=dict)
    published_at = models.DateTimeField()
    published_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        verbose_name = "version of a plan template"
        verbose_name_plural = "versions of plan templates"
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["template", "number"], name="plan_template_versions_are_numbered")
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.number}"

    @property
    def content(self) -> Content:
        """Its objectives, tasks and points."""
        return read(self.body)
