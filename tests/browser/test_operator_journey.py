"""An operator's morning: she mends a dimension in the builder, changes a weight of health, and looks at a stage."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.team.models import User
from retention.health.models import HealthModel
from retention.lifecycle.models import AccountStage, Lifecycle
from retention.segments.models import AccountSegment, Dimension
from tests.browser.test_csm_journey import keep
from tests.retention.evaluation.facts import DAY, evaluate, know
from tests.retention.health.book import settle

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]
VALUE = re.compile(r"^Value of the first comparison(, .*)?$")
SIZES = {"Adatum": 900, "Contoso": 480, "Fabrikam": 60, "Northwind": 12, "Tailspin": None}


@pytest.fixture
def book(olga: User) -> list[Account]:
    """Five accounts of different sizes; one has been in its stage for too long."""
    at = now()
    found = [portfolio.create(name=name, by=None, at=at, employees=size) for name, size in SIZES.items()]
    settle(at)
    for account, size in zip(found, SIZES.values(), strict=True):
        know(account, employees=size, closed_won_at=at, active_users_30d=10 * len(account.name))
    evaluate(at)
    AccountStage.objects.filter(account=found[0], lifecycle__is_primary=True).update(since=at - 70 * DAY)
    return found


def segments(dimension: Dimension) -> dict[str, str]:
    rows = AccountSegment.objects.filter(dimension=dimension).select_related("account", "segment")
    return {row.account.name: row.segment.key for row in rows}


def test_she_edits_a_dimension_is_told_of_a_gap_mends_it_and_publishes(book: list[Account], sign_in: SignIn) -> None:
    page, size = sign_in("olga"), Dimension.objects.get(key="company_size")
    page.goto(f"/admin/retention/dimension/{size.pk}/edit/")
    solo = page.locator("details.hf-fold", has=page.get_by_role("heading", name="Solo", exact=True))
    expect(solo.locator("summary").first).to_contain_text("0 accounts")
    solo.locator("summary").first.press("Enter")
    builder = solo.locator(".hf-builder")
    expect(builder.locator(".hf-builder-effect")).to_contain_text("0 of 5 accounts match now.")
    value = builder.get_by_label(VALUE)
    value.fill("1")
    page.get_by_role("button", name="Show what would change").click()
    plan = page.get_by_role("region", name="What publishing this would do")
    expect(plan).to_contain_text("An account with Employees 1 belongs nowhere")
    keep(page, "operator-gap")

    value.fill("50")
    builder.get_by_role("button", name="Add a group", exact=True).click()
    builder.get_by_label("Fact of the first comparison of the first group").fill("employees")
    builder.get_by_role("option", name="Employees").first.click()
    builder.get_by_label("Comparison of the first comparison of the first group").select_option(label="is below")
    builder.get_by_label("Value of the first comparison of the first group").fill("2")
    expect(builder.locator("details.hf-builder-json").first).not_to_have_attribute("open", "")
    expect(builder.locator(".hf-builder-effect")).to_contain_text("0 of 5 accounts match now.")
    enterprise = page.locator("details.hf-fold", has=page.get_by_role("heading", name="Enterprise", exact=True))
    enterprise.locator("summary").first.press("Enter")
    limit = enterprise.get_by_label(VALUE)
    limit.fill("400")
    expect(enterprise.locator(".hf-builder-effect")).to_contain_text("2 of 5 accounts match now.")
    expect(page.locator(".hf-live")).to_contain_text("1 of 5 accounts would move. Mid-market → Enterprise: 1 (Contoso)")
    expect(enterprise.locator("summary").first).to_contain_text("1 → 2 accounts")
    page.get_by_role("button", name="Show what would change").click()
    expect(plan).to_contain_text("1 of 5 accounts (20 %) move to another segment.")
    expect(plan).not_to_contain_text("belongs nowhere")
    expect(plan).to_contain_text("Contoso")
    keep(page, "operator-plan")
    page.get_by_label("I have looked at what stands above").check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Company size is published as version 2.")).to_be_visible()
    keep(page, "operator-dimension")
    assert segments(size)["Contoso"] == "enterprise"


def test_she_changes_a_weight_after_seeing_the_scores_before_and_after(book: list[Account], sign_in: SignIn) -> None:
    page, model = sign_in("olga"), HealthModel.objects.get(key="onboarding")
    page.goto(f"/admin/retention/healthmodel/{model.pk}/edit/")
    weights = page.get_by_label("Weight", exact=True)
    weights.nth(0).fill("25")
    page.get_by_role("button", name="Look at what it does").click()
    expect(page.get_by_text("add up to 90 and must add up to 100: add 10")).to_be_visible()
    weights.nth(1).fill("35")
    page.get_by_role("button", name="Look at what it does").click()
    expect(page.get_by_role("img", name="How scores spread before and after")).to_be_visible()
    one = page.get_by_role("region", name="One account, before and after")
    expect(one.get_by_role("row").filter(has_text="Due items on time")).to_contain_text("35 → 25")
    keep(page, "operator-health")
    sure = page.get_by_label("I have looked at what stands above, and want it so")
    if sure.count():
        sure.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()
    expect(page.get_by_text("Due items on time: weight 35 became 25.").first).to_be_visible()


def test_she_adds_a_measure_and_takes_one_away(book: list[Account], sign_in: SignIn) -> None:
    page, model = sign_in("olga"), HealthModel.objects.get(key="onboarding")
    page.goto(f"/admin/retention/healthmodel/{model.pk}/edit/")
    page.get_by_text("Add a measure", exact=True).click()
    new = page.locator("details.hf-new-measure").first
    new.get_by_label("What it is about").fill("Size of the firm")
    new.get_by_label("Weight", exact=True).fill("5")
    new.get_by_label("Its points follow from").select_option("deductions")
    expect(new.get_by_label("Fact", exact=True)).to_be_hidden()
    new.get_by_text("Condition 1", exact=True).click()
    new.get_by_label("Points of condition 1").fill("30")
    new.get_by_role("button", name="Add a comparison", exact=True).first.click()
    new.get_by_label("Fact of the first comparison").first.fill("employees")
    new.get_by_role("option", name="Employees").first.click()
    new.get_by_label(VALUE).first.fill("many")
    gone = page.locator("li", has=page.get_by_role("heading", name="Support risk", exact=True))
    gone.get_by_label("Take this measure away").check()
    page.get_by_role("button", name="Look at what it does").click()
    expect(page.get_by_text("Something is not right yet")).to_be_visible()
    new.get_by_label(VALUE).first.fill("50")
    page.get_by_role("button", name="Look at what it does").click()
    one = page.get_by_role("region", name="One account, before and after")
    expect(one.get_by_role("row").filter(has_text="Size of the firm")).to_be_visible()
    keep(page, "operator-measure")
    sure = page.get_by_label("I have looked at what stands above, and want it so")
    if sure.count():
        sure.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()
    expect(page.get_by_text("Size of the firm counts, with weight 5.").first).to_be_visible()
    expect(page.get_by_text("Support risk no longer counts.").first).to_be_visible()


def test_she_adds_a_cap_in_the_builder(book: list[Account], sign_in: SignIn) -> None:
    page, model = sign_in("olga"), HealthModel.objects.get(key="established")
    page.goto(f"/admin/retention/healthmodel/{model.pk}/edit/")
    page.get_by_text("Add a cap", exact=True).click()
    new = page.locator("li", has=page.get_by_text("Add a cap", exact=True))
    new.get_by_label("What it is about").fill("Nobody has signed in for a month")
    new.get_by_label("At most, points").fill("55")
    new.get_by_role("button", name="Add a comparison", exact=True).click()
    new.get_by_label("Fact of the first comparison").fill("active users")
    new.get_by_role("option", name="Active users").first.click()
    new.get_by_label("Value of the first comparison").fill("0")
    page.get_by_role("button", name="Look at what it does").click()
    expect(page.get_by_role("heading", name="What it does")).to_be_visible()
    keep(page, "operator-cap")
    sure = page.get_by_label("I have looked at what stands above, and want it so")
    if sure.count():
        sure.check()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 2 is published.")).to_be_visible()
    latest = model.versions.first()
    assert latest is not None
    added = latest.caps.get(key="nobody_has_signed_in_for_a_month")
    assert (added.at_most, added.when["fact"]) == (55, "active_users_30d")


def test_she_sees_who_is_stuck_in_a_stage(book: list[Account], sign_in: SignIn) -> None:
    page, lifecycle = sign_in("olga"), Lifecycle.objects.get(is_primary=True)
    page.goto(f"/admin/retention/lifecycle/{lifecycle.pk}/change/")
    page.get_by_role("link", name="Closed won").first.click()
    expect(page.get_by_text("Accountable").first).to_be_visible()
    row = page.get_by_role("row").filter(has_text="Adatum")
    expect(row).to_contain_text("Stuck")
    expect(row).to_contain_text("70")
    keep(page, "operator-stage")
