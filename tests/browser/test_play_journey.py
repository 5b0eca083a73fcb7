"""An operator writes a whole play in the console, looks at what it would do, publishes it and activates it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.team.models import User
from plays.definitions.models import Play
from plays.definitions.services import current
from tests.retention.evaluation.facts import evaluate, know

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SignIn = Callable[[str], Page]


def say_when(page: Page) -> None:
    """Fewer than five active users, with the builder."""
    builder = page.locator(".hf-builder").first
    builder.get_by_role("button", name="Add a comparison", exact=True).click()
    fact = builder.get_by_label("Fact of the first comparison")
    fact.fill("active users")
    builder.get_by_role("option", name="Active users").first.click()
    builder.get_by_label("Comparison of the first comparison").select_option(label="is below")
    builder.get_by_label("Value of the first comparison").fill("5")


def test_an_operator_writes_a_play(sign_in: SignIn, olga: User, amelia: User) -> None:
    account = portfolio.create(name="Kestrel", by=None, at=now())
    portfolio.assign(account, part="csm", user=amelia, by=None, at=now())
    know(account, active_users_30d=2)
    evaluate(now())
    page = sign_in(olga.username)
    page.goto("/admin/plays/play/")
    page.get_by_role("link", name="New play").click()
    page.get_by_label("Name", exact=True).fill("Quiet account")
    page.get_by_label("Purpose").fill("Talk to them.")
    say_when(page)
    page.get_by_label("Title").fill("Call {account}")
    page.get_by_role("button", name="Add a notification").click()
    expect(page.get_by_role("heading", name="Step 2")).to_be_visible()
    expect(page.get_by_label("Value of the first comparison").first).to_have_value("5")
    page.get_by_role("button", name="Show what it would do").last.click()
    expect(page.get_by_text("This field is required.").first).to_be_visible()
    page.get_by_label("Due within").first.fill("2")
    page.get_by_label("Title").last.fill("{account} is quiet")
    page.get_by_label("To", exact=True).select_option(label="Account executive")
    page.get_by_role("button", name="Show what it would do").last.click()
    plan = page.locator("#plan")
    expect(plan).to_contain_text("It is true now for 1 account")
    expect(plan).to_contain_text(f"{amelia}: 1")
    expect(plan.get_by_role("link", name="Kestrel")).to_be_visible()
    assert not Play.objects.filter(name="Quiet account").exists()
    plan.get_by_role("button", name="Publish version 1").click()
    expect(page.get_by_text("It starts nothing until it is activated.")).to_be_visible()
    expect(page.get_by_text("2 business days")).to_be_visible()
    page.get_by_role("button", name="Activate").click()
    expect(page.get_by_text("Quiet account is active.")).to_be_visible()
    version = current(Play.objects.get(name="Quiet account"))
    assert version is not None
    assert version.trigger == {"fact": "active_users_30d", "operator": "lessThan", "value": 5}
    assert [step.config["title"] for step in version.steps.all()] == ["Call {account}", "{account} is quiet"]
