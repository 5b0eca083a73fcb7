"""Keeping in touch, as a CSM does it: from the book, from the account page, and taken back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.stakeholders import services as stakeholders
from accounts.team.models import User
from accounts.touches.models import NextStep, Pulse, Touch
from accounts.touches.queries import open_step
from tests.browser.test_csm_journey import keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]


def log_touch_form(page: Page):  # noqa: ANN201
    return page.locator("#hf-dialog form")


def test_she_logs_a_touch_from_the_book_and_takes_it_back(northwind: Account, sign_in: SignIn, amelia: User) -> None:
    stakeholders.add(northwind, name="Ada Moreau", roles=["champion"], by=None, at=now())
    page = sign_in("amelia")
    page.goto("/admin/book/")
    row = page.get_by_role("row", name="Northwind Traders")
    expect(row).to_contain_text("none logged")
    row.get_by_role("button", name="Log a touch with Northwind Traders").click()
    form = log_touch_form(page)
    expect(form.get_by_label("What was said")).to_be_focused()
    form.get_by_label("Ada Moreau").check()
    form.get_by_label("What was said").fill("Happy; wants training.")
    form.get_by_label("Next step").fill("Book the training")
    form.get_by_label("Pulse").select_option("Good")
    keep(page, "log-touch")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Call with Northwind Traders is logged.")).to_be_visible()
    expect(row).to_contain_text("Book the training")
    expect(row).to_contain_text("Good")
    expect(row).not_to_contain_text("none logged")
    keep(page, "book")

    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Taken back.")).to_be_visible()
    expect(row).to_contain_text("none logged")
    expect(row).not_to_contain_text("Book the training")
    assert not Touch.objects.exists()


def test_next_step_and_pulse_change_in_the_row(northwind: Account, sign_in: SignIn, amelia: User) -> None:
    page = sign_in("amelia")
    page.goto("/admin/book/")
    row = page.get_by_role("row", name="Northwind Traders")
    row.get_by_title("Change the next step").click()
    row.get_by_label("Next step").fill("Call the sponsor")
    keep(page, "book-inline")
    page.keyboard.press("Enter")
    expect(row.get_by_role("button", name="Call the sponsor")).to_be_focused()
    row.get_by_title("Change the pulse").click()
    expect(row.get_by_label("Good")).to_be_focused()
    page.keyboard.press("Escape")
    expect(row.get_by_title("Change the pulse")).to_be_focused()
    row.get_by_title("Change the pulse").click()
    row.get_by_label("At risk").check()
    row.get_by_role("button", name="Set pulse").click()
    expect(page.get_by_text("Pulse of Northwind Traders is set to At risk.")).to_be_visible()
    expect(row).to_contain_text("At risk")
    assert (NextStep.objects.get().text, Pulse.objects.get().value) == ("Call the sponsor", "red")


def test_from_the_account_page_by_key_and_nothing_is_lost_on_a_mistake(
    northwind: Account, sign_in: SignIn, amelia: User
) -> None:
    page = sign_in("amelia")
    page.goto(f"/admin/accounts/account/{northwind.pk}/change/")
    page.keyboard.press("t")
    form = log_touch_form(page)
    expect(form.get_by_label("Account", exact=True)).to_have_value("Northwind Traders")
    form.get_by_label("What was said").fill("Long call about the renewal.")
    form.get_by_label("Until").fill("2030-01-01")
    form.get_by_role("button", name="Log touch").click()
    expect(form.get_by_text("Say what is to be done until then")).to_be_visible()
    expect(form.get_by_label("What was said")).to_have_value("Long call about the renewal.")

    page.route("**/touch/log/", lambda route: route.abort())
    form.get_by_label("Next step").fill("Send the offer")
    form.get_by_role("button", name="Log touch").click()
    expect(form.get_by_text("Nothing is lost")).to_be_visible()
    page.unroute("**/touch/log/")
    form.get_by_role("button", name="Log touch").click()
    rail = page.get_by_role("region", name="Keep in touch")
    expect(rail).to_contain_text("Send the offer")
    expect(page.get_by_role("region", name="Lately")).to_contain_text("Long call about the renewal.")
    step = open_step(northwind)
    assert step is not None
    page.get_by_role("button", name="Undo").click()
    expect(rail).to_contain_text("none is set")
    assert not Touch.objects.exists()


def test_from_any_page_she_finds_the_account_by_its_letters(northwind: Account, sign_in: SignIn, amelia: User) -> None:
    page = sign_in("amelia")
    page.goto("/admin/accounts/stakeholder/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_contain_text("Log a touch")
    page.keyboard.press("Escape")
    page.keyboard.press("t")
    form = log_touch_form(page)
    form.get_by_label("What was said").fill("Typed before the account")
    form.get_by_role("combobox", name="Account").fill("wind")
    form.get_by_role("option", name="Northwind Traders").click()
    expect(form.get_by_label("What was said")).to_have_value("Typed before the account")
    form.get_by_role("button", name="Log touch").click()
    expect(page.get_by_text("Call with Northwind Traders is logged.")).to_be_visible()
    assert Touch.objects.get().account == northwind
