"""A day with My work: by keyboard, undone once, many at once, on a phone; and the manager's view of the team."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.work import services as work
from retention.work.models import WorkItem
from tests.browser.test_csm_journey import keep

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
MINE = "/admin/retention/workitem/mine/"
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def items(northwind: Account, amelia: User) -> list[WorkItem]:
    """Two pieces of work without a clock, and one with."""
    at = now()
    found = [
        work.open_item(northwind, title=title, due_at=at + due, assignee=amelia, by=None, at=at)
        for title, due in (("Call the champion", -HOUR), ("Send the agenda", 30 * HOUR))
    ]
    return [
        *found,
        work.open_item(northwind, title="Answer their question", within="1 bd", assignee=amelia, by=None, at=at),
    ]


def test_she_goes_through_her_day_by_keyboard(items: list[WorkItem], sign_in: Callable[[str], Page]) -> None:
    page = sign_in("amelia")
    page.goto(MINE)
    expect(page.get_by_role("region", name="Overdue")).to_contain_text("Call the champion")
    expect(page.locator("#work-list")).to_contain_text("left.")
    keep(page, "my-work")

    page.keyboard.press("j")
    page.keyboard.press("s")
    page.get_by_role("button", name=re.compile("^Tomorrow")).click()
    expect(page.locator("#work-list")).not_to_contain_text("Call the champion")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#work-list")).to_contain_text("Call the champion")

    page.locator(f"#work-{items[0].pk} [data-open]").focus()
    page.keyboard.press("c")
    page.get_by_label("Spoke, cause resolved").check()
    page.get_by_role("spinbutton", name="Minutes spent").fill("20")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#work-list")).not_to_contain_text("Call the champion")
    items[0].refresh_from_db()
    assert (items[0].outcome, items[0].minutes) == ("resolved", 20)


def test_many_are_snoozed_at_once_on_a_phone(items: list[WorkItem], sign_in: Callable[[str], Page]) -> None:
    page = sign_in("amelia")
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(MINE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    keep(page, "my-work-phone")
    for item in items[:2]:
        page.locator(f"#work-{item.pk} input[name=ids]").check()
    page.get_by_role("button", name="Snooze ticked").click()
    expect(page.locator("#hf-dialog")).to_contain_text("2 pieces of work")
    page.get_by_role("button", name="In a week").click()
    expect(page.locator("#work-list")).not_to_contain_text("Send the agenda")
    assert WorkItem.objects.filter(snoozed_until=None).count() == 1


def test_the_manager_sees_the_load_of_the_team(
    items: list[WorkItem], bruno: User, sign_in: Callable[[str], Page]
) -> None:
    page = sign_in("bruno")
    expect(page.get_by_role("region", name="My team")).to_contain_text("Amelia Tester")
    page.goto(f"{MINE}?view=team")
    expect(page.locator("#work-list")).to_contain_text("for Amelia Tester")
    keep(page, "team-work")
