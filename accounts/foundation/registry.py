"""Registries: how a higher room tells a lower one what it adds, without being imported by it."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")
_registries: WeakSet["Registry[Any]"] = WeakSet()


class AlreadyRegistered(RuntimeError):
    """Two entries claim one name; raised at import, so that it never reaches a user."""


class RegistryLocked(RuntimeError):
    """Something tried to register after start-up, when readers may already have looked."""


class Registry(Generic[T]):
    """Named entries of one kind, filled while the apps start and locked afterwards."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._entries: dict[str, T] = {}
        self._locked = False
        _registries.add(self)

    def add(self, name: str, entry: T) -> T:
        """Registers `entry` and returns it."""
        if self._locked:
            raise RegistryLocked(
                f"{self.kind} {name!r} is registered after start-up; import it from its app's ready()."
            )
        if name in self._entries:
            raise AlreadyRegistered(f"Two entries of kind {self.kind} are called {name!r}.")
        self._entries[name] = entry
        return entry

    def register(self, name: str) -> Callable[[T], T]:
        """`add` as a decorator."""
        return lambda entry: self.add(name, entry)

    def lock(self) -> None:
        """Closes the registry for good."""
        self._locked = True

    @property
    def is_locked(self) -> bool:
        """Whether nothing can be added any more."""
        return self._locked

    def get(self, name: str) -> T | None:
        return self._entries.get(name)

    def __getitem__(self, name: str) -> T:
        return self._entries[name]

    def __contains__(self, name: object) -> bool:
        return name in self._entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)

    def items(self) -> list[tuple[str, T]]:
        return list(self._entries.items())

    def values(self) -> list[T]:
        return list(self._entries.values())


def lock_all() -> None:
    """Closes every registry: called once, when all apps have started."""
    for registry in _registries:
        registry.lock()


def all_registries() -> list[Registry[Any]]:
    """Every registry there is, by its kind."""
    return sorted(_registries, key=lambda registry: registry.kind)
