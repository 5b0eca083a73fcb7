"""An account executive completes a handoff item by item; the CSM returns one and accepts what was mended."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.handoffs import services
from retention.handoffs.models import Handoff
from tests.browser.test_csm_journey import keep
from tests.cast import person
from tests.retention.handoffs.handing import completed, of, won

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]


@pytest.fixture
def handoff(northwind: Account, amelia: User) -> Handoff:
    sal = person("sal", role="ae", group=None)
    portfolio.assign(northwind, part="ae", user=sal, by=None, at=now())
    return of(won(northwind, sal))


def on_a_phone(page: Page) -> None:
    """Nothing of the page lies beyond the edge of a phone; the work goes on there."""
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_she_saves_as_she_goes_and_adds_whom_she_needs(handoff: Handoff, sign_in: SignIn) -> None:
    page = sign_in("sal")
    page.get_by_role("link", name="Northwind Traders").first.click()
    page.wait_for_url("**/handoff/**")
    top = page.locator("#handoff-state")
    expect(top).to_contain_text(f"Still missing ({handoff.lacking})")
    page.locator("#value-use_cases").fill("Campaign reports")
    page.keyboard.press("Tab")
    expect(page.locator("#item-use_cases")).to_contain_text("Saved")
    expect(top).to_contain_text(f"Still missing ({handoff.lacking - 1})")
    champion = page.locator("#item-champion")
    champion.locator("select").select_option("new")
    champion.get_by_label("Name", exact=True).fill("Lena Ortiz")
    keep(page, "handoff-person")
    champion.get_by_role("button", name="Save").click()
    expect(champion).to_contain_text("Saved")
    expect(page.locator("#progress-buyer_roles")).to_contain_text("1 of 7")
    page.locator("#value-usage_target").fill("many")
    page.keyboard.press("Tab")
    expect(page.locator("#item-usage_target")).to_contain_text("Expected a number")
    keep(page, "handoff")
    on_a_phone(page)
    assert handoff.answers.filter(text="Campaign reports").exists()


def test_she_returns_one_item_and_accepts_what_was_mended(handoff: Handoff, sign_in: SignIn) -> None:
    sal = User.objects.get(username="sal")
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    page = sign_in("amelia")
    page.goto(f"/admin/retention/handoff/{handoff.pk}/change/")
    page.locator("#item-effort").get_by_label("Return").check()
    page.locator("#note-effort").fill("How many hours a week?")
    keep(page, "handoff-receiver")
    on_a_phone(page)
    page.get_by_role("button", name="Return what is ticked").click()
    expect(page.get_by_text("with 1 to mend")).to_be_visible()

    hers = sign_in("sal")
    hers.goto(f"/admin/retention/handoff/{handoff.pk}/change/")
    expect(hers.locator("#item-effort")).to_contain_text("How many hours a week?")
    hers.locator("#value-effort").fill("Four hours a week of two people")
    hers.keyboard.press("Tab")
    expect(hers.locator("#handoff-state")).to_contain_text("Nothing is missing")
    hers.get_by_role("button", name="Submit to Amelia").click()
    page.reload()
    page.get_by_role("button", name="Accept Northwind Traders").click()
    expect(page.get_by_text("is yours")).to_be_visible()
    assert Handoff.objects.get(pk=handoff.pk).state == "accepted"


def test_the_keyboard_goes_on_from_item_to_item_and_never_off_the_page(handoff: Handoff, sign_in: SignIn) -> None:
    page = sign_in("sal")
    page.goto(f"/admin/retention/handoff/{handoff.pk}/change/")
    page.locator("#value-use_cases").focus()
    page.keyboard.type("Campaign reports")
    page.keyboard.press("Tab")
    page.keyboard.type("before March")  # "b" alone would lead to the book
    expect(page.locator("#item-use_cases")).to_contain_text("Saved")
    expect(page.locator("#value-value_hypothesis")).to_have_value("before March")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#item-value_hypothesis")).to_contain_text("Saved")
    page.locator("#value-promises_made").focus()
    page.keyboard.press("Space")
    expect(page.locator("#item-promises_made")).to_contain_text("Saved")
    expect(page.locator("#value-promises_made")).to_be_focused()
    page.locator("#value-sow").set_input_files({"name": "sow.pdf", "mimeType": "application/pdf", "buffer": b"signed"})
    expect(page.locator("#item-sow")).to_contain_text("sow.pdf")
    assert "/handoff/" in page.url
    handoff.files.get().content.delete(save=False)
