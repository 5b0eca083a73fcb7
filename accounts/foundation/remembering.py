"""What every part of one piece of work asks, and none of them changes, is asked once in it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")

_answers: ContextVar[dict[Any, Any] | None] = ContextVar("what was asked in this piece of work", default=None)


@contextmanager
def remembering() -> Iterator[None]:
    """Within it a question that is `remembered` is asked once: around a page that reads, a reaction, a projection.

    Never around what changes what it asks for: settings of the workspace, calendars, webhooks, plays, absences.
    """
    known = _answers.get()
    token = _answers.set({} if known is None else known)
    try:
        yield
    finally:
        _answers.reset(token)


def remembered(ask: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """`ask`, which within `remembering` is asked once for the same (hashable) arguments.

    Its answer is shared by all who ask: they must not change it.
    """

    @wraps(ask)
    def answer(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        known = _answers.get()
        if known is None:
            return ask(*args, **kwargs)
        question = (ask, args, tuple(sorted(kwargs.items())))
        if question not in known:
            known[question] = ask(*args, **kwargs)
        found: Answer = known[question]
        return found

    return answer
