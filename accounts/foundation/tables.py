"""Many tables in one operation of a migration."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db.migrations.operations import CreateModel
from django.db.migrations.operations.base import Operation


class Tables(Operation):
    """Makes the new tables of `operations` in their final form.

    After every operation Django works out anew what it knows of all models around the changed one, which here are
    nearly all there are: a first start took four times as long. Here it is done once. `operations` make models, and
    add fields, indexes and constraints to these models; anything else is refused.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = operations
        self.names = [one.name for one in operations if isinstance(one, CreateModel)]
        for one in operations:
            if getattr(one, "model_name", self.names[0]).lower() not in map(str.lower, self.names):
                raise ValueError(f"{one.describe()}: only what concerns a table that is made here belongs here.")

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        """As a migration that is written by Django spells it."""
        return type(self).__name__, [self.operations], {}

    def describe(self) -> str:
        """What is shown in a list of operations."""
        return f"Create the tables of {', '.join(self.names)}"

    def state_forwards(self, app_label: str, state: Any) -> None:
        """What Django knew of the models is forgotten; it is worked out when it is asked for next."""
        state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Makes the tables."""
        for model in self._models(app_label, schema_editor, to_state):
            schema_editor.create_model(model)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        """Drops the tables, the last one first."""
        for model in reversed(list(self._models(app_label, schema_editor, from_state))):
            schema_editor.delete_model(model)

    def _models(self, app_label: str, schema_editor: Any, state: Any) -> Iterator[Any]:
        for name in self.names:
            model = state.apps.get_model(app_label, name)
            if self.allow_migrate_model(schema_editor.connection.alias, model):
                yield model
