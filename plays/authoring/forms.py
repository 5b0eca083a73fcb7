"""A play as forms: what it is, and one form for each kind of step. They hold what a file holds, and nothing else."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms

from accounts.foundation.keys import KEY_LENGTH, key_from
from accounts.foundation.registry import Registry
from accounts.portfolio.models import AccountMember
from accounts.team.models import User
from plays.definitions.models import Play
from plays.definitions.registry import trigger_kinds
from plays.steps.notify import CHANNELS
from retention.builder.fields import ConditionField
from retention.slas import business_time

Config = dict[str, Any]
UNITS = [("bh", "business hours"), ("bd", "business days"), ("d", "calendar days")]
NAMED = "Write {account} where its name is to stand."


class PlainText(forms.CharField):
    """A text of several lines; a browser's line ends become those of a file."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}), **kwargs)

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class PlayForm(forms.Form):
    """What a play is, and which kind of thing starts it."""

    name = forms.CharField(max_length=120)
    purpose = forms.CharField(max_length=250, help_text="What it is to bring about, in one sentence.")
    priority = forms.ChoiceField(
        choices=Play.Priority.choices,
        label="Class",
        help_text="Internal: our own people only. The others count when customers hear from several plays at once.",
    )
    starts_on = forms.ChoiceField(label="What starts it", help_text="Each kind has fields of its own below.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].choices = [(name, one.label) for name, one in trigger_kinds.items()]  # type: ignore[attr-defined]

    @property
    def words(self) -> list[forms.BoundField]:
        """What it is called and for."""
        return [self["name"], self["purpose"]]

    @property
    def kinds(self) -> list[forms.BoundField]:
        """What is chosen, beside each other."""
        return [self["priority"], self["starts_on"]]


class StepForm(forms.Form):
    """What every kind of step has. `WHERE` maps the keys of a file to the fields beside which their errors stand."""

    KIND: ClassVar[str]
    ABOUT: ClassVar[str]
    """What it does, in a sentence."""
    MAIN: ClassVar[tuple[str, ...]]
    PAIRS: ClassVar[tuple[str, ...]] = ()
    FURTHER: ClassVar[tuple[str, ...]] = ()
    WHERE: ClassVar[Mapping[str, str]] = {}

    key = forms.CharField(required=False, widget=forms.HiddenInput)
    kind = forms.CharField(widget=forms.HiddenInput)
    title = forms.CharField(max_length=250, help_text=NAMED)

    @property
    def main(self) -> list[forms.BoundField]:
        """What is always shown."""
        return [self[name] for name in self.MAIN]

    @property
    def pairs(self) -> list[forms.BoundField]:
        """What is always shown, two beside each other."""
        return [self[name] for name in self.PAIRS]

    @property
    def further(self) -> list[forms.BoundField]:
        """What is folded away."""
        return [self[name] for name in self.FURTHER]

    @property
    def is_open(self) -> bool:
        """Whether what is folded away has something to show."""
        return any(field.errors or field.value() for field in self.further if field.name != "sooner_unit")

    def config(self) -> Config:
        """The step as a file has it, without key and kind."""
        raise NotImplementedError

    @classmethod
    def shown(cls, config: Mapping[str, Any]) -> Config:
        """What the form of a step with this configuration shows first."""
        raise NotImplementedError


class TaskForm(StepForm):
    """Work for a person, with a due time in business time."""

    KIND, ABOUT = "human_task", "Gives somebody work with a due time. The next step waits until it is done."
    MAIN, PAIRS = ("title", "guidance", "owner"), ("due", "unit")
    FURTHER = ("sooner_when", "sooner_due", "sooner_unit")
    WHERE: ClassVar = {"sooner": "sooner_when"}

    guidance = PlainText(help_text="How to go about it, for whoever does it.")
    owner = forms.ChoiceField(
        choices=AccountMember.Part.choices,
        label="For",
        help_text="Who has this part on the account; where nobody has it, the operator is given the task.",
    )
    due = forms.IntegerField(min_value=1, max_value=9999, label="Due within")
    unit = forms.ChoiceField(
        choices=UNITS,
        help_text="Hours and days in which they work. Before the time is over they are reminded; then their "
        "manager hears of it, and after twice the time the leaders.",
    )
    sooner_when = ConditionField(
        required=False,
        allow_held_for=False,
        counts=False,
        label="Due sooner when",
        help_text="Asked when the task begins. Empty: the time above always counts.",
    )
    sooner_due = forms.IntegerField(required=False, min_value=1, max_value=9999, label="Then due within")
    sooner_unit = forms.ChoiceField(choices=UNITS, required=False, label="Unit")

    def clean(self) -> Config:
        given = super().clean() or self.cleaned_data
        wrong = {"sooner_when", "sooner_due"} & self.errors.keys()
        if not wrong and bool(given.get("sooner_when")) != bool(given.get("sooner_due")):
            missing = "sooner_due" if given.get("sooner_when") else "sooner_when"
            self.add_error(missing, "Give both the condition and the time, or neither.")
        return given

    def config(self) -> Config:
        given = self.cleaned_data
        found = {"owner": given["owner"], "title": given["title"], "due": f"{given['due']} {given['unit']}"}
        if given["guidance"]:
            found["guidance"] = given["guidance"]
        if given["sooner_when"]:
            found["sooner"] = {"when": given["sooner_when"], "due": f"{given['sooner_due']} {given['sooner_unit']}"}
        return found

    @classmethod
    def shown(cls, config: Mapping[str, Any]) -> Config:
        found = {name: config[name] for name in ("title", "guidance", "owner") if name in config}
        found["due"], found["unit"] = business_time.parse(config.get("due", "1 bd"))
        if sooner := config.get("sooner"):
            found["sooner_when"] = sooner["when"]
            found["sooner_due"], found["sooner_unit"] = business_time.parse(sooner["due"])
        return found


class NotifyForm(StepForm):
    """A message to one of ours, which nobody has to answer."""

    KIND, ABOUT = "notify", "Tells one of our people. Nobody has to act, and the next step follows at once."
    MAIN, PAIRS = ("title", "text", "by"), ("to", "user")

    text = PlainText(help_text=NAMED)
    to = forms.ChoiceField(required=False, label="To", help_text="Who has this part on the account.")
    user = forms.ChoiceField(required=False, label="Or to one person", help_text="Whatever the account.")
    by = forms.MultipleChoiceField(
        choices=list(CHANNELS.items()), label="How", widget=forms.CheckboxSelectMultiple, initial=["in_app"]
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = [("", "–"), *AccountMember.Part.choices]  # type: ignore[attr-defined]
        self.fields["user"].choices = [("", "–"), *self._people()]  # type: ignore[attr-defined]

    def _people(self) -> list[tuple[str, str]]:
        """Who works here, and whoever the step names already, though they left."""
        people = {user.username: str(user) for user in User.objects.filter(is_active=True).order_by("username")}
        kept = self.initial.get("user")
        return list(({kept: f"{kept} (has left)"} | people if kept else people).items())

    def clean(self) -> Config:
        given = super().clean() or self.cleaned_data
        if bool(given.get("to")) == bool(given.get("user")):
            self.add_error("to", "Choose a part of the account team, or one person: one of the two.")
        return given

    def config(self) -> Config:
        given = self.cleaned_data
        return {name: given[name] for name in ("to", "user", "by", "title", "text") if given[name]}

    @classmethod
    def shown(cls, config: Mapping[str, Any]) -> Config:
        return dict(config)


step_forms: Registry[type[StepForm]] = Registry("form of a kind of step")
for _form in (TaskForm, NotifyForm):
    step_forms.add(_form.KIND, _form)


def new_key(title: str, taken: set[str], *, fallback: str) -> str:
    """A key made of `title` that is not among `taken`."""
    plain = key_from(title.replace("{account}", ""), fallback=fallback).replace("-", "_")[: KEY_LENGTH - 4]
    return next(key for key in (plain, *(f"{plain}_{n}" for n in range(2, 1000))) if key not in taken)
