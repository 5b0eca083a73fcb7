"""Chromium, signed in, watching for anything a user would not want to happen."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the driver runs an event loop in this thread

# Which database is behind them makes no difference to what pages look like, and they are many.
collect_ignore = ["test_every_page.py"] if os.environ.get("TEST_DATABASE_URL", "").startswith("postgres") else []
expect.set_options(timeout=30_000)  # of milliseconds: a machine that runs all tests at once takes its time
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless Chromium for the session; the machine's own, never a download."""
    if CHROMIUM is None:
        pytest.skip("Browser journeys need Chromium; install the package chromium to run them.")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=quiet)
        yield chromium
        chromium.close()


@pytest.fixture
def sign_in(browser: Browser, live_server: Any) -> Iterator[Callable[[str], Page]]:
    """Signs a user of the cast in; fails the test when a page reported an error or broke the content policy."""
    troubles: list[str] = []
    contexts = []

    def open_page(username: str) -> Page:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.goto("/admin/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", f"{username}-pass-1")
        page.press("[name=password]", "Enter")
        page.wait_for_url("**/admin/")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not [text for text in troubles if "Failed to load resource" not in text]
