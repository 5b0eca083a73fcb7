"""A CSM's day: from her home to the work, its reason, its outcome, and the timeline that tells it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect

from accounts.portfolio.models import Account
from accounts.team.models import User
from plays.definitions.models import Play
from plays.runs.models import Run
from retention.work.models import WorkItem
from tests.cast import send, usage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TITLE = "Call Northwind Traders about the drop in use"


@pytest.fixture
def dropped(
    transactional_db: Any, client: Client, ingest_key: str, northwind: Account, usage_drop: Play, pump: Any
) -> WorkItem:
    send(client, ingest_key, usage())
    pump()
    return WorkItem.objects.get()


def keep(page: Page, name: str) -> None:
    """A screenshot for people to look at."""
    folder = Path(settings.STATIC_ROOT).parent / "screens"
    folder.mkdir(exist_ok=True)
    page.screenshot(path=folder / f"journey-{name}.png", full_page=True)


def test_she_reads_why_does_it_and_closes_it(
    dropped: WorkItem, sign_in: Callable[[str], Page], amelia: User, pump: Any
) -> None:
    page = sign_in("amelia")
    expect(page.get_by_role("heading", name="My work")).to_be_visible()
    attention = page.get_by_role("region", name="Accounts that need attention")
    expect(attention).to_contain_text("Usage drop: Change in active users −83 %")
    keep(page, "home")

    page.locator("#home-work").get_by_role("link", name=TITLE).click()
    why = page.get_by_role("region", name="Why it came")
    expect(why).to_contain_text("Change in active users is below −30 %")
    expect(why).to_contain_text("−83 %")
    keep(page, "work")

    page.get_by_label("Spoke, next step agreed").check()
    page.get_by_label("What did you learn?").fill("New head of operations; training on Thursday.")
    page.get_by_role("button", name="Close work").click()
    expect(page.get_by_text("is closed: Spoke, next step agreed")).to_be_visible()
    expect(page.get_by_text("Nothing is waiting for you.")).to_be_visible()

    pump()
    assert Run.objects.get().state == Run.State.ENDED
    page.goto(f"/admin/accounts/account/{dropped.account_id}/change/?tab=timeline")
    told = page.get_by_role("region", name="Timeline")
    expect(told).to_contain_text(f"{TITLE}: Spoke, next step agreed")
    expect(told).to_contain_text("Play Usage drop ended")
    keep(page, "timeline")


def test_the_account_page_says_what_is_known_and_where_it_stands(
    dropped: WorkItem, sign_in: Callable[[str], Page], amelia: User
) -> None:
    page = sign_in("amelia")
    page.get_by_role("region", name="Accounts that need attention").get_by_role("link", name="Northwind").click()
    known = page.get_by_role("region", name="What we know")
    expect(known).to_contain_text("Change in active users")
    expect(known).to_contain_text("−83 %")
    known.locator("details[open] > details > summary", has_text="unknown").first.click()
    expect(known.locator("details[open] .hf-unknown").first).to_be_visible()
    expect(page.get_by_role("region", name="Lifecycle stage")).to_contain_text("in no stage yet")
    expect(page.get_by_role("region", name="Open work")).to_contain_text(TITLE)
    keep(page, "account")


def test_dismissing_without_a_word_is_refused_and_keeps_what_was_chosen(
    dropped: WorkItem, sign_in: Callable[[str], Page], amelia: User
) -> None:
    page = sign_in("amelia")
    page.locator("#home-work").get_by_role("link", name=TITLE).click()
    page.get_by_label("False alarm").check()
    page.get_by_role("button", name="Close work").click()
    expect(page.get_by_text("Say in a sentence why it was not needed")).to_be_visible()
    expect(page.get_by_label("False alarm")).to_be_checked()
    dropped.refresh_from_db()
    assert dropped.is_open


def test_keys_lead_through_the_daily_work(dropped: WorkItem, sign_in: Callable[[str], Page], amelia: User) -> None:
    page = sign_in("amelia")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    page.keyboard.press("c")
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("is closed: Spoke, next step agreed")).to_be_visible()


def test_a_csm_of_another_team_sees_none_of_it(dropped: WorkItem, sign_in: Callable[[str], Page], carla: User) -> None:
    page = sign_in("carla")
    expect(page.get_by_text("Nothing is waiting for you.")).to_be_visible()
    expect(page.locator("body")).not_to_contain_text("Northwind")
    for path in (
        f"/admin/accounts/account/{dropped.account_id}/change/",
        f"/admin/retention/workitem/{dropped.pk}/change/",
    ):
        response = page.goto(path)
        assert response is not None
        assert response.status == 404
        expect(page.locator("body")).not_to_contain_text("Northwind")
    page.goto("/admin/accounts/account/")
    expect(page.locator("#content")).not_to_contain_text("Northwind")
