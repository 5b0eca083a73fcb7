"""A CSM reads why an account is mixed and what it works towards, and knows better for a while."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.workspace.queries import today
from retention.health.drafts import MeasureDraft
from retention.health.models import AccountHealth
from tests.browser.test_csm_journey import keep
from tests.retention.health.book import define_moods, feel, put, retire_shipped, settle, simple
from tests.retention.segments.book import sign

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
POLICY = "A person looks at it before anybody acts."


@pytest.fixture
def mixed(northwind: Account, pump: Any) -> Account:
    """Used a lot, and unhappy; won, and not onboarded yet."""
    retire_shipped()
    define_moods("mood", "voice")
    measures = [
        MeasureDraft(key, name, 50, {"fact": key, "marks": [[0, 0], [100, 100]]})
        for key, name in (("mood", "Usage"), ("voice", "Sentiment"))
    ]
    contradiction = {"one": ["mood"], "other": ["voice"], "high_from": 75, "low_below": 50, "policy": POLICY}
    put(simple(measures=measures, contradiction=contradiction), now())
    sign(northwind, 24_000, starts_on=today(now()))
    pump()
    feel(northwind, now(), mood=96, voice=10)
    pump()
    return northwind


def test_she_sees_mixed_signals_and_overrides_until_a_day(mixed: Account, sign_in: Callable[[str], Page]) -> None:
    page = sign_in("amelia")
    page.goto(f"/admin/accounts/account/{mixed.pk}/change/")
    health = page.get_by_role("region", name="Health", exact=True)
    expect(health).to_contain_text("Mixed signals.")
    expect(health).to_contain_text(POLICY)
    expect(page.get_by_text("Working towards").first).to_be_visible()
    expect(page.get_by_role("region", name="Lifecycle stage")).to_contain_text("Kickoff held")
    keep(page, "csm-mixed")

    page.get_by_role("link", name="Override health…").click()
    page.get_by_role("button", name="Cancel").click()
    expect(health).to_be_visible()
    page.get_by_role("link", name="Override health…").click()
    page.get_by_label("Band").select_option(label="Red")
    page.get_by_label("Why?").fill("Their sponsor told me that they look at somebody else.")
    page.get_by_label("Until").fill(f"{today(now()) + dt.timedelta(days=20)}")
    page.get_by_role("button", name="Override").click()
    expect(page.get_by_text("The computed score stays beside it.")).to_be_visible()
    expect(health).to_contain_text("Red by hand")
    expect(health).to_contain_text("Computed: Amber, 53 of 100.")
    keep(page, "csm-override")
    settle(now())
    row = AccountHealth.objects.get(account=mixed)
    assert (row.band, row.computed_band, row.score) == ("red", "amber", 53)
