"""A manager sees what ran out of time and who carries how much, and gives a piece of work to somebody else."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.slas import clocks
from retention.work import services as work
from retention.work.models import WorkItem
from tests.browser.test_csm_journey import keep
from tests.cast import person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LONG_AGO = dt.timedelta(days=9)


@pytest.fixture
def late(northwind: Account, amelia: User, bruno: User) -> WorkItem:
    """Amelia was given a day, nine days ago; by now the leaders have heard of it."""
    values = {"title": "Answer their question", "within": "1 bd", "assignee": amelia}
    item = work.open_item(northwind, **values, by=None, at=now() - LONG_AGO)  # type: ignore[arg-type]
    while clocks.advance():
        pass
    return item


def test_she_sees_what_ran_out_of_time_and_reassigns_it(late: WorkItem, sign_in: Callable[[str], Page]) -> None:
    anna = person("anna", role="csm", group=late.assignee.team)  # type: ignore[union-attr]
    portfolio.assign(late.account, part="backup", user=anna, by=None, at=now())
    page = sign_in("bruno")
    out_of_time = page.get_by_role("region", name="Out of time")
    expect(out_of_time).to_contain_text("Amelia Tester · told to the leaders")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    load = page.get_by_role("region", name="My team")
    expect(load.get_by_role("row", name="Amelia Tester")).to_contain_text("1")
    keep(page, "manager-home")
    load.get_by_role("link", name="Their work").click()
    page.get_by_role("button", name="Delegate Answer their question").click()
    dialog = page.locator("#hf-dialog")
    dialog.locator("select").select_option(str(anna.pk))
    dialog.get_by_role("button", name="Delegate").click()
    expect(page.locator("#work-list")).to_contain_text("for Anna Tester")
    late.refresh_from_db()
    assert late.assignee == anna
