"""Who wants to hear of which kind of event."""

from collections import defaultdict
from collections.abc import Callable

from accounts.foundation.registry import Registry
from accounts.portfolio.models import AccountEvent

Subscriber = Callable[[AccountEvent], None]

subscribers: Registry[Subscriber] = Registry("event subscriber")
_by_kind: dict[str, list[str]] = defaultdict(list)


def subscribe(kind: str, *, name: str) -> Callable[[Subscriber], Subscriber]:
    """Decorator: calls the function for each event of `kind`, later, in a transaction of its own."""

    def register(subscriber: Subscriber) -> Subscriber:
        subscribers.add(name, subscriber)
        _by_kind[kind].append(name)
        return subscriber

    return register


def subscribed(kind: str) -> list[str]:
    """The names of those who subscribed to `kind`."""
    return _by_kind.get(kind, [])
