"""Facts by their keys: the product's, those that its definitions make, and those that the installation added."""

import time
from collections.abc import Mapping

from accounts.facts.catalogue import Fact, Group, Type, Use, facts
from accounts.facts.models import CustomFact
from accounts.facts.registry import definitions

_KEPT_S = 10.0
_known: list[tuple[float, Mapping[str, Fact]]] = []


def catalogue() -> Mapping[str, Fact]:
    """Every fact there is: the product's, those that definitions make, then those that this installation added."""
    if not _known or time.monotonic() - _known[0][0] > _KEPT_S:
        # A fact of one's own whose key the product took over since is the product's.
        added = {row.key: _fact(row) for row in CustomFact.objects.all() if row.key not in facts}
        defined = {fact.key: fact for made in definitions.values() for fact in made()}
        _known[:] = [(time.monotonic(), dict(facts.items()) | defined | added)]
    return _known[0][1]


def find(key: str) -> Fact | None:
    """The fact `key`, also where another process added it a moment ago."""
    found = facts.get(key) or catalogue().get(key)
    if found is None and _known and time.monotonic() - _known[0][0] > 1:
        forget_custom_facts()
        found = catalogue().get(key)
    return found


def forget_custom_facts() -> None:
    """Asks the database again at the next call; whoever changes a custom fact, or what makes facts, calls it."""
    _known.clear()


def _fact(row: CustomFact) -> Fact:
    return Fact(
        row.key, row.label, Type(row.type), row.meaning, Group.CUSTOM, use=Use(row.use), unit=row.unit, is_custom=True
    )
