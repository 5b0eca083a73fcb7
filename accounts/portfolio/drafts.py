"""Drafts: rows of other systems that come by the thousand. All of them are checked before any is written."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from django.core.exceptions import ValidationError

from accounts.foundation.clock import IMPLAUSIBLE, is_plausible
from accounts.foundation.many import among
from accounts.portfolio.models import Account


class Draft(Protocol):
    """What every draft says: whose row it is, and what its source calls it."""

    @property
    def external_id(self) -> str: ...
    @property
    def account_id(self) -> int: ...


D = TypeVar("D", bound=Draft)
Problems = dict[str, str]
"""Field → what is wrong with it and what to do."""


def refuse_wrong(drafts: Sequence[D], problems_of: Callable[[D], Problems]) -> None:
    """Raises ValidationError with everything that is wrong, by place and field: `[3].due_on`."""
    known = set(
        Account.objects.filter(pk__in=among({draft.account_id for draft in drafts})).values_list("pk", flat=True)
    )
    wrong: dict[str, Any] = {}
    for place, draft in enumerate(drafts):
        found = problems_of(draft)
        if draft.account_id not in known:
            found = {"account": "There is no such account."} | found
        wrong |= {f"[{place}].{name}": message for name, message in found.items()}
    if wrong:
        raise ValidationError(wrong)


def latest_of_each(drafts: Sequence[D]) -> dict[str, D]:
    """External id → the last of its drafts: two of one batch speak of one row."""
    return {draft.external_id: draft for draft in drafts}


def text_problem(text: str, *, longest: int, required: bool = False) -> str:
    """What keeps `text` from being stored; empty where nothing does."""
    if required and not text.strip():
        return "This field may not be blank."
    if len(text) > longest:
        return f"Ensure this field has no more than {longest} characters."
    return "A text cannot hold the character NUL." if "\0" in text else ""


def day_problem(day: dt.date | None) -> str:
    """What is wrong with a day or an instant; empty where nothing is, or where there is none."""
    return "" if day is None or is_plausible(day) else IMPLAUSIBLE
