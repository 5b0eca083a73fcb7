"""Every page of the console in a real browser: none breaks the content policy, and all can be used by everybody."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import Resolver404, resolve
from playwright.sync_api import Page

from accounts.facts.services import FactDraft, define
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from tests.api.test_lists import MADE
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LEAVES = re.compile(r"/admin/(logout|password_change|jsi18n|autocomplete)/|.*(\.csv|/download/)$")
"""Addresses that are no pages."""
OURS = ".hf"
"""What stands in it is ours; around it is the theme."""
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}
FEWEST = 70
"""So many kinds of pages there were when this was written; finding fewer would mean that the crawl went astray."""


@pytest.fixture
def root(northwind: Account, pump: Any) -> str:
    """Somebody who may open everything, in a console in which every list has a row."""
    for make in MADE.values():
        make(0)
    define(FactDraft("plan_name", "Plan", "text", "For the tests."), by=None, at=now())
    return person("root", role="administrator", group=None).username


def kind(address: str) -> str | None:
    """What page an address is, whichever row it shows; None where it is none of the console's."""
    path = address.partition("?")[0].partition("#")[0]
    if not path.startswith("/admin/") or LEAVES.match(path):
        return None
    try:
        found = resolve(path)
    except Resolver404:
        return None
    part = found.kwargs.get("part", "") or ("tab=" in address and address.rpartition("tab=")[2])
    return f"{found.view_name} {part or ''}".strip()


def addresses(page: Page) -> Iterator[str]:
    """Where the links of a page lead."""
    yield from page.eval_on_selector_all("a[href^='/admin/']", "links => links.map(link => link.getAttribute('href'))")
    here = page.url.split("/admin/")[1].partition("?")[0]
    hrefs = page.eval_on_selector_all("a[href^='?tab=']", "links => links.map(link => link.getAttribute('href'))")
    yield from (f"/admin/{here}{href}" for href in hrefs)


def test_no_page_breaks_the_policy_or_shuts_anybody_out(sign_in: Any, root: str) -> None:
    page = sign_in(root)
    page.set_default_timeout(20_000)
    seen: dict[str, str] = {}
    waiting, faults = ["/admin/"], []
    while waiting:
        address = waiting.pop(0)
        name = kind(address)
        if name is None or name in seen:
            continue
        seen[name] = address
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status < 400, address
        waiting += addresses(page)
        if page.query_selector(OURS):
            faults += [f"{address}: {fault}" for fault in _faults(page)]
    assert not faults, "\n".join(faults)
    assert len(seen) >= FEWEST, sorted(seen)


def _faults(page: Page) -> Iterator[str]:
    for found in Axe().run(page, context=OURS, options=RULES).response["violations"]:
        for node in found["nodes"]:
            yield f"{found['id']}: {found['help']}: {node['html'][:160]}"
