"""Texts that would run as a script, in every field of words: every page of the console shows them as text."""

import re
from collections.abc import Iterator
from contextlib import suppress
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.test import Client

from accounts.foundation.records import Record
from accounts.portfolio.models import Account
from tests.api.hostile import texts
from tests.config.console.test_hostile import console, first_addresses, pages  # noqa: F401  (fixtures)

SCRIPTS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg onload=alert(1)>",
    "</textarea><b onmouseover=alert(1)>",
    "javascript:alert(1)",
    "');alert(1);//",
]
SHORTEST = 40
"""Shorter fields are codes, and hold no script."""
CODES = re.compile(
    r"(key|slug|username|password|.*_?zone|digest|secret|prefix|hash|object_(type|id)|verb|.*_key|rule|watch|.*fact|stage)"
    r"|(kind|page|query|function|fingerprint|limit|link|url|bucket|item|definition|decides|capped_by|pool|purpose)"
    r"|(use_case|complexity|account_state|pulse|subscriber|instead_of|detail|.*_(band|status|from))"
)
"""Fields that hold what code of ours wrote, or checked to be one of a few, whatever anybody types."""
OURS = {
    "Bell.name",
    "KeptPeriod.name",
    "AccountEvent.subject",
    "Delivery.reason",
    "Decision.reason",
    "Incident.subject",
}


def worded(model: type[models.Model]) -> list[Any]:
    """The fields of a model into which somebody may have typed words."""
    found = [one for one in model._meta.concrete_fields if isinstance(one, (models.CharField, models.TextField))]
    return [
        one
        for one in found
        if not one.choices
        and not one.is_relation
        and (one.max_length or SHORTEST) >= SHORTEST
        and not CODES.fullmatch(one.name)
        and f"{model.__name__}.{one.name}" not in OURS
        and one.name not in getattr(model, "SECRET", ())
    ]


@pytest.fixture
def infested(console: Client) -> int:  # noqa: F811
    """How many fields now hold such a text."""
    supply = SCRIPTS + [
        one for one in texts() if re.search(r"alert|onerror|javascript", one, re.I) and "\x00" not in one
    ]
    turn = 0
    for model in apps.get_models():
        if not issubclass(model, Record) or model.__name__ == "AuditEntry":
            continue
        newest = list(model._base_manager.order_by("-pk").values_list("pk", flat=True)[:3])
        for field in worded(model):
            fitting = [one for one in supply if len(one) <= (field.max_length or 10_000)]
            for pk in newest:
                turn += 1
                text = fitting[turn % len(fitting)]
                _put(model, pk, field, f"{text[:-3]}{turn:03}" if field.unique else text)
    return turn


def _put(model: type[models.Model], pk: Any, field: Any, text: str) -> None:
    """Writes `text` past everything that checks it, but for the database."""
    with suppress(IntegrityError), transaction.atomic():
        model._base_manager.filter(pk=pk).update(**{field.name: text})


class Running(HTMLParser):
    """What of a page would run that a text brought there."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.is_script = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_script = tag == "script" and dict(attrs).get("type") != "application/json"
        for name, value in attrs:
            runs = name.startswith(("on", "x-", ":", "@", "hx-on")) and "alert" in (value or "")
            leads = name in ("href", "src", "action", "formaction", "data") and re.match(
                r"[\s\x00-\x20]*(javascript|data|vbscript):(?!image)", value or "", re.I
            )
            if runs or leads:
                self.found.append(f"<{tag} {name}={value!r:.80}>")

    def handle_endtag(self, tag: str) -> None:
        self.is_script = False

    def handle_data(self, data: str) -> None:
        if self.is_script and "alert" in data:
            self.found.append(f"<script>{data[:80]}")


def wrong(client: Client, northwind: Account) -> Iterator[tuple[str, list[str], bool]]:
    for page, html in pages(client, first_addresses(northwind)):
        yield page.address, Running(html).found, "alert(" in html


def test_what_was_typed_is_shown_and_never_run(console: Client, northwind: Account, infested: int) -> None:  # noqa: F811
    looked = list(wrong(console, northwind))
    broken = [f"{address}: {found}" for address, found, _ in looked if found]
    assert not broken, "\n".join(broken)
    assert infested > 100
    assert len(looked) > 100
    assert sum(shows for _, _, shows in looked) > 40


@pytest.mark.parametrize(
    "page",
    [
        "<p><script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href=" javascript:alert(1)">',
        """<div x-data="{ a: '');alert(1);//' }">""",
    ],
)
def test_a_script_would_be_found(page: str) -> None:
    assert Running(page).found


@pytest.mark.parametrize(
    "page", ["<p>&lt;script&gt;alert(1)&lt;/script&gt;", '<a href="/admin/?q=javascript:alert(1)">']
)
def test_text_is_text(page: str) -> None:
    assert not Running(page).found
