"""The order in which rules are asked: a rule that reads what others decide comes after them."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from accounts.facts.lookup import find
from retention.evaluation.rules import Rule


class Cycle(ValueError):
    """Rules that wait for each other. `path` names the facts in a ring, the first one again at the end."""

    def __init__(self, path: Sequence[str]) -> None:
        self.path = list(path)
        super().__init__(
            f"These facts are decided from each other: {' → '.join(path)}. Let one of them read something else."
        )


def strata(rules: Iterable[Rule], derived: Mapping[str, Collection[str]] | None = None) -> list[list[Rule]]:
    """The rules in layers; each layer reads only facts that the layers before it decided. Raises Cycle.

    Registers such as the stage are no dependency: what one becomes counts from the next round on. `derived` maps facts
    that follow from others without a rule to those others: for them, too, a ring is refused.
    """
    rules = list(rules)
    reads = _reads(rules)
    for key, others in (derived or {}).items():
        reads.setdefault(key, set()).update(other for other in others if not _is_register(other))
    level: dict[str, int] = {}
    for fact in reads:
        _level(fact, reads, level, ())
    layers: dict[int, list[Rule]] = {}
    for one in rules:
        place = max((level[fact] + 1 for fact in one.asked.reads if fact in level), default=0)
        layers.setdefault(max(place, level.get(one.watch.decides, 0)), []).append(one)
    return [layers[place] for place in sorted(layers)]


def _reads(rules: Sequence[Rule]) -> dict[str, set[str]]:
    """Fact that rules decide → the facts that those rules read; registers are left out."""
    found: dict[str, set[str]] = {}
    for one in rules:
        decided = one.watch.decides
        if decided and not _is_register(decided):
            found.setdefault(decided, set()).update(one.asked.reads)
    return found


def _is_register(key: str) -> bool:
    fact = find(key)
    return bool(fact and fact.is_register)


def _level(fact: str, reads: Mapping[str, set[str]], level: dict[str, int], path: tuple[str, ...]) -> int:
    """How many decided facts stand below `fact`, noted in `level`."""
    if fact in path:
        raise Cycle([*path[path.index(fact) :], fact])
    if fact not in level:
        below = [_level(other, reads, level, (*path, fact)) for other in sorted(reads[fact]) if other in reads]
        level[fact] = max((other + 1 for other in below), default=0)
    return level[fact]
