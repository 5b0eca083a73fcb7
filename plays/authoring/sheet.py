"""What somebody typed into the page of a play: its forms, with steps that are added, moved and taken out."""

from collections.abc import Mapping
from typing import Any

from django.forms import Form
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from plays.authoring.forms import PlayForm, StepForm, new_key, step_forms
from plays.definitions.models import Play, PlayVersion
from plays.playbook.registry import Body, Trouble
from plays.triggers.forms import FORMS, TriggerForm, filled

MOST = 20
"""Steps of one play in the form; longer ones are files."""
Typed = MultiValueDict[str, str]
EMPTY: list[dict[str, Any]] = [{"kind": "human_task", "unit": "bd", "sooner_unit": "bh"}]


class Sheet:
    """The forms of one play. Bound ones say what is wrong; those that are only shown again do not yet."""

    def __init__(
        self, play: PlayForm, trigger: TriggerForm, steps: list[StepForm], version: PlayVersion | None
    ) -> None:
        self.play, self.trigger, self.steps, self.version = play, trigger, steps, version

    @classmethod
    def of(cls, version: PlayVersion | None) -> "Sheet":
        """The play as it is in force, or an empty one."""
        if version is None:
            steps: list[StepForm] = [_step(number, initial=row) for number, row in enumerate(EMPTY)]
            first = {"starts_on": "entered", "priority": "adoption"}
            trigger = FORMS["entered"](prefix="when", initial={"after_stop": "once"})
            return cls(PlayForm(prefix="play", initial=first), trigger, steps, None)
        names = ("purpose", "priority", "starts_on")
        head = {"name": version.play.name} | {name: getattr(version, name) for name in names}
        rows = [
            {"key": one.key, "kind": one.kind} | step_forms[one.kind].shown(one.config) for one in version.steps.all()
        ]
        steps = [_step(number, initial=row) for number, row in enumerate(rows)]
        trigger = FORMS[version.starts_on](prefix="when", initial=filled(version))
        return cls(PlayForm(prefix="play", initial=head), trigger, steps, version)

    @classmethod
    def sent(cls, data: QueryDict, version: PlayVersion | None) -> "Sheet":
        """What was sent, to be looked at."""
        kind = _kind(data)
        rows = _rows(data)
        steps = [_step(number, data=_prefixed(number, row)) for number, row in enumerate(rows)]
        return cls(PlayForm(data, prefix="play"), FORMS[kind](data, prefix="when"), steps, version)

    @classmethod
    def again(cls, data: QueryDict, version: PlayVersion | None, *, do: str) -> "Sheet":
        """What was sent, with a step added, moved or taken out, or another kind of trigger. Nothing is judged."""
        rows = _arranged(_rows(data), do)
        steps = [_step(number, initial=_shown(row)) for number, row in enumerate(rows)]
        head = PlayForm(prefix="play", initial=_shown(_part(data, "play-")))
        kind = str(head.initial.get("starts_on"))
        kind = kind if kind in FORMS else "entered"
        kept = filled(version) if version and version.starts_on == kind else {"after_stop": "once", "hour": 9}
        told = _shown(_part(data, "when-")) if kind == _kind(data) else kept
        return cls(head, FORMS[kind](prefix="when", initial=told), steps, version)

    @property
    def kind(self) -> str:
        """The kind of trigger of which the fields are shown."""
        return next(name for name, form in FORMS.items() if type(self.trigger) is form)

    @property
    def is_valid(self) -> bool:
        """Whether each form alone is right; every one of them is asked."""
        return all([form.is_valid() for form in self.every_form])

    @property
    def has_errors(self) -> bool:
        """Whether something is wrong in any of them."""
        return any(form.is_bound and form.errors for form in self.every_form)

    @property
    def every_form(self) -> list[Form]:
        """All of them, from the top of the page."""
        return [self.play, self.trigger, *self.steps]

    def body(self) -> Body:
        """The play as a file would say it. Only of a sheet that is valid."""
        head, beside = self.play.cleaned_data, self.trigger.beside()
        is_same = self.version is not None and self.version.starts_on == self.kind
        trigger = {self.kind: self.trigger.trigger(self.version.trigger if self.version and is_same else {})}
        named = {"trigger_after_days": "after_days", "rearm": "rearmed"}
        trigger |= {named[name]: value for name, value in beside.items() if name in named and value is not None}
        again = {"again_after_days": beside["again_after_days"]} if beside["again_after_days"] else {}
        return {
            "key": self.version.play.key if self.version else new_key(head["name"], set(), fallback="play"),
            "name": head["name"],
            "purpose": head["purpose"],
            "class": head["priority"],
            "trigger": trigger,
            **again,
            "after_stop": beside["after_stop"],
            "steps": self._bodies(),
        }

    def _bodies(self) -> list[Body]:
        taken = {step.cleaned_data["key"] for step in self.steps}
        found = []
        for step in self.steps:
            key = step.cleaned_data["key"] or new_key(step.cleaned_data["title"], taken, fallback="step")
            taken.add(key)
            found.append({"key": key, "kind": step.cleaned_data["kind"], **step.config()})
        return found

    def refuse_taken(self, key: str) -> None:
        """Says so beside the name where a new play would take the place of another."""
        if self.version is None and Play.objects.filter(key=key).exists():
            self.play.add_error("name", "There is a play with such a name. Choose another, or edit that one.")

    def blame(self, found: list[Trouble]) -> None:
        """Puts each trouble beside the field that it speaks of."""
        for one in found:
            form, name = self._place(one.path)
            text = f"{one.message[:1].upper()}{one.message[1:]}."
            is_seen = name in form.fields and not form.fields[name].widget.is_hidden
            form.add_error(name if is_seen else None, text)

    def _place(self, path: str) -> tuple[Form, str]:
        parts = path.strip(".").replace("[", ".").replace("]", "").split(".")
        if parts[0] == "steps" and len(parts) > 1:
            step = self.steps[int(parts[1])]
            name = parts[2] if len(parts) > 2 else ""
            return step, step.WHERE.get(name, name)
        if parts[0] in ("trigger", "again_after_days", "after_stop"):
            name = parts[-1] if parts[0] != "trigger" else parts[2] if len(parts) > 2 else "condition"
            return self.trigger, name
        return self.play, {"class": "priority", "key": "name"}.get(parts[0], parts[0])


def _step(number: int, *, data: Typed | None = None, initial: dict[str, Any] | None = None) -> StepForm:
    kind = str((initial or {}).get("kind") if data is None else data.get(f"step-{number}-kind"))
    form = step_forms[kind if kind in step_forms else "human_task"]
    return form(data, prefix=f"step-{number}", initial=initial)


def _kind(data: QueryDict) -> str:
    kind = data.get("kind", "")
    return kind if kind in FORMS else "entered"


def _part(data: Mapping[str, Any], prefix: str) -> Typed:
    names = [name for name in data if name.startswith(prefix)]
    return MultiValueDict({name.removeprefix(prefix): data.getlist(name) for name in names})  # type: ignore[attr-defined]


def _rows(data: QueryDict) -> list[Typed]:
    """What was typed into each step, in their order."""
    sent = data.get("steps", "")
    return [_part(data, f"step-{number}-") for number in range(min(int(sent), MOST) if sent.isdecimal() else 0)]


def _prefixed(number: int, row: Typed) -> Typed:
    return MultiValueDict({f"step-{number}-{name}": values for name, values in row.lists()})


def _shown(row: Typed) -> dict[str, Any]:
    """As a form that is only shown takes it: ticks are lists, all else is one text."""
    return {name: values if name == "by" else values[-1] for name, values in row.lists() if values}


def _arranged(rows: list[Typed], do: str) -> list[Typed]:
    verb, _, said = do.partition("-")
    if verb == "add" and len(rows) < MOST and said in step_forms:
        fresh = {"kind": [said], "unit": ["bd"], "sooner_unit": ["bh"], "by": ["in_app"]}
        return [*rows, MultiValueDict(fresh)]
    place = int(said) if said.isdecimal() else -1
    if not 0 <= place < len(rows):
        return rows
    row = rows.pop(place)
    if verb == "remove":
        return rows
    rows.insert(max(0, place - 1) if verb == "up" else place + 1 if verb == "down" else place, row)
    return rows
