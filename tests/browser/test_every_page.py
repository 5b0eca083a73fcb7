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
AXE = Axe()
OURS = ".hf"
"""What stands in it is ours; around it is the theme."""
RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]},
    "resultTypes": ["violations"],  # what is in order is not told node by node, which takes longer than finding it
}
THEME: dict[str, str] = {}
"""Rule → why the theme breaks it and we let it; `docs/accessibility.md` has the same list."""
FRAMED = ("/admin/", "/admin/accounts/account/", "/admin/accounts/account/add/", "/admin/password_change/")
"""Pages that differ in what the theme puts on them."""
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
    """Two windows take turns: one loads a page while the other is looked through."""
    windows = [sign_in(root), sign_in(root)]
    seen: dict[str, str] = {}
    looking: dict[Page, str] = {}
    waiting, faults = ["/admin/"], []
    while waiting:
        address = waiting.pop(0)
        name = kind(address)
        if name is None or name in seen:
            continue
        seen[name] = address
        page = windows[len(seen) % 2]
        if page in looking:
            faults += [f"{looking[page]}: {fault}" for _, fault in found_on(page)]
            del looking[page]
        answer = page.goto(address, wait_until="load")
        assert answer is not None
        assert answer.status < 400, address
        waiting += addresses(page)
        if page.query_selector(OURS):
            look(page, OURS)
            looking[page] = address
    faults += [f"{address}: {fault}" for page, address in looking.items() for _, fault in found_on(page)]
    assert not faults, "\n".join(faults)
    assert len(seen) >= FEWEST, sorted(seen)


def test_the_theme_breaks_only_what_is_listed(sign_in: Any, northwind: Account, pump: Any) -> None:
    page = sign_in(person("root", role="administrator", group=None).username)
    found: dict[str, str] = {}
    for address in FRAMED:
        page.goto(address, wait_until="load")
        look(page, {"exclude": [[OURS]]})
        found |= {rule: f"{address}: {fault}" for rule, fault in found_on(page)}
    assert found.keys() == THEME.keys(), "\n".join(found.values())


def look(page: Page, part: Any) -> None:
    """Begins to look through a part of a page, and goes on by itself."""
    page.evaluate(AXE.axe_script)
    page.evaluate("([part, rules]) => { window.looking = axe.run(part, rules) }", [part, RULES])


def found_on(page: Page) -> Iterator[tuple[str, str]]:
    """Rule and what breaks it, of all that was looked through."""
    for found in page.evaluate("() => window.looking.then(found => found.violations)"):
        for node in found["nodes"]:
            yield found["id"], f"{found['id']}: {found['help']}: {node['html'][:160]}"
