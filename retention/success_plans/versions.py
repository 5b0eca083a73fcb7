"""Two people at one row: whoever saves second is told what the first one saved, and nothing is lost."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError

from accounts.foundation.records import Record


class NotPossible(ValidationError):
    """The row is not in a state in which this can be done; nothing was changed."""


class Stale(NotPossible):
    """Somebody saved the row meanwhile. `theirs` and `yours` are the values that differ, by field."""

    def __init__(self, row: Any, differing: Mapping[str, tuple[Any, Any]]) -> None:
        self.theirs = {name: theirs for name, (theirs, _) in differing.items()}
        self.yours = {name: yours for name, (_, yours) in differing.items()}
        said = "; ".join(
            f"{label_of(row, name)}: theirs “{shown(theirs)}”, yours “{shown(yours)}”"
            for name, (theirs, yours) in differing.items()
        )
        super().__init__(
            f"Somebody else saved this meanwhile (version {row.version}). {said or 'Your values are the same'}. "
            "Nothing was saved; look at both and save again."
        )


def label_of(row: Record, name: str) -> str:
    """What people call a field."""
    return str(row._meta.get_field(name).verbose_name).capitalize()  # type: ignore[union-attr]


def shown(value: Any) -> str:
    """A value as one reads it; a dash where there is none."""
    if value is None or value == "":
        return "–"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 8, not 8.0000
    return {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)


def take(row: Any, version: int | None, values: Mapping[str, Any] | None = None) -> None:
    """Reads `row` anew, locked. Raises Stale where it is not of `version` any more; None does not ask."""
    row.refresh_from_db(from_queryset=type(row).objects.select_for_update())
    if version is not None and version != row.version:
        wanted = values or {}
        differing = {name: (getattr(row, name), value) for name, value in wanted.items() if getattr(row, name) != value}
        raise Stale(row, differing)
