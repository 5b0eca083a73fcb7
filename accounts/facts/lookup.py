"""Facts by their keys: the product's and those that the installation added."""

import time

from accounts.facts.catalogue import Fact, Group, Type, Use, facts
from accounts.facts.models import CustomFact

_KEPT_S = 10.0
_custom: list[tuple[float, dict[str, Fact]]] = []


def catalogue() -> dict[str, Fact]:
    """Every fact there is: the product's, then those that this installation added."""
    if not _custom or time.monotonic() - _custom[0][0] > _KEPT_S:
        _custom[:] = [(time.monotonic(), {row.key: _fact(row) for row in CustomFact.objects.all()})]
    return dict(facts.items()) | _custom[0][1]


def find(key: str) -> Fact | None:
    """The fact `key`, also where another process added it a moment ago."""
    found = facts.get(key) or catalogue().get(key)
    if found is None and _custom and time.monotonic() - _custom[0][0] > 1:
        forget_custom_facts()
        found = catalogue().get(key)
    return found


def forget_custom_facts() -> None:
    """Asks the database again at the next call; whoever changes a custom fact calls it."""
    _custom.clear()


def _fact(row: CustomFact) -> Fact:
    return Fact(
        row.key, row.label, Type(row.type), row.meaning, Group.CUSTOM, use=Use(row.use), unit=row.unit, is_custom=True
    )
