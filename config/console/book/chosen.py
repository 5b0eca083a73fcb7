"""The filters that are set, in words, each with the address of the book without it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.forms import BoundField

from config.console.book.form import BookForm

QUICK = {
    "Next step overdue": "step=overdue",
    "No next step": "step=missing",
    "No contact for 30 days": "quiet=30",
    "Contract ends within 60 days": "renewal=60",
    "At risk": "pulse=red",
}
"""Filters that everybody wants, one click away."""


@dataclass(frozen=True)
class Chosen:
    """One filter that is set: `label` and `words` for people, `without` as the query of the book without it."""

    label: str
    words: str
    without: str


def filters(form: BookForm, query: Mapping[str, Any]) -> Iterator[Chosen]:
    """The filters of `form` that are set, of which `query` is what the address says."""
    for name, value in form.chosen().items():
        rest = urlencode({key: one for key, one in query.items() if key != name}, doseq=True)
        yield Chosen(str(form[name].label), _words(form[name], value), rest)


def _words(field: BoundField, value: Any) -> str:
    """What was chosen as the field offers it; what was typed as it was typed."""
    if isinstance(value, Decimal):
        return f"{value:,f}"
    named = dict(_flat(getattr(field.field, "choices", [])))
    return ", ".join(named.get(str(one), str(one)) for one in (value if isinstance(value, list) else [value]))


def _flat(choices: Any) -> Iterator[tuple[str, str]]:
    for value, name in choices:
        if isinstance(name, (list, tuple)):
            yield from _flat(name)
        else:
            yield str(value), str(name)
