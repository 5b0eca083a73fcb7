"""An operator builds a condition with the JSON view closed, sees the count change, publishes, and accounts move."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.team.models import User
from plays.definitions.models import Play
from plays.definitions.services import current
from retention.lifecycle.models import AccountStage, Lifecycle, LifecycleVersion
from tests.browser.test_csm_journey import keep
from tests.retention.evaluation.facts import evaluate, know

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]


@pytest.fixture
def lifecycle(olga: User) -> Lifecycle:
    """The starter's, with four accounts that are won; two of them are used by many."""
    for number in range(4):
        account = portfolio.create(name=f"Account {number}", by=None, at=now())
        know(account, closed_won_at=now(), active_users_30d=30 if number < 2 else 2, region="Europe")
    evaluate(now())
    return Lifecycle.objects.get(is_primary=True)


def edit(page: Page, lifecycle: Lifecycle, stage: str) -> None:
    page.goto(f"/admin/retention/lifecycle/{lifecycle.pk}/stages/{stage}/edit/")
    expect(page.get_by_label("Fact of the first comparison", exact=True).first).to_be_visible()


def latest(lifecycle: Lifecycle) -> LifecycleVersion:
    found = lifecycle.versions.first()
    assert found is not None
    return found


def stages() -> dict[str, str]:
    rows = AccountStage.objects.filter(lifecycle__is_primary=True).select_related("account", "stage")
    return {row.account.name: row.stage.key if row.stage else "" for row in rows}


def add_group_of_the_used(page: Page) -> None:
    """A group with one comparison, of which the value is first a wrong one."""
    builder = page.locator(".hf-builder").first
    count = builder.locator(".hf-builder-effect")
    builder.get_by_role("button", name="Add a group", exact=True).click()
    fact = builder.get_by_label("Fact of the first comparison of the first group")
    expect(fact).to_be_focused()
    fact.fill("active users")
    builder.get_by_role("option", name="Active users").first.click()
    builder.get_by_label("Comparison of the first comparison of the first group").select_option(label="is at least")
    builder.get_by_label("Value of the first comparison of the first group").fill("many")
    expect(builder.get_by_text("Expected a number such as 30")).to_be_visible()
    builder.get_by_label("Value of the first comparison of the first group").fill("10")
    expect(count).to_contain_text("2 of 4 accounts match now.")
    expect(count).to_contain_text("Active users 30 (is at least 10)")
    expect(builder.locator("details.hf-builder-json").first).not_to_have_attribute("open", "")
    keep(page, "builder")


def test_she_nests_a_condition_sees_the_count_publishes_and_accounts_move(
    lifecycle: Lifecycle, sign_in: SignIn
) -> None:
    page = sign_in("olga")
    edit(page, lifecycle, "onboarded")
    builder = page.locator(".hf-builder").first
    count = builder.locator(".hf-builder-effect")
    expect(count).to_contain_text("0 of 4 accounts match now.")
    for name in ("third comparison", "first group", "second comparison"):
        builder.get_by_role("button", name=f"Remove the {name}", exact=True).click()
    expect(builder.locator(".hf-rule--leaf")).to_have_count(1)
    expect(count).to_contain_text("4 of 4 accounts match now.")

    add_group_of_the_used(page)
    page.get_by_role("button", name="Show what changes").click()
    expect(page.get_by_text("2 of 4 accounts would move")).to_be_visible()
    expect(page.get_by_text("More than a fifth")).to_be_visible()
    keep(page, "builder-plan")
    page.get_by_label("Yes, publish it").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is in force")).to_be_visible()
    assert latest(lifecycle).stages.get(key="onboarded").enter == {
        "all": [
            {"fact": "closed_won_at", "operator": "isKnown"},
            {"any": [{"fact": "active_users_30d", "operator": "greaterThanInclusive", "value": 10}]},
        ]
    }
    assert stages() == {
        "Account 0": "onboarded",
        "Account 1": "onboarded",
        "Account 2": "closed_won",
        "Account 3": "closed_won",
    }


def test_by_keyboard_alone(lifecycle: Lifecycle, sign_in: SignIn) -> None:
    page = sign_in("olga")
    edit(page, lifecycle, "closed_won")
    keys = page.keyboard
    page.get_by_label("Fact of the first comparison", exact=True).first.focus()
    keys.press("Alt+Enter")
    expect(page.get_by_label("Fact of the second comparison", exact=True)).to_be_focused()
    keys.type("region")
    keys.press("Enter")
    expect(page.get_by_label("Comparison of the second comparison", exact=True)).to_be_focused()
    keys.press("Tab")
    keys.type("Europe")
    keys.press("Alt+n")
    keys.press("Alt+g")
    expect(page.get_by_label("How the first group is read")).to_be_focused()
    keys.press("Alt+ArrowUp")
    expect(page.get_by_label("How the first group is read")).to_be_focused()
    page.get_by_label("Fact of the first comparison of the first group").focus()
    keys.press("Alt+Enter")
    expect(page.get_by_label("Fact of the second comparison of the first group")).to_be_focused()
    keys.press("Alt+Delete")
    expect(page.get_by_label("Fact of the first comparison of the first group")).to_be_focused()
    page.get_by_label("Name", exact=True).focus()
    keys.press("Control+Enter")
    expect(page.get_by_text("accounts would move")).to_be_visible()
    page.get_by_label("Yes, publish it").focus()
    keys.press("Space")
    keys.press("Control+Enter")
    expect(page.get_by_text("Version 2 is in force")).to_be_visible()
    assert latest(lifecycle).stages.get(key="closed_won").enter == {
        "all": [
            {"any": [{"not": {"fact": "region", "operator": "equal", "value": "Europe"}}]},
            {"fact": "closed_won_at", "operator": "isKnown"},
        ]
    }
    assert set(stages().values()) == {""}


def test_rows_and_json_stay_in_step_and_what_rows_cannot_show_is_kept(lifecycle: Lifecycle, sign_in: SignIn) -> None:
    page = sign_in("olga")
    play = Play.objects.get(key="usage_drop")
    page.goto(f"/admin/plays/play/{play.pk}/trigger/")
    builder = page.locator(".hf-builder").first
    expect(builder.get_by_label("Value of the first comparison, %")).to_have_value("-30")
    text = builder.locator("textarea")
    assert '"value": -0.3' in text.input_value()
    builder.get_by_text("As JSON").click()
    text.fill('{"not": {"any": [{"fact": "arr", "operator": "in", "value": [1000, 2.5]}]}}')
    expect(builder.get_by_label("How the whole condition is read")).to_have_value("not-any")
    expect(builder.get_by_text("2.5", exact=True)).to_be_visible()
    text.fill('{"all": [], "any": []}')
    expect(builder.get_by_text("This cannot be shown as rows")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(builder.get_by_text("This cannot be shown as rows")).to_be_visible()
    assert "any" in text.input_value()
    text.fill('{"fact": "arr", "operator": "lessThan", "value": 500, "heldFor": {"days": 3}}')
    expect(builder.get_by_label("Days for which the first comparison must have held")).to_have_value("3")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is in force")).to_be_visible()
    version: Any = current(play)
    assert version.trigger == {"fact": "arr", "operator": "lessThan", "value": 500, "heldFor": {"days": 3}}
