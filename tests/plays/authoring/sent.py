"""What a browser sends from the page of a play, as it stands there."""

from typing import Any

from django.forms import BoundField
from django.test import Client

from plays.authoring.sheet import Sheet
from plays.definitions.models import PlayVersion

NEW = "/admin/plays/play/new/"
CALL = {"kind": "human_task", "title": "Call {account}", "owner": "csm", "due": "1", "unit": "bd", "sooner_unit": "bh"}
TELL = {"kind": "notify", "title": "A quiet account", "to": "ae", "by": ["in_app"]}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(version: PlayVersion) -> str:
    return f"/admin/plays/play/{version.play_id}/edit/"


def as_shown(version: PlayVersion) -> dict[str, Any]:
    """Every field of the page, unchanged."""
    sheet = Sheet.of(version)
    fields = {one.html_name: _value(one) for form in sheet.every_form for one in form}
    given = {name: value for name, value in fields.items() if value is not None}
    return given | {"kind": sheet.kind, "steps": str(len(sheet.steps))}


def _value(field: BoundField) -> Any:
    value = field.value()
    return value.isoformat() if hasattr(value, "isoformat") else value


def new(*steps: dict[str, Any], starts_on: str = "entered", **values: Any) -> dict[str, Any]:
    """A new play, with the fields of its trigger named `when_…`."""
    head = {"play-name": "Quiet account", "play-purpose": "Talk to them.", "play-priority": "adoption"}
    typed = {name.replace("when_", "when-", 1).replace("play_", "play-", 1): value for name, value in values.items()}
    rows = {f"step-{number}-{name}": value for number, row in enumerate(steps) for name, value in row.items()}
    fixed = {"play-starts_on": starts_on, "kind": starts_on, "when-after_stop": "once", "steps": str(len(steps))}
    return head | fixed | rows | typed
