"""A CSM works through her book: she looks at a part of it, changes several accounts at once, and keeps the view."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account, SavedFilter
from accounts.team.models import User
from accounts.touches.models import Pulse
from tests.browser.test_csm_journey import keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]


@pytest.fixture
def book(northwind: Account, sign_in: SignIn, amelia: User) -> Page:
    """Her book of two accounts, of which those without a next step are shown."""
    other = portfolio.create(name="Alder Works", by=None, at=now())
    portfolio.assign(other, part="csm", user=amelia, by=None, at=now())
    page = sign_in("amelia")
    page.goto("/admin/book/")
    expect(page.get_by_role("region", name="Chosen accounts")).to_be_hidden()
    page.get_by_role("navigation", name="Filters at hand").get_by_role("link", name="No next step").click()
    expect(page.get_by_text("Next step: None is set")).to_be_visible()
    return page


def test_she_narrows_her_book_and_changes_two_accounts_at_once(book: Page) -> None:
    page, bar = book, book.get_by_role("region", name="Chosen accounts")
    page.get_by_label("Tick all on this page").check()
    expect(bar).to_contain_text("2 chosen")
    page.get_by_label("Tick Alder Works").uncheck()
    expect(bar).to_contain_text("1 chosen")
    page.get_by_label("Tick Alder Works").check()
    bar.get_by_role("button", name="Set pulse").click()
    form = page.locator("#hf-dialog form")
    expect(form).to_contain_text("Alder Works, Northwind Traders")
    form.get_by_label("Watch").check()
    keep(page, "book-bulk")
    form.get_by_role("button", name="Set pulse").click()
    expect(page.get_by_text("Set pulse: done for 2 accounts.")).to_be_visible()
    expect(page.get_by_role("row", name="Alder Works")).to_contain_text("Watch")
    assert list(Pulse.objects.values_list("value", flat=True)) == ["amber", "amber"]


def test_she_keeps_what_she_looks_at_and_hands_an_account_on(book: Page, bruno: User) -> None:
    page, form = book, book.locator("#hf-dialog form")
    page.get_by_role("button", name="Save this filter").click()
    form.get_by_label("Name").fill("To plan")
    form.get_by_role("button", name="Save filter").click()
    expect(page.get_by_role("link", name="To plan")).to_be_visible()
    assert SavedFilter.objects.get().query == "step=missing"
    page.get_by_role("link", name="Without Next step").click()
    expect(page.get_by_text("Next step: None is set")).to_be_hidden()

    row = page.get_by_role("row", name="Alder Works")
    row.get_by_title("Change the CSM").click()
    row.get_by_label("CSM").select_option(label=str(bruno))
    row.get_by_role("button", name="Assign CSM").click()
    expect(page.get_by_text(f"{bruno} is the CSM of Alder Works.")).to_be_visible()
    expect(row).to_be_hidden()
