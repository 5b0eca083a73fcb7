"""Where the facts of a profile come from: each room's part of it is made by one provider."""

import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.facts.catalogue import Fact, facts
from accounts.foundation.registry import Registry

Values = dict[str, Any]
"""Fact key → value; money in minor units, None or missing where it is unknown."""


@dataclass(frozen=True, slots=True)
class Part:
    """One provider's part of an account's profile: its values, the source that told us, and when it last did."""

    values: Values
    source: str
    seen_at: dt.datetime | None


@dataclass(frozen=True)
class Provider:
    """Makes some facts of many accounts at once, in a constant number of statements.

    Accounts about which it knows nothing are missing from what `parts` returns.
    """

    keys: tuple[str, ...]
    parts: "Parts"


@dataclass(frozen=True)
class Derivation:
    """Facts that follow from other facts of the same account alone, custom ones included; for many accounts at once.

    `changed_at` says when its rule last changed: profiles made before that are made again. `reads` says which facts
    its rule asks for, where that is written in data. `follow` writes what else follows once the facts are written, and
    returns the accounts for which its facts changed only because the rule did.
    """

    keys: tuple[str, ...]
    values: "Derive"
    changed_at: Callable[[], dt.datetime | None] = lambda: None
    reads: Callable[[], Collection[str]] = tuple
    follow: "Follow | None" = None


providers: Registry[Provider] = Registry("provider of facts")
derivations: Registry[Derivation] = Registry("derivation of facts")

readers: Registry[Callable[[str], list[str]]] = Registry("reader of facts")
"""Key of a fact → the names of the rules that read it, as each higher room knows them."""

definitions: Registry[Callable[[], Iterable[Fact]]] = Registry("definitions that make facts")
"""The facts that follow from what higher rooms define in data, such as the segment of an account in a dimension."""


def rules_that_read(key: str) -> list[str]:
    """The names of all rules that read a fact."""
    return [name for reader in readers.values() for name in reader(key)]


Parts = Callable[[Sequence[int], dt.datetime], Mapping[int, Part]]
Derive = Callable[[Mapping[int, Values], dt.datetime], Mapping[int, Values]]
Follow = Callable[[Mapping[int, Values], dt.datetime], set[int]]


def provides(name: str, declared: Iterable[Fact]) -> Callable[[Parts], Parts]:
    """Decorator: the function makes the `declared` facts of every account that it knows something about."""

    def register(parts: Parts) -> Parts:
        providers.add(name, Provider(_declare(name, declared), parts))
        return parts

    return register


def derives(
    name: str,
    declared: Iterable[Fact],
    *,
    changed_at: Callable[[], dt.datetime | None] = lambda: None,
    reads: Callable[[], Collection[str]] = tuple,
    follow: Follow | None = None,
) -> Callable[[Derive], Derive]:
    """Decorator: the function makes the `declared` facts from the others of an account."""

    def register(values: Derive) -> Derive:
        derivations.add(name, Derivation(_declare(name, declared), values, changed_at, reads, follow))
        return values

    return register


def _declare(part: str, declared: Iterable[Fact]) -> tuple[str, ...]:
    found = tuple(replace(fact, part=part) for fact in declared)
    for fact in found:
        facts.add(fact.key, fact)
    return tuple(fact.key for fact in found)


@functools.cache  # nothing is registered after start-up
def projected() -> dict[str, Fact]:
    """All facts that the projection makes, by key; the others are written by whoever owns them."""
    made = [one.keys for one in providers.values()] + [one.keys for one in derivations.values()]
    return {key: facts[key] for keys in made for key in keys}


@functools.cache
def columns() -> dict[str, str | None]:
    """The same facts with the column that holds each; None for those that stand as JSON."""
    return {key: None if fact.is_json else fact.column for key, fact in projected().items()}


def follows_registers() -> bool:
    """Whether any derivation in force asks for a fact that is no part of the projection, such as the stage."""
    return any(not projected().keys() >= set(one.reads()) for one in derivations.values())
